"""Enterprises ask for a voucher: one has it, one was sent its form back, one waits at each desk."""

from __future__ import annotations

from typing import Any, NamedTuple

from marketplace.base.stage import Scene, Stage
from vouchers.requests import actions
from vouchers.requests.rules import Wish
from vouchers.requests.states import Verdict


class Asked(NamedTuple):
    """One request: the enterprise (from one), how many days before the last, what it wants, and how far it comes."""

    enterprise: int
    before: int
    wanted_fen: int
    planned_fen: int
    purpose: str
    verdicts: tuple[tuple[Verdict, int | None, str], ...] = ()


ASKED = (
    Asked(
        1, 52, 60_000_00, 180_000_00, "二期改造：仓储与发货环节上线条码管理，采购扫码终端和仓储软件。",
        ((Verdict.APPROVED, None, ""), (Verdict.APPROVED, 50_000_00, "一期券尚有余额，先按五万元发放。")),
    ),
    Asked(
        1, 11, 80_000_00, 200_000_00, "设备联网和能耗监测，先做两条产线。",
        ((Verdict.RETURNED, None, "请补充服务内容与报价依据。"),),
    ),
    Asked(7, 6, 40_000_00, 120_000_00, "财务与进销存上云，三年订阅。", ((Verdict.APPROVED, None, ""),)),
    Asked(10, 2, 100_000_00, 260_000_00, "排产软件与车间数据采集，覆盖全部四个车间。"),
)  # fmt: skip


def scenes() -> list[Scene]:
    found = []
    for number, one in enumerate(ASKED):
        found.append(Scene(f"voucher request {number}", one.before, _of(_submit, number, one), hour=9))
        for step, (desk, verdict) in enumerate(zip(("pilot", "city"), one.verdicts, strict=False)):
            play = _of(_review, number, (desk, verdict))
            found.append(Scene(f"voucher request {number} {desk}", one.before - 1 - step, play, hour=11))
    return found


def _of(play: Any, number: int, value: Any) -> Any:
    return lambda stage: play(stage, number, value)


def _submit(stage: Stage, number: int, one: Asked) -> None:
    wish = Wish(one.wanted_fen, one.planned_fen, one.purpose)
    made = stage.act(
        lambda ctx: actions.submit(ctx, stage.props["version"], wish=wish, promised=True),
        f"enterprise{one.enterprise}",
    )
    stage.props[f"voucher_request{number}"] = made.id


def _review(stage: Stage, number: int, said: tuple[str, tuple[Verdict, int | None, str]]) -> None:
    desk, (verdict, agreed, reason) = said
    notes = {"document": "请上传服务商的方案或报价单。"} if verdict is Verdict.RETURNED else {}
    stage.act(
        lambda ctx: actions.review(
            ctx,
            stage.props[f"voucher_request{number}"],
            verdict=verdict,
            agreed_fen=agreed,
            reason=reason,
            notes=notes,
        ),
        desk,
    )
