"""The report on the screen and as a workbook, and its public summaries."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, request

from marketplace.policy.engine import render as judged
from marketplace.web.html import render
from marketplace.web.i18n import language, say
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access
from vouchers.reports import permissions, queries, sheets
from vouchers.reports.words import BASES, STATUSES, TONES

bp = Blueprint("reports", __name__, url_prefix="/reports")
spending = Blueprint("spending", __name__, url_prefix="/spending")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/settlement")
@access(permissions.READ)
def index() -> str:
    """The pilots whose report this person may read."""
    ctx = reading()
    return render("reports/index.html", ctx=ctx, pilots=queries.pilots(ctx, cursor=request.args.get("cursor")))


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
def summaries() -> str:
    """What everybody may know of the money of each pilot."""
    ctx = reading()
    page = queries.summaries(ctx, cursor=request.args.get("cursor"))
    return render("reports/summaries.html", ctx=ctx, page=page, statuses=STATUSES, tones=TONES)


@spending.get("/<uuid:pilot_id>")
@access(PUBLIC)
def summary(pilot_id: uuid.UUID) -> str:
    """The same of one pilot: its sums by category, and the shares with their arithmetic."""
    ctx = reading()
    return render(
        "reports/summary.html",
        ctx=ctx,
        report=queries.summary(ctx, pilot_id),
        statuses=STATUSES,
        tones=TONES,
        bases=BASES,
    )
