"""Adjustments in a list."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.orders.listings import pilot_names, several_cities, several_pilots
from marketplace.shop.roster.listings import city_names
from marketplace.web.listings import Choice, Column, Listing, Sort
from vouchers.adjustments import queries
from vouchers.adjustments.models import Adjustment
from vouchers.adjustments.permissions import BOOK
from vouchers.adjustments.states import ADJUSTMENT, KINDS, AdjustmentState


@dataclass(frozen=True)
class Facts:
    """What a page of adjustments shows beside them."""

    pilots: Mapping[uuid.UUID, str]
    mine_to_decide: Collection[uuid.UUID]


def _facts(ctx: Context, rows: list[Adjustment]) -> Facts:
    waiting = {
        row.id
        for row in rows
        if row.state is AdjustmentState.PROPOSED
        and ctx.actor is not None
        and row.proposed_by != ctx.actor.person_id
        and ctx.may(BOOK, row)
    }
    return Facts(pilots.names(ctx, {row.pilot_id for row in rows}), waiting)


def _page(row: Adjustment) -> str:
    return url_for("adjustments.show", adjustment_id=row.id)


ADJUSTMENTS = Listing(
    "adjustments",
    N_("年终与更正"),
    rows=queries.listed,
    columns=[
        Column("kind", N_("事项"), "word", value=lambda row, _: KINDS[row.kind], link=_page),
        Column("pilot", N_("所属试点"), value=lambda row, facts: facts.pilots.get(row.pilot_id), when=several_pilots),
        Column("amount_fen", N_("金额"), "money"),
        Column("reason", N_("理由")),
        Column("bank_reference", N_("银行流水号"), "code", hidden=True, filed=True),
        Column("happened_on", N_("银行日期"), "day", hidden=True),
        Column("state", N_("状态"), "state", lifecycle="adjustment"),
        Column("created_at", N_("提出时间"), "moment"),
        Column("decided_at", N_("复核时间"), "moment", hidden=True),
        Column(
            "next",
            N_("下一步"),
            "word",
            value=lambda row, facts: N_("复核") if row.id in facts.mine_to_decide else None,
            link=_page,
            when=lambda ctx: ctx.may(BOOK),
        ),
    ],
    filters=[
        Choice("state", N_("状态"), options=ADJUSTMENT.labels, tabs=True),
        Choice("kind", N_("事项"), options=KINDS),
        Choice("city", N_("所在市"), options=city_names, when=several_cities),
        Choice("pilot_id", N_("所属试点"), address="pilot", options=pilot_names, when=several_pilots),
    ],
    sorts=[
        Sort("newest", N_("最新提出"), queries.NEWEST),
        Sort("oldest", N_("最早提出"), queries.OLDEST),
    ],
    prepare=_facts,
    empty=N_("还没有年终或更正事项。"),
)
