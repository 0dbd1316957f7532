"""The report on the screen and as a workbook, and its public summaries."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response
from werkzeug.wrappers import Response as Answer

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.sheets import XLSX
from marketplace.base.text import N_
from marketplace.policy.engine import render as judged
from marketplace.shop.orders.ports import Panel
from marketplace.web import charts
from marketplace.web.html import render
from marketplace.web.i18n import language, say
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access
from vouchers.reports import permissions, queries, sheets
from vouchers.reports.listings import REPORTS, SUMMARIES
from vouchers.reports.words import BASES, STATUSES, TONES

bp = Blueprint("reports", __name__, url_prefix="/reports")
spending = Blueprint("spending", __name__, url_prefix="/spending")
WATCHERS = frozenset({Role.PILOT, Role.CITY, Role.FINANCE, Role.PROVINCE, Role.AUDITOR})
SHOWN = 3
"""Pilots on the home page; the others are a click away."""


@bp.get("/settlement")
@access(permissions.READ)
def index() -> str | Answer:
    """The pilots whose report this person may read."""
    return REPORTS.answer("reports/index.html")


@bp.get("/settlement/<uuid:pilot_id>")
@access(permissions.READ)
def settlement(pilot_id: uuid.UUID) -> str:
    """Where the money of a pilot stands, and what each rule of its book says."""
    ctx = reading()
    report = queries.settlement(ctx, pilot_id)
    lang = "en" if language() == "en" else "zh"
    checks = [judged.check_row(check, lang) for check in report.verdict.checks]
    return render(
        "reports/settlement.html",
        ctx=ctx,
        report=report,
        checks=checks,
        uses=_uses(report),
        lang=lang,
        statuses=STATUSES,
        tones=TONES,
        bases=BASES,
    )


@bp.get("/settlement/<uuid:pilot_id>.xlsx")
@access(permissions.READ)
def workbook(pilot_id: uuid.UUID) -> Response:
    """The same as a workbook."""
    report = queries.settlement(reading(), pilot_id)
    data = sheets.workbook(report, say, "en" if language() == "en" else "zh")
    name = f"settlement-{report.pilot.region}-{report.as_of:%Y%m%d}.xlsx"
    return Response(data, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@spending.get("")
@access(PUBLIC)
def summaries() -> str | Answer:
    """What everybody may know of the money of each pilot."""
    return SUMMARIES.answer("reports/summaries.html")


@spending.get("/<uuid:pilot_id>")
@access(PUBLIC)
def summary(pilot_id: uuid.UUID) -> str:
    """The same of one pilot: its sums by category, and the shares with their arithmetic."""
    ctx = reading()
    report = queries.summary(ctx, pilot_id)
    return render(
        "reports/summary.html",
        ctx=ctx,
        report=report,
        uses=_uses(report),
        statuses=STATUSES,
        tones=TONES,
        bases=BASES,
    )


def _uses(report: queries.Settlement) -> charts.Chart:
    """Where the money of each category stands: paid, promised and not yet paid, not yet promised."""
    english = language() == "en"
    return charts.stacked(
        say(N_("各用途的进度")),
        [say(N_("已支付")), say(N_("已承诺未支付")), say(N_("已安排未承诺"))],
        [
            (
                row.name_en if english else row.name_zh,
                [m.paid, max(m.committed - m.paid, 0), max(m.allotted - max(m.committed, m.paid), 0)],
            )
            for row in report.rows
            if (m := row.money)
        ],
        tones=("paid", "reserved", "available"),
        axis=say(N_("资金用途")),
    )


def home(ctx: Context) -> Panel | None:
    """Where the pilots within reach stand, on the home page of whoever answers for their money."""
    if ctx.actor is None or ctx.actor.role not in WATCHERS:
        return None
    page = queries.reports(ctx, limit=SHOWN)
    if not page.items:
        return None
    values = {"reports": page.items, "more": page.next_cursor is not None}
    return Panel("reports/home.html", values)
