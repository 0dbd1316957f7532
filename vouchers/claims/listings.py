"""Claims in lists: all within reach, and those on a reviewer's desk."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.orders.listings import acts_as, pilot_names, several_cities, several_pilots
from marketplace.shop.roster.listings import city_names
from marketplace.web.i18n import say, yuan
from marketplace.web.listings import Choice, Column, Day, Listing, Sort, Tick, Words
from vouchers.claims import queries
from vouchers.claims.permissions import REVIEW_CITY, REVIEW_PILOT, SUBMIT, SUBMIT_FOR
from vouchers.claims.queries import Filed
from vouchers.claims.states import CLAIM
from vouchers.claims.telling import clock
from vouchers.claims.verdicts import Check, Status
from vouchers.invoices.matters import Matter, id_of, many
from vouchers.ledger.states import ClaimState


@dataclass(frozen=True)
class Facts:
    """What a page of claims shows beside them: their orders or contracts, names, what waits, papers on a desk."""

    matters: Mapping[uuid.UUID, Matter]
    names: Mapping[uuid.UUID, str]
    pilots: Mapping[uuid.UUID, str]
    today: date
    next: Mapping[uuid.UUID, str] = field(default_factory=dict)
    checks: Mapping[uuid.UUID, list[Check]] = field(default_factory=dict)

    def title(self, filed: Filed) -> str | None:
        matter = self.matters.get(id_of(filed.form))
        return matter.title if matter else None

    def number(self, filed: Filed) -> str | None:
        matter = self.matters.get(id_of(filed.form))
        return matter.number if matter else None


def _next_of(ctx: Context, filed: Filed) -> str | None:
    """What whoever looks may do with a claim now."""
    state = filed.claim.state
    if state is ClaimState.SUBMITTED and ctx.may(REVIEW_PILOT, filed.form):
        return N_("初审")
    if state is ClaimState.REVIEWED and ctx.may(REVIEW_CITY, filed.form):
        return N_("复审")
    returned = state is ClaimState.RETURNED and queries.takes_payees_side(ctx, filed.form)
    return N_("按意见补正") if returned else None


def _beside(ctx: Context, rows: list[Filed]) -> Facts:
    forms = [row.form for row in rows]
    names = organisations.names(ctx, [party for form in forms for party in (form.enterprise_id, form.provider_id)])
    acts = {row.id: label for row in rows if (label := _next_of(ctx, row))}
    places = pilots.names(ctx, [form.pilot_id for form in forms])
    return Facts(many(ctx, forms), names, places, ctx.today, acts)


def _on_desk(ctx: Context, rows: list[Filed]) -> Facts:
    facts = _beside(ctx, rows)
    checks = queries.standing(ctx, [row.id for row in rows])
    return replace(facts, checks=checks)


def _show(filed: Filed) -> str:
    return url_for("claims.show", claim_id=filed.id)


def _review(filed: Filed) -> str:
    return url_for("claims.review", claim_id=filed.id)


def _act(filed: Filed) -> str:
    """Where the next thing is done."""
    if filed.claim.state is ClaimState.RETURNED:
        return url_for("claims.correct", claim_id=filed.id)
    return _review(filed)


def _clock(filed: Filed, facts: Facts) -> list[tuple[Text, str]]:
    found = clock(filed.form, facts.today)
    return [found] if found else []


def _until(filed: Filed, facts: Facts) -> str | None:
    """The day itself, beneath what is said of it."""
    form = filed.form
    if form.due_on is None:
        return form.paid_on.isoformat() if form.paid_on else None
    day = form.due_on.isoformat()
    return say(Text(N_("{day}（暂定）"), {"day": day})) if form.due_provisional else day


def _cut(filed: Filed, facts: Facts) -> str | None:
    """What was cut, or is proposed to be, beneath what is left of the claim."""
    if not filed.cut_fen:
        return None
    words = N_("初审拟核减 {amount}") if filed.decided_fen is None else N_("核减 {amount}")
    return say(Text(words, {"amount": yuan(filed.cut_fen)}))


def _papers(filed: Filed, facts: Facts) -> list[tuple[Text, str]]:
    """Whether the claim stands: three papers that agree, no dispute, no frozen voucher."""
    failed = sum(check.status is Status.FAIL for check in facts.checks.get(filed.id, []))
    return [(Text(N_("尚差 {count} 项"), {"count": failed}), "bad")] if failed else [(Text(N_("一致")), "ok")]


def _round(filed: Filed, facts: Facts) -> str | None:
    return say(Text(N_("第 {round} 次提交"), {"round": filed.form.round})) if filed.form.round > 1 else None


_PARTIES = [
    Column("order", N_("订单或合同编号"), "code", lambda filed, facts: facts.number(filed), hidden=True, filed=True),
    Column(
        "enterprise",
        N_("企业"),
        value=lambda filed, facts: None if filed.form.contract_id else facts.names.get(filed.form.enterprise_id),
        when=lambda ctx: not acts_as(ctx, Role.ENTERPRISE),
    ),
    Column(
        "provider",
        N_("服务商"),
        value=lambda filed, facts: facts.names.get(filed.form.provider_id),
        when=lambda ctx: not acts_as(ctx, Role.PROVIDER),
    ),
    Column("pilot", N_("所属试点"), value=lambda filed, facts: facts.pilots.get(filed.form.pilot_id), hidden=True),
]
_TIMES = [
    Column("clock", N_("办理时限"), "tags", value=_clock, under=_until),
    Column("form.due_on", N_("办理期限"), "day", hidden=True, filed=True),
]
_PLACES = [
    Choice("city", N_("所在市"), options=city_names, when=several_cities),
    Choice("pilot_id", N_("所属试点"), address="pilot", options=pilot_names, when=several_pilots),
]
_FIND = Words("words", N_("查找"), address="q", hint=N_("完整申请编号、订单或合同编号、单位名称"))

CLAIMS = Listing(
    "claims",
    N_("兑付申请"),
    rows=queries.listed,
    columns=[
        Column("form.number", N_("申请编号"), "code", link=_show, under=lambda filed, facts: facts.title(filed)),
        *_PARTIES,
        Column("asked_fen", N_("申请金额"), "money"),
        Column("cut_fen", N_("核减"), "money", hidden=True, filed=True),
        Column("decided_fen", N_("审定金额"), "money", under=_cut),
        Column("claim.state", N_("状态"), "state", lifecycle="claim"),
        *_TIMES,
        Column("form.paid_on", N_("付款日期"), "day", hidden=True, filed=True),
        Column("form.created_at", N_("提交时间"), "moment", hidden=True),
        Column(
            "next",
            N_("下一步"),
            "word",
            value=lambda filed, facts: facts.next.get(filed.id),
            link=_act,
            when=lambda ctx: any(ctx.may(permission) for permission in (SUBMIT, SUBMIT_FOR, REVIEW_PILOT, REVIEW_CITY)),
        ),
    ],
    filters=[
        Choice("state", N_("状态"), options=CLAIM.labels, tabs=True),
        _FIND,
        *_PLACES,
        Day("since", N_("提交日期自")),
        Day("until", N_("提交日期至")),
        Tick("overdue", N_("仅看已超期")),
    ],
    sorts=[
        Sort("newest", N_("最新提交"), queries.NEWEST),
        Sort("oldest", N_("最早提交"), queries.OLDEST),
    ],
    prepare=_beside,
    empty=N_("没有符合条件的兑付申请。"),
)

DESK = Listing(
    "claims-desk",
    N_("待审核的兑付申请"),
    rows=queries.waiting,
    columns=[
        Column("form.number", N_("申请编号"), "code", link=_review, under=lambda filed, facts: facts.title(filed)),
        *_PARTIES,
        Column("asked_fen", N_("申请金额"), "money"),
        Column(
            "cut_fen",
            N_("初审拟核减"),
            "money",
            when=lambda ctx: ctx.may(REVIEW_CITY),
        ),
        Column("papers", N_("三单核对"), "tags", value=_papers, under=_round),
        *_TIMES,
        Column("form.submitted_at", N_("提交时间"), "moment", hidden=True),
        Column("next", N_("下一步"), "word", value=lambda filed, facts: facts.next.get(filed.id), link=_review),
    ],
    filters=[_FIND, *_PLACES, Tick("overdue", N_("仅看已超期"))],
    sorts=[
        Sort("due", N_("先到期"), queries.OLDEST_DUE),
        Sort("oldest", N_("最早提交"), queries.OLDEST),
        Sort("newest", N_("最新提交"), queries.NEWEST),
    ],
    prepare=_on_desk,
    empty=N_("没有待审核的申请。"),
)
