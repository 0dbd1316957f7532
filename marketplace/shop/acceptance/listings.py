"""Renovations that wait for the city's judgement, and the judgements."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import url_for

from marketplace.base.clock import day_of
from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.acceptance import queries
from marketplace.shop.acceptance.models import Acceptance
from marketplace.shop.acceptance.states import RESULT
from marketplace.shop.orders.listings import pilot_names, several_pilots
from marketplace.shop.orders.models import Order
from marketplace.shop.roster.listings import city_names, several_cities
from marketplace.web.listings import Choice, Column, Day, Listing, Sort, Words


@dataclass(frozen=True)
class Facts:
    """What stands beside the rows of a page: names, and of judgements the orders."""

    today: date
    names: Mapping[uuid.UUID, str]
    pilots: Mapping[uuid.UUID, str]
    orders: Mapping[uuid.UUID, Order] = field(default_factory=dict)

    def waited(self, order: Order) -> int | None:
        """For how many days an order has waited since the enterprise confirmed it."""
        return (self.today - day_of(order.confirmed_at)).days if order.confirmed_at else None


def _facts(ctx: Context, rows: Sequence[Order | Acceptance]) -> Facts:
    return Facts(
        ctx.today,
        organisations.names(ctx, [party for row in rows for party in (row.enterprise_id, row.provider_id)]),
        pilots.names(ctx, [row.pilot_id for row in rows]),
        queries.orders_of(ctx, [row for row in rows if isinstance(row, Acceptance)]),
    )


_WORDS = Words("words", N_("查找"), address="q", hint=N_("订单编号、产品或单位名称"))
_PILOT = Choice("pilot_id", N_("所属试点"), address="pilot", options=pilot_names, when=several_pilots)

WAITING = Listing(
    "acceptances-waiting",
    N_("待验收"),
    rows=queries.waiting,
    columns=[
        Column(
            "title",
            N_("改造项目"),
            link=lambda order: url_for("acceptance.judge", order_id=order.id),
            under=lambda order, _: order.number,
        ),
        Column("number", N_("订单编号"), "code", hidden=True, filed=True),
        Column("enterprise", N_("企业"), value=lambda order, facts: facts.names.get(order.enterprise_id)),
        Column("provider", N_("服务商"), value=lambda order, facts: facts.names.get(order.provider_id)),
        Column("pilot", N_("所属试点"), value=lambda order, facts: facts.pilots.get(order.pilot_id), hidden=True),
        Column("total_fen", N_("金额"), "money"),
        Column("confirmed_at", N_("企业确认时间"), "moment"),
        Column("waited", N_("已等待（天）"), "count", value=lambda order, facts: facts.waited(order)),
    ],
    filters=[_WORDS, _PILOT],
    prepare=_facts,
    empty=N_("没有等待验收的项目。企业确认交付后，项目会出现在这里。"),
)

JUDGED = Listing(
    "acceptances",
    N_("验收结论"),
    rows=queries.listed,
    columns=[
        Column(
            "title",
            N_("改造项目"),
            value=lambda row, facts: facts.orders[row.order_id].title,
            link=lambda row: url_for("acceptance.show", acceptance_id=row.id),
            under=lambda row, facts: facts.orders[row.order_id].number,
        ),
        Column(
            "number",
            N_("订单编号"),
            "code",
            value=lambda row, facts: facts.orders[row.order_id].number,
            hidden=True,
            filed=True,
        ),
        Column("enterprise", N_("企业"), value=lambda row, facts: facts.names.get(row.enterprise_id)),
        Column("provider", N_("服务商"), value=lambda row, facts: facts.names.get(row.provider_id), hidden=True),
        Column("pilot", N_("所属试点"), value=lambda row, facts: facts.pilots.get(row.pilot_id), hidden=True),
        Column("points", N_("得分"), "count"),
        Column("level", N_("水平"), value=lambda row, _: f"{row.level_before or '—'} → {row.level_after}"),
        Column("round", N_("第几次验收"), "count", hidden=True),
        Column("result", N_("结论"), "state", lifecycle="acceptance"),
        Column("accepted_on", N_("日期"), "day"),
    ],
    filters=[
        Choice("result", N_("结论"), options=RESULT.labels, tabs=True),
        _WORDS,
        Choice("city", N_("所在市"), options=city_names, when=several_cities),
        _PILOT,
        Day("since", N_("验收日期自")),
        Day("until", N_("验收日期至")),
    ],
    sorts=[
        Sort("newest", N_("最新验收"), queries.NEWEST),
        Sort("oldest", N_("最早验收"), queries.OLDEST),
    ],
    prepare=_facts,
    empty=N_("没有符合条件的验收结论。"),
)
