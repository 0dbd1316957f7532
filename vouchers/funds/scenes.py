"""The award is divided into budget lines."""

from __future__ import annotations

from marketplace.base.stage import Scene, Stage
from vouchers.funds import actions

LINES = {
    "county_pilot": {"renovation": 6_400_000_00, "platform": 900_000_00, "services": 500_000_00, "saas": 300_000_00},
    "zone_pilot": {"renovation": 5_000_000_00, "platform": 1_200_000_00, "network": 400_000_00},
}


def scenes() -> list[Scene]:
    return [Scene("the award is divided", 320, _divide)]


def _divide(stage: Stage) -> None:
    for pilot, lines in LINES.items():
        for category, amount in lines.items():
            stage.act(
                lambda ctx, pilot=pilot, category=category, amount=amount: actions.allot(
                    ctx, stage.props[pilot], category=category, amount_fen=amount, key=f"demo:{pilot}:{category}"
                ),
                "finance",
            )
