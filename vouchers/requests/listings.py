"""Requests in a list: an enterprise's own, or those an office has to look at."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.orders.listings import acts_as, pilot_names, several_cities, several_pilots
from marketplace.shop.roster.listings import city_names
from marketplace.web.listings import Choice, Column, Listing, Sort, Tick, Words
from vouchers.requests import queries
from vouchers.requests.models import VoucherRequest
from vouchers.requests.permissions import REVIEW_CITY, REVIEW_PILOT, SUBMIT
from vouchers.requests.states import DESKS, REQUEST, Desk, RequestState


@dataclass(frozen=True)
class Facts:
    """What a page of requests shows beside them."""

    names: Mapping[uuid.UUID, str]
    pilots: Mapping[uuid.UUID, str]
    next: Mapping[uuid.UUID, str]
    today: date


def _facts(ctx: Context, rows: list[VoucherRequest]) -> Facts:
    names = organisations.names(ctx, [row.enterprise_id for row in rows])
    acts = {row.id: label for row in rows if (label := next_of(ctx, row))}
    return Facts(names, pilots.names(ctx, [row.pilot_id for row in rows]), acts, ctx.today)


def next_of(ctx: Context, row: VoucherRequest) -> str | None:
    """What whoever looks can do with a request now, as a button says it."""
    if row.state is RequestState.RETURNED and ctx.may(SUBMIT, row):
        return N_("补正")
    desk = DESKS.get(row.state)
    may = {Desk.PILOT: REVIEW_PILOT, Desk.CITY: REVIEW_CITY}
    return N_("审核") if desk is not None and ctx.may(may[desk], row) else None


def _page(row: VoucherRequest) -> str:
    return url_for("requests.show", request_id=row.id)


def _act(row: VoucherRequest) -> str:
    where = "requests.correct" if row.state is RequestState.RETURNED else "requests.review"
    return url_for(where, request_id=row.id)


REQUESTS = Listing(
    "voucher-requests",
    N_("服务券申领"),
    rows=queries.listed,
    columns=[
        Column("number", N_("申领编号"), "code", link=_page),
        Column(
            "enterprise",
            N_("企业"),
            value=lambda row, facts: facts.names.get(row.enterprise_id),
            when=lambda ctx: not acts_as(ctx, Role.ENTERPRISE),
        ),
        Column("pilot", N_("所属试点"), value=lambda row, facts: facts.pilots.get(row.pilot_id), hidden=True),
        Column("wanted_fen", N_("申领面额"), "money"),
        Column("planned_fen", N_("计划投入"), "money", hidden=True),
        Column("granted_fen", N_("批准面额"), "money"),
        Column("state", N_("状态"), "state", lifecycle="voucher_request"),
        Column("due_on", N_("办理期限"), "day"),
        Column("submitted_at", N_("提交时间"), "moment", hidden=True),
        Column(
            "next",
            N_("下一步"),
            "word",
            value=lambda row, facts: facts.next.get(row.id),
            link=_act,
            when=lambda ctx: any(ctx.may(permission) for permission in (SUBMIT, REVIEW_PILOT, REVIEW_CITY)),
        ),
    ],
    filters=[
        Choice("state", N_("状态"), options=REQUEST.labels, tabs=True),
        Words("words", N_("查找"), address="q", hint=N_("完整申领编号")),
        Choice("city", N_("所在市"), options=city_names, when=several_cities),
        Choice("pilot_id", N_("所属试点"), address="pilot", options=pilot_names, when=several_pilots),
        Tick("overdue", N_("仅看已超期")),
    ],
    sorts=[
        Sort("newest", N_("最新提交"), queries.NEWEST),
        Sort("oldest", N_("最早提交"), queries.OLDEST),
    ],
    prepare=_facts,
    empty=N_("没有符合条件的服务券申领。"),
)
