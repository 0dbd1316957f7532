"""What everybody reads of the pilots' money, and what officers find of it on their home page."""

from __future__ import annotations

import uuid

from flask import Blueprint
from werkzeug.wrappers import Response as Answer

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.shop.orders.ports import Panel
from marketplace.web.html import render
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access
from vouchers.reports import queries
from vouchers.reports.listings import SUMMARIES
from vouchers.reports.pages.frame import uses
from vouchers.reports.words import BASES, STATUSES, TONES

spending = Blueprint("spending", __name__, url_prefix="/spending")
WATCHERS = frozenset({Role.PILOT, Role.CITY, Role.FINANCE, Role.PROVINCE, Role.AUDITOR})
SHOWN = 3
"""Pilots on the home page; the others are a click away."""


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
        uses=uses(report.rows),
        statuses=STATUSES,
        tones=TONES,
        bases=BASES,
    )


def home(ctx: Context) -> Panel | None:
    """Where the pilots within reach stand, on the home page of whoever answers for their money."""
    if ctx.actor is None or ctx.actor.role not in WATCHERS:
        return None
    page = queries.reports(ctx, order=queries.MOVED, limit=SHOWN)
    if not page.items:
        return None
    values = {"reports": page.items, "more": page.next_cursor is not None}
    return Panel("reports/home.html", values)
