"""Openings in a list, and the rows of one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.people.accounts import queries as accounts
from marketplace.pilots.programmes import queries as pilots
from marketplace.policy.engine.rows import Kind
from marketplace.shop.orders.listings import pilot_names, several_cities, several_pilots
from marketplace.shop.roster.listings import city_names
from marketplace.web.listings import Choice, Column, Listing, Sort, Words
from vouchers.ledger.models.openings import Opening, OpeningRow
from vouchers.ledger.states import OpeningState
from vouchers.opening import queries
from vouchers.opening.permissions import PREPARE, RELEASE
from vouchers.opening.states import OPENING

KINDS = {
    Kind.COMMITTED: N_("承诺"),
    Kind.RELEASED: N_("核减"),
    Kind.PAID: N_("支付"),
    Kind.REFUND: N_("退回"),
}


@dataclass(frozen=True)
class Facts:
    """What a page of openings shows beside them: names, and what waits for whoever looks."""

    people: Mapping[uuid.UUID, str]
    pilots: Mapping[uuid.UUID, str]
    next: Mapping[uuid.UUID, str]


def next_of(ctx: Context, opening: Opening) -> str | None:
    """What whoever looks may do with an opening now; nobody releases what is their own."""
    mine = opening.maker_id == ctx.who.person_id
    if opening.state is OpeningState.SUBMITTED:
        return N_("复核入账") if not mine and ctx.may(RELEASE, opening) else None
    if opening.state in (OpeningState.DRAFT, OpeningState.RETURNED) and mine and ctx.may(PREPARE, opening):
        return N_("核对后提交")
    return None


def _beside(ctx: Context, rows: list[Opening]) -> Facts:
    return Facts(
        accounts.names(ctx, [person for row in rows for person in (row.maker_id, row.checker_id)]),
        pilots.names(ctx, [row.pilot_id for row in rows]),
        {row.id: label for row in rows if (label := next_of(ctx, row))},
    )


def _show(opening: Opening) -> str:
    return url_for("openings.show", opening_id=opening.id)


OPENINGS = Listing(
    "openings",
    N_("期初数据"),
    rows=queries.listed,
    columns=[
        Column("number", N_("编号"), "code", link=_show),
        Column("pilot", N_("试点"), value=lambda row, facts: facts.pilots.get(row.pilot_id)),
        Column("n", N_("行数"), "count"),
        Column("arranged", N_("已承诺"), "money"),
        Column("paid", N_("已支付"), "money"),
        Column("maker", N_("上传人"), value=lambda row, facts: facts.people.get(row.maker_id)),
        Column("created_at", N_("上传时间"), "moment"),
        Column("checker", N_("复核人"), value=lambda row, facts: facts.people.get(row.checker_id)),
        Column("released_on", N_("入账日期"), "day", hidden=True, filed=True),
        Column("state", N_("状态"), "state", lifecycle="opening"),
        Column(
            "next",
            N_("下一步"),
            "word",
            value=lambda row, facts: facts.next.get(row.id),
            link=_show,
            when=lambda ctx: ctx.may(PREPARE) or ctx.may(RELEASE),
        ),
    ],
    filters=[
        Choice("state", N_("状态"), options=OPENING.labels, tabs=True),
        Words("words", N_("查找"), address="q", hint=N_("完整编号")),
        Choice("city", N_("所在市"), options=city_names, when=several_cities),
        Choice("pilot_id", N_("所属试点"), address="pilot", options=pilot_names, when=several_pilots),
    ],
    sorts=[
        Sort("newest", N_("最新上传"), queries.NEWEST),
        Sort("oldest", N_("最早上传"), queries.OLDEST),
    ],
    prepare=_beside,
    empty=N_("没有期初数据。"),
)


def _uses(ctx: Context, rows: list[OpeningRow]) -> Mapping[str, Text]:
    """The categories of the pilot whose rows these are."""
    return pilots.categories(ctx, queries.get(ctx, rows[0].opening_id).pilot_id) if rows else {}


ROWS = Listing(
    "opening-rows",
    N_("期初明细"),
    rows=queries.rows,
    columns=[
        Column("number", N_("行"), "count"),
        Column("day", N_("日期"), "day"),
        Column("kind", N_("类型"), "word", value=lambda row, _: KINDS[Kind(row.kind)]),
        Column("category", N_("资金用途"), "word", value=lambda row, uses: uses.get(row.category, row.category)),
        Column("amount", N_("金额"), "money"),
        Column("contract", N_("合同编号"), "code", value=lambda row, _: row.contract or None),
        Column("enterprise", N_("企业代码"), "code", value=lambda row, _: row.enterprise or None),
        Column("provider", N_("服务商代码"), "code", value=lambda row, _: row.provider or None),
        Column("invoices", N_("发票号码"), "code", value=lambda row, _: row.invoices or None, hidden=True),
        Column("other_support", N_("其他财政支持"), value=lambda row, _: row.other_support or None, hidden=True),
        Column("key_link", N_("关键环节"), "word", value=lambda row, _: N_("是") if row.key_link else N_("否")),
        Column("level", N_("改造后水平")),
        Column("accepted", N_("验收日期"), "day"),
        Column("total", N_("合同金额"), "money", hidden=True),
    ],
    filters=[
        Choice("kind", N_("类型"), options=KINDS, tabs=True),
        Words("words", N_("查找"), address="q", hint=N_("完整合同编号、企业代码或服务商代码")),
    ],
    prepare=_uses,
    empty=N_("没有符合条件的行。"),
)
