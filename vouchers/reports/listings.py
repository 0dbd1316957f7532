"""The pilots with their money: for officers, and for everybody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.people.regions import queries as regions
from marketplace.pilots.programmes.states import PILOT
from marketplace.web.listings import Choice, Column, Listing
from vouchers.reports import queries
from vouchers.reports.queries import PUBLIC_STATES, Settlement
from vouchers.reports.words import STATUSES, TONES

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
