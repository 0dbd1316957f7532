"""The statement as a list, with its file."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.pilots.programmes import queries as pilots
from marketplace.web.listings import Choice, Column, Day, Listing
from vouchers.statements import queries
from vouchers.statements.queries import PAID, RETURNED, Movement

KINDS = {PAID: N_("收到付款"), RETURNED: N_("退回资金")}


def _pilots(ctx: Context, rows: list[Movement]) -> Mapping[uuid.UUID, str]:
    return pilots.names(ctx, [row.pilot_id for row in rows])


def _matter(row: Movement) -> str:
    if row.what == PAID:
        return url_for("claims.show", claim_id=row.matter_id)
    return url_for("recoveries.show", recovery_id=row.matter_id)


STATEMENT = Listing(
    "statement",
    N_("对账单"),
    rows=queries.listed,
    columns=[
        Column("day", N_("银行记账日"), "day"),
        Column("what", N_("事项"), "word", value=lambda row, _: KINDS[row.what]),
        Column("number", N_("申请或追回编号"), "code", link=_matter),
        Column("pilot", N_("试点"), value=lambda row, facts: facts.get(row.pilot_id)),
        Column("reference", N_("银行流水号"), "code"),
        Column("amount_fen", N_("金额"), "money"),
    ],
    filters=[
        Choice("what", N_("事项"), options=KINDS, tabs=True),
        Day("since", N_("记账日期自")),
        Day("until", N_("记账日期至")),
    ],
    prepare=_pilots,
    empty=N_("这段时间没有收付。"),
)
