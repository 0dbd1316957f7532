"""The pilot office buys by contract: a platform in two stages, a course of which half is given back, some that wait."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

from marketplace.base.context import Context
from marketplace.base.stage import Scene, Stage
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes.scenes import paper
from vouchers.contracts import actions
from vouchers.contracts.states import Method

WHY = "公共服务平台按批复的实施方案先行建设，企业改造订单正陆续下达。"
"""What the one who confirms writes where the engine warns."""


class Bought(NamedTuple):
    """A contract of the story, recorded so many days before the last; `then` is what the second person makes of it.

    `parts` are accepted: (days before the last, fen, what). `recalled` is given back: (days, fen, why).
    """

    key: str
    before: int
    category: str
    provider: int
    number: str
    title: str
    method: Method
    amount_fen: int
    total_fen: int
    lasts: int
    parts: tuple[tuple[int, int, str], ...] = ()
    recalled: tuple[int, int, str] | None = None
    then: str = "confirmed"


CONTRACTS = (
    Bought(
        "platform", 152, "platform", 3, "YX-CG-2301", "有色产业链数字化转型公共服务平台", Method.OPEN_TENDER,
        620_000_00, 780_000_00, 260,
        ((112, 260_000_00, "一期：企业上云门户与设备接入上线"), (17, 180_000_00, "二期：质量协同与能耗分析上线")),
    ),
    Bought(
        "course", 74, "services", 3, "YX-CG-2305", "中小企业数字化转型诊断与人才培训", Method.CONSULTATION,
        240_000_00, 240_000_00, 160,
        ((26, 80_000_00, "完成 40 家企业入户诊断"),),
        (21, 60_000_00, "第二期培训与市级课程合并，签订补充协议调减。"),
    ),
    Bought(
        "standard", 35, "services", 5, "YX-CG-2307", "两化融合管理体系贯标辅导", Method.INQUIRY,
        90_000_00, 90_000_00, 120, then="declined",
    ),
    Bought(
        "cloud", 6, "saas", 4, "YX-CG-2309", "工业互联网平台 SaaS 应用年度采购", Method.NEGOTIATION,
        150_000_00, 150_000_00, 200, then="proposed",
    ),
)  # fmt: skip


def scenes() -> list[Scene]:
    found = []
    for one in CONTRACTS:
        found.append(Scene(f"contract {one.key} recorded", one.before, _of(_record, one), hour=10))
        if one.then == "proposed":
            continue
        play = _confirm if one.then == "confirmed" else _decline
        found.append(Scene(f"contract {one.key} {one.then}", one.before - 2, _of(play, one), hour=11))
        for part in one.parts:
            found.append(Scene(f"contract {one.key} accepted", part[0], _of(_accept, one, part), hour=10))
        if one.recalled:
            found.append(Scene(f"contract {one.key} reduced", one.recalled[0], _of(_recall, one), hour=15))
    return found


def _of(play: Any, *given: Any) -> Any:
    return lambda stage: play(stage, *given)


def name(one: Bought) -> str:
    """Where the stage keeps a contract's id."""
    return f"contract:{one.key}"


def _record(stage: Stage, one: Bought) -> None:
    document = paper(stage, f"{one.title}合同", "pilot")

    def act(ctx: Context) -> uuid.UUID:
        return actions.record(
            ctx,
            stage.props["county_pilot"],
            category=one.category,
            provider_uscc=organisations.by_id(ctx, stage.props["providers"][one.provider - 1]).uscc,
            number=one.number,
            title=one.title,
            method=one.method,
            total_fen=one.total_fen,
            amount_fen=one.amount_fen,
            signed_on=ctx.today,
            last_day=stage.day(one.before - one.lasts),
            document_id=document,
        ).id

    stage.props[name(one)] = stage.act(act, "pilot")


def _confirm(stage: Stage, one: Bought) -> None:
    stage.act(lambda ctx: actions.confirm(ctx, stage.props[name(one)], reason=WHY), "finance")


def _decline(stage: Stage, one: Bought) -> None:
    reason = "与市级贯标服务内容重复，请核对后另行登记。"
    stage.act(lambda ctx: actions.decline(ctx, stage.props[name(one)], reason=reason), "finance")


def _accept(stage: Stage, one: Bought, part: tuple[int, int, str]) -> None:
    _, amount, content = part
    document = paper(stage, f"{one.number} 验收报告 {part[0]}", "pilot")
    stage.act(
        lambda ctx: actions.accept_part(
            ctx,
            stage.props[name(one)],
            amount_fen=amount,
            content=content,
            accepted_on=ctx.today,
            document_id=document,
            key=f"demo:{one.key}:{part[0]}",
        ),
        "pilot",
    )


def _recall(stage: Stage, one: Bought) -> None:
    assert one.recalled is not None
    _, amount, reason = one.recalled
    stage.act(
        lambda ctx: actions.recall(
            ctx, stage.props[name(one)], amount_fen=amount, reason=reason, key=f"demo:{one.key}:recall"
        ),
        "pilot",
    )
