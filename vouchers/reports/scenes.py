"""The pilot office signs its report of a quarter."""

from __future__ import annotations

from datetime import timedelta

from marketplace.base.stage import Scene, Stage
from vouchers.reports import signing


def scenes() -> list[Scene]:
    return [Scene("a report is signed", 45, _sign), Scene("another report is signed", 9, _sign)]


def _sign(stage: Stage) -> None:
    stage.act(lambda ctx: signing.sign(ctx, stage.props["county_pilot"], as_of=ctx.today - timedelta(days=1)), "pilot")
