"""The pilots with their money, for officers and for everybody; and the ledger lines behind the figures."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.text import N_, Bilingual, Text
from marketplace.people.regions import queries as regions
from marketplace.pilots.programmes import queries as pilots
from marketplace.pilots.programmes.models import Pilot
from marketplace.pilots.programmes.states import PILOT
from marketplace.policy.editions import queries as editions
from marketplace.shop.orders.listings import several_cities, several_pilots
from marketplace.web.listings import Choice, Column, Day, Listing, Same, Sort
from vouchers.funds.listings import SOURCES
from vouchers.reports import entries, queries, scopes, signing
from vouchers.reports.entries import Line
from vouchers.reports.queries import PUBLIC_STATES, Settlement
from vouchers.reports.words import BOOKED, STATUSES, TONES
from vouchers.wallets.states import MOVES

FLOOR = "share.renovation.floor"
CEILING = "share.other.ceiling"
STATES = {state: label for state, label in PILOT.labels.items() if state in PUBLIC_STATES}


def cities(ctx: Context) -> dict[str, Text]:
    """The cities by code."""
    return {region.code: region.label for region in regions.cities(ctx)}


def _share(code: str) -> Callable[[Settlement, Any], int | None]:
    def value(report: Settlement, _: Any) -> int | None:
        check = report.check(code, "award")
        return check.actual_share or 0 if check else None

    return value


def _status(code: str) -> Callable[[Settlement, Any], list[tuple[str, str]]]:
    def value(report: Settlement, _: Any) -> list[tuple[str, str]]:
        check = report.check(code, "award")
        return [(STATUSES[check.status], TONES[check.status])] if check else []

    return value


def _clause(code: str) -> Callable[[Settlement, Any], str | None]:
    def value(report: Settlement, _: Any) -> str | None:
        check = report.check(code, "award")
        return check.clause if check else None

    return value


def _columns(endpoint: str) -> Sequence[Column]:
    def leads(report: Settlement) -> str:
        return url_for(endpoint, pilot_id=report.pilot.id)

    return [
        Column("pilot.name", N_("试点"), link=leads),
        Column("pilot.state", N_("状态"), "state", lifecycle="pilot"),
        Column("pilot.approved_on", N_("批复日期"), "day", hidden=True),
        Column("fund.award", N_("奖补总额"), "money"),
        Column("fund.received", N_("已到位"), "money"),
        Column("total.committed", N_("已承诺"), "money"),
        Column("total.paid", N_("已支付"), "money"),
        Column("renovation", N_("改造占比"), "share", value=_share(FLOOR)),
        Column("floor", N_("改造份额"), "tags", value=_status(FLOOR), under=_clause(FLOOR)),
        Column("other", N_("其他用途占比"), "share", value=_share(CEILING)),
        Column("ceiling", N_("其他用途份额"), "tags", value=_status(CEILING), under=_clause(CEILING)),
    ]


FILTERS = [Choice("city", N_("所在市"), options=cities), Choice("state", N_("状态"), options=STATES)]

REPORTS = Listing(
    "reports",
    N_("结算报告"),
    rows=queries.reports,
    columns=_columns("reports.settlement"),
    filters=FILTERS,
    empty=N_("还没有已批复的试点。"),
)
SUMMARIES = Listing(
    "spending",
    N_("资金公开"),
    rows=queries.summaries,
    columns=_columns("spending.summary"),
    filters=FILTERS,
    empty=N_("还没有已批复的试点。"),
)


def _categories(ctx: Context) -> dict[str, Text]:
    """What the money of the pilots within reach may be spent for: names by code, from their books."""
    rows = ctx.session.execute(queries.visible(ctx).with_only_columns(Pilot.edition_id, Pilot.type).distinct()).all()
    books = editions.books(ctx, {row.edition_id for row in rows})
    kinds = [books[row.edition_id].types[row.type] for row in rows]
    return {c.code: Bilingual(c.name_zh, {}, c.name_en) for kind in kinds for c in kind.categories.values()}


def _sources(ctx: Context) -> dict[str, str]:
    return {source: SOURCES.get(source, source) for source in entries.sources(ctx)}


def _facts(ctx: Context, rows: Sequence[Line]) -> tuple[Mapping[uuid.UUID, str], Mapping[str, Text]]:
    """The names of pilots and of categories."""
    return pilots.names(ctx, [line.pilot_id for line in rows]), _categories(ctx)


def _pilot_name(ctx: Context, pilot_id: uuid.UUID) -> str:
    return pilots.names(ctx, [pilot_id]).get(pilot_id, str(pilot_id))


def _line_columns(kinds: Mapping[str, str]) -> list[Column]:
    return [
        Column("day", N_("日期"), "day"),
        Column("kind", N_("事项"), "word", value=lambda line, _: kinds.get(line.kind, line.kind)),
        Column("pilot", N_("试点"), value=lambda line, facts: facts[0].get(line.pilot_id), when=several_pilots),
        Column("category", N_("资金用途"), value=lambda line, facts: facts[1].get(line.category, line.category)),
        Column(
            "source", N_("资金来源"), "word", value=lambda line, _: SOURCES.get(line.source, line.source), hidden=True
        ),
        Column("id", N_("流水号"), "count", hidden=True, filed=True),
    ]


def _line_filters(figures: Mapping[str, str], kinds: Mapping[str, str], first: str) -> list[Any]:
    return [
        Choice("figure", N_("数字"), options=figures, tabs=True, default=first, nothing=N_("全部流水")),
        Same("pilot_id", N_("试点"), address="pilot", named=_pilot_name),
        Choice("city", N_("所在市"), options=cities, when=several_cities),
        Choice("batch_id", N_("批次"), address="batch", options=scopes.batches, when=several_pilots),
        Choice("source", N_("资金来源"), options=_sources),
        Choice("category", N_("资金用途"), options=_categories),
        Choice("kind", N_("事项"), options=kinds),
        Day("as_of", N_("截至日期")),
    ]


AMOUNT = Column("amount", N_("计入金额"), "money")
ENTRIES = Listing(
    "report-entries",
    N_("券与合同的流水"),
    rows=entries.entries,
    columns=[
        *_line_columns(MOVES),
        Column(
            "number",
            N_("券号或合同编号"),
            "code",
            link=lambda line: url_for("wallets.show", voucher_id=line.voucher_id) if line.voucher_id else None,
            under=lambda line, _: line.party,
        ),
        AMOUNT,
    ],
    filters=_line_filters(entries.FIGURES, MOVES, "committed"),
    prepare=_facts,
    empty=N_("没有这样的流水。"),
)
BOOKINGS = Listing(
    "report-bookings",
    N_("资金与额度的流水"),
    rows=entries.bookings,
    columns=[*_line_columns(BOOKED), AMOUNT],
    filters=_line_filters(entries.BOOKED_FIGURES, BOOKED, "received"),
    prepare=_facts,
    empty=N_("没有这样的流水。"),
)
SIGNED = Listing(
    "signed-reports",
    N_("已签署的报告"),
    statement=signing.listed,
    columns=[
        Column("as_of", N_("截至日期"), "day", link=lambda row: url_for("reports.signed", signed_id=row.id)),
        Column("pilot", N_("试点"), value=lambda row, names: names.get(row.pilot_id)),
        Column("version", N_("版本"), "count"),
        Column("created_at", N_("签署时间"), "moment"),
        Column("reason", N_("重新签署的理由")),
        Column("sha256", N_("内容摘要（SHA-256）"), "code", hidden=True, filed=True),
    ],
    filters=[
        Same("pilot_id", N_("试点"), address="pilot", named=_pilot_name),
        Choice("city", N_("所在市"), options=cities, when=several_cities),
    ],
    sorts=[Sort("newest", N_("最新签署"), signing.NEWEST)],
    prepare=lambda ctx, rows: pilots.names(ctx, [row.pilot_id for row in rows]),
    empty=N_("还没有签署过的报告。"),
)
