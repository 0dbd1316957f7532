"""The orders of either side, and of those who watch them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.orders import queries, story
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import MODES, ORDER
from marketplace.shop.roster.listings import city_names, several_cities
from marketplace.web.listings import Choice, Column, Day, Listing, Sort, Words

__all__ = ["ORDERS", "Facts", "acts_as", "pilot_names", "several_cities", "several_pilots"]


def several_pilots(ctx: Context) -> bool:
    """Whether this person looks after more pilots than one: firms look at their own, an office has one."""
    actor = ctx.actor
    return actor is not None and actor.pilot_id is None and actor.region is not None


def pilot_names(ctx: Context) -> Mapping[uuid.UUID, str]:
    """The pilots within reach, by id."""
    return dict(pilots.staffed(ctx))


def acts_as(ctx: Context, *roles: Role) -> bool:
    """Whether this person acts in one of these roles."""
    return ctx.actor is not None and ctx.actor.role in roles


@dataclass(frozen=True)
class Facts:
    """What a page of orders shows beside the orders: names, and what waits for whoever looks."""

    names: Mapping[uuid.UUID, str]
    pilots: Mapping[uuid.UUID, str]
    next: Mapping[uuid.UUID, str]


def _facts(ctx: Context, rows: list[Order]) -> Facts:
    acts = {order.id: found.label for order in rows if (found := story.next_of(ctx, order))}
    names = organisations.names(ctx, [party for order in rows for party in (order.enterprise_id, order.provider_id)])
    return Facts(names, pilots.names(ctx, [order.pilot_id for order in rows]), acts)


def _page(order: Order) -> str:
    return url_for("orders.show", order_id=order.id)


ORDERS = Listing(
    "orders",
    N_("订单"),
    rows=queries.listed,
    columns=[
        Column("title", N_("产品"), link=_page, under=lambda order, _: order.number),
        Column("number", N_("订单编号"), "code", hidden=True, filed=True),
        Column(
            "enterprise",
            N_("企业"),
            value=lambda o, facts: facts.names.get(o.enterprise_id),
            when=lambda ctx: not acts_as(ctx, Role.ENTERPRISE),
        ),
        Column(
            "provider",
            N_("服务商"),
            value=lambda o, facts: facts.names.get(o.provider_id),
            when=lambda ctx: not acts_as(ctx, Role.PROVIDER),
        ),
        Column("pilot", N_("所属试点"), value=lambda o, facts: facts.pilots.get(o.pilot_id), hidden=True),
        Column("total_fen", N_("金额"), "money"),
        Column("subsidy_fen", N_("其中用券"), "money", value=lambda o, _: o.subsidy_fen if o.voucher_id else None),
        Column("mode", N_("兑付方式"), "word", value=lambda o, _: MODES[o.mode], hidden=True),
        Column("state", N_("状态"), "state", lifecycle="order"),
        Column("created_at", N_("下单时间"), "moment"),
        Column("confirmed_at", N_("企业确认时间"), "moment", hidden=True),
        Column(
            "next",
            N_("下一步"),
            "word",
            value=lambda order, facts: facts.next.get(order.id),
            link=_page,
            when=lambda ctx: acts_as(ctx, Role.ENTERPRISE, Role.PROVIDER),
        ),
    ],
    filters=[
        Choice("state", N_("状态"), options=ORDER.labels, tabs=True),
        Words("words", N_("查找"), address="q", hint=N_("订单编号、产品或单位名称")),
        Choice("city", N_("所在市"), options=city_names, when=several_cities),
        Choice("pilot_id", N_("所属试点"), address="pilot", options=pilot_names, when=several_pilots),
        Day("since", N_("下单日期自")),
        Day("until", N_("下单日期至")),
    ],
    sorts=[
        Sort("newest", N_("最新下单"), queries.NEWEST),
        Sort("oldest", N_("最早下单"), queries.OLDEST),
    ],
    prepare=_facts,
    empty=N_("没有符合条件的订单。"),
)
