"""The lists of an office, and the rows of one with what in them fits the orders of today."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.paging import Key
from marketplace.base.text import N_, Text
from marketplace.oversight.grants import queries
from marketplace.oversight.grants.models import GrantList, GrantRow
from marketplace.oversight.grants.queries import Match
from marketplace.oversight.grants.states import GRANT_LIST, LIKENESS, TONES, Likeness
from marketplace.people.regions import queries as regions
from marketplace.web.i18n import say
from marketplace.web.listings import Choice, Column, Listing, Sort, Words

NEWEST = [Key(GrantList.created_at, descending=True), Key(GrantList.id, descending=True)]
KNOWN = {True: N_("已在平台登记"), False: N_("未在平台登记")}
_CLOSEST = {likeness: place for place, likeness in enumerate(Likeness)}


def _regions(ctx: Context, rows: Sequence[GrantList]) -> dict[str, Text]:
    return {code: regions.get(ctx, code).label for code in {row.region for row in rows}}


GRANT_LISTS = Listing(
    "grant-lists",
    N_("其他资金扶持名单"),
    statement=queries.search,
    columns=[
        Column(
            "programme",
            N_("资金名称"),
            link=lambda row: url_for("grants.show", list_id=row.id),
            under=lambda row, _: row.filename,
        ),
        Column("region", N_("比对范围"), "word", value=lambda row, names: names[row.region]),
        Column("rows", N_("行数"), "count"),
        Column("created_at", N_("导入时间"), "moment"),
        Column("state", N_("状态"), "state", lifecycle="grant_list", under=lambda row, _: row.reason or None),
    ],
    filters=[
        Choice("state", N_("状态"), options=GRANT_LIST.labels, tabs=True),
        Words("words", N_("资金或文件名"), address="q"),
    ],
    sorts=[
        Sort("newest", N_("最新"), [Key(GrantList.created_at, descending=True), Key(GrantList.id, descending=True)])
    ],
    prepare=_regions,
    empty=N_("还没有导入名单。"),
)


def _matches(ctx: Context, rows: Sequence[GrantRow]) -> dict[uuid.UUID, Match]:
    """The closest match of each row of a page."""
    found: dict[uuid.UUID, Match] = {}
    for match in queries.matches(ctx, row_ids=[row.id for row in rows]) if rows else ():
        known = found.get(match.row_id)
        if known is None or _CLOSEST[match.likeness] < _CLOSEST[known.likeness]:
            found[match.row_id] = match
    return found


def _result(row: GrantRow, found: dict[uuid.UUID, Match]) -> list[tuple[str, str]]:
    match = found.get(row.id)
    if match is not None:
        return [(LIKENESS[match.likeness], TONES[match.likeness])]
    return [(N_("无匹配订单"), "quiet")] if row.enterprise_id else [(KNOWN[False], "quiet")]


def _order(row: GrantRow, found: dict[uuid.UUID, Match]) -> str | None:
    match = found.get(row.id)
    return say(Text(N_("订单 {number}"), {"number": match.order_number})) if match else None


GRANT_ROWS = Listing(
    "grant-rows",
    N_("名单内容"),
    statement=queries.rows,
    columns=[
        Column("number", N_("行"), "count"),
        Column("name", N_("企业"), under=lambda row, _: row.uscc or None),
        Column("uscc", N_("统一社会信用代码"), "code", hidden=True, filed=True),
        Column("project", N_("名单中的项目"), under=lambda row, _: row.contract or None),
        Column("contract", N_("合同编号"), "code", hidden=True, filed=True),
        Column("programme", N_("资金名称"), hidden=True, filed=True),
        Column("amount_fen", N_("金额"), "money"),
        Column("granted_on", N_("日期"), "day"),
        Column("result", N_("比对结果"), "tags", value=_result, under=_order),
    ],
    filters=[
        Choice("known", N_("企业"), options=KNOWN, tabs=True),
        Words("words", N_("企业、代码、项目或合同"), address="q"),
    ],
    sorts=[Sort("number", N_("行号"), [Key(GrantRow.number), Key(GrantRow.id)])],
    prepare=_matches,
    empty=N_("没有符合条件的行。"),
)
