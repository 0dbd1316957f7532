"""Recoveries in a list, and the paid claims of which one may be opened."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.orders.listings import pilot_names, several_cities, several_pilots
from marketplace.shop.roster.listings import city_names
from marketplace.web.listings import Choice, Column, Listing, Sort, Tick, Words
from vouchers.recoveries import queries
from vouchers.recoveries.models import Recovery
from vouchers.recoveries.permissions import OPEN
from vouchers.recoveries.queries import Paid
from vouchers.recoveries.states import GROUNDS, RECOVERY, RecoveryState


@dataclass(frozen=True)
class Facts:
    """What a page of recoveries shows beside them: names, claims, and today."""

    names: Mapping[uuid.UUID, str]
    pilots: Mapping[uuid.UUID, str]
    claims: Mapping[uuid.UUID, str]
    today: date


def _facts(ctx: Context, rows: list[Recovery]) -> Facts:
    return Facts(
        organisations.names(ctx, [row.debtor_id for row in rows]),
        pilots.names(ctx, [row.pilot_id for row in rows]),
        queries.claim_numbers(ctx, [row.claim_id for row in rows]),
        ctx.today,
    )


def due(row: Recovery) -> date | None:
    """The day that counts now: until then it is answered, or paid back."""
    if row.state is RecoveryState.OPENED and row.answered_at is None:
        return row.answer_by
    return row.pay_by if row.state is RecoveryState.DEMANDED else None


def _late(row: Recovery, facts: Facts) -> list[tuple[Text | str, str]]:
    day = due(row)
    if day is None:
        return []
    late = day < facts.today
    what = N_("已逾期，最迟 {day}") if late else N_("最迟 {day}")
    return [(Text(what, {"day": day}), "bad" if late else "warn")]


def _show(row: Recovery) -> str:
    return url_for("recoveries.show", recovery_id=row.id)


RECOVERIES = Listing(
    "recoveries",
    N_("追回"),
    rows=queries.listed,
    columns=[
        Column("number", N_("追回编号"), "code", link=_show),
        Column("debtor", N_("退款单位"), value=lambda row, facts: facts.names.get(row.debtor_id)),
        Column("claim", N_("申请编号"), "code", value=lambda row, facts: facts.claims.get(row.claim_id)),
        Column("pilot", N_("所属试点"), value=lambda row, facts: facts.pilots.get(row.pilot_id), hidden=True),
        Column("ground", N_("追回依据"), "word", value=lambda row, _: GROUNDS[row.ground]),
        Column("amount_fen", N_("应追回"), "money"),
        Column("received_fen", N_("已到账"), "money"),
        Column("left_fen", N_("尚欠"), "money", hidden=True, filed=True),
        Column("state", N_("状态"), "state", lifecycle="recovery"),
        Column("due", N_("期限"), "tags", value=_late),
        Column("pay_by", N_("退款期限"), "day", hidden=True, filed=True),
    ],
    filters=[
        Choice("state", N_("状态"), options=RECOVERY.labels, tabs=True),
        Words("words", N_("查找"), address="q", hint=N_("完整追回编号、申请编号或退款单位")),
        Choice("city", N_("所在市"), options=city_names, when=several_cities),
        Choice("pilot_id", N_("所属试点"), address="pilot", options=pilot_names, when=several_pilots),
        Tick("overdue", N_("仅看逾期未退的")),
    ],
    sorts=[
        Sort("newest", N_("最新发起"), queries.NEWEST),
        Sort("oldest", N_("最早发起"), queries.OLDEST),
    ],
    prepare=_facts,
    empty=N_("没有追回。"),
)


def _open(row: Paid) -> str:
    return url_for("recoveries.new", claim_id=row.id)


PAID_CLAIMS = Listing(
    "paid-claims",
    N_("已付款的申请"),
    rows=queries.paid_claims,
    columns=[
        Column("form.number", N_("申请编号"), "code", link=lambda row: url_for("claims.show", claim_id=row.id)),
        Column("payee", N_("收款单位")),
        Column("form.paid_on", N_("付款日期"), "day"),
        Column("paid_fen", N_("已付款"), "money"),
        Column("room_fen", N_("可追回"), "money"),
        Column(
            "next",
            N_("下一步"),
            "word",
            value=lambda row, _: N_("发起追回"),
            link=_open,
            when=lambda ctx: ctx.may(OPEN),
        ),
    ],
    filters=[Words("words", N_("查找"), address="q", hint=N_("完整申请编号或收款单位"))],
    empty=N_("没有可以追回的付款。"),
)
