"""The pilot's account bears interest: recorded, once wrongly and set right, remitted; and money that stays."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

from sqlalchemy import func, select

from marketplace.base.context import Context
from marketplace.base.stage import Scene, Stage
from marketplace.pilots.programmes.scenes import paper
from vouchers.adjustments import actions
from vouchers.adjustments.states import Kind
from vouchers.funds import queries as funds
from vouchers.ledger.models.funds import FundEntry


class Planned(NamedTuple):
    """One adjustment of the story, proposed so many days before the last by `maker`; `then` is what the other made."""

    key: str
    before: int
    kind: Kind
    amount_fen: int
    reference: str
    reason: str
    then: str = "booked"
    maker: str = "finance"
    answer: str = ""


ADJUSTMENTS = (
    Planned("first", 96, Kind.INTEREST, 12_386_40, "LX-20230921-07", "专户第三季度结息。"),
    Planned("wrong", 33, Kind.INTEREST, 18_520_00, "LX-20231221-03", "专户第四季度结息。", maker="finance2"),
    Planned("undo", 30, Kind.CORRECT, 0, "", "结息单为 15,820.00 元，登记时数字颠倒，冲回后重新登记。"),
    Planned("right", 30, Kind.INTEREST, 15_820_00, "LX-20231221-03", "专户第四季度结息，按结息单重新登记。"),
    Planned(
        "back", 21, Kind.RETURN, 10_000_00, "JH-20240103-01", "第一批企业改造验收后有结余。", "declined",
        answer="第二批企业的服务券尚未发放，暂不交回。",
    ),
    Planned("remit", 2, Kind.REMIT, 12_386_40, "SJ-20240115-02", "按季上缴第三季度利息。", "proposed"),
)  # fmt: skip


def scenes() -> list[Scene]:
    found = []
    for one in ADJUSTMENTS:
        hour = 14 if one.key == "right" else 10
        found.append(Scene(f"adjustment {one.key} proposed", one.before, _of(_propose, one), hour=hour))
        if one.then != "proposed":
            found.append(Scene(f"adjustment {one.key} {one.then}", one.before, _of(_decide, one), hour=hour + 1))
    return found


def _of(play: Any, one: Planned) -> Any:
    return lambda stage: play(stage, one)


def _name(one: Planned) -> str:
    return f"adjustment:{one.key}"


def _propose(stage: Stage, one: Planned) -> None:
    pilot_id = stage.props["county_pilot"]
    said: dict[str, Any] = {}
    if one.kind is Kind.CORRECT:
        said["entry_id"] = stage.act(lambda ctx: _last_interest(ctx, pilot_id), one.maker)
    else:
        document = paper(stage, f"银行凭证 {one.reference} {one.key}", one.maker)
        said = {
            "amount_fen": one.amount_fen,
            "happened_on": stage.now_day,
            "bank_reference": one.reference,
            "document_id": document,
        }
    made = stage.act(lambda ctx: actions.propose(ctx, pilot_id, kind=one.kind, reason=one.reason, **said), one.maker)
    stage.props[_name(one)] = made.id


def _last_interest(ctx: Context, pilot_id: uuid.UUID) -> int:
    fund = funds.governed(ctx, pilot_id)
    last = select(func.max(FundEntry.id)).where(FundEntry.fund_id == fund.id, FundEntry.kind == "interest")
    return int(ctx.session.scalar(last) or 0)


def _decide(stage: Stage, one: Planned) -> None:
    other = "finance2" if one.maker == "finance" else "finance"
    made_id = stage.props[_name(one)]
    if one.then == "booked":
        stage.act(lambda ctx: actions.book(ctx, made_id), other)
    else:
        stage.act(lambda ctx: actions.decline(ctx, made_id, reason=one.answer), other)
