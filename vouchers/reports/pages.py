"""The report on the screen and as a workbook, and its public summaries."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request, stream_with_context, url_for
from werkzeug.wrappers import Response as Answer

from marketplace.base import papers
from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.roles import Role
from marketplace.base.sheets import XLSX
from marketplace.base.text import N_
from marketplace.base.types import canonical
from marketplace.people.accounts import queries as people
from marketplace.policy.engine import render as judged
from marketplace.shop.orders.ports import Panel
from marketplace.web import charts
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import language, say
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access
from vouchers.funds.history import Month
from vouchers.reports import permissions, queries, rows, sheets, signing
from vouchers.reports.listings import REPORTS, SUMMARIES
from vouchers.reports.paper import paper_of
from vouchers.reports.schemas import SigningFormSchema
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
    """Where the money of a pilot stands or stood on a day, and what each rule of its book says."""
    ctx = reading()
    asked = _asked_day()
    report = queries.settlement(ctx, pilot_id, asked)
    lang = "en" if language() == "en" else "zh"
    checks = [judged.check_row(check, lang) for check in report.verdict.checks]
    return render(
        "reports/settlement.html",
        ctx=ctx,
        report=report,
        checks=checks,
        uses=_uses(report),
        trend=_trend(report, queries.trend(ctx, report)),
        arrivals=queries.arrivals(ctx, report),
        asked=asked,
        signed=signing.of_pilot(ctx, report.pilot.id),
        may_sign=ctx.may(permissions.SIGN, report.pilot),
        lang=lang,
        statuses=STATUSES,
        tones=TONES,
        bases=BASES,
    )


@bp.get("/settlement/<uuid:pilot_id>.xlsx")
@access(permissions.READ)
def workbook(pilot_id: uuid.UUID) -> Response:
    """The same as a workbook."""
    report = queries.settlement(reading(), pilot_id, _asked_day())
    data = sheets.workbook(report, say, "en" if language() == "en" else "zh")
    name = f"settlement-{report.pilot.region}-{report.as_of:%Y%m%d}.xlsx"
    return Response(data, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@bp.get("/settlement/<uuid:pilot_id>.pdf")
@access(permissions.READ)
def paper(pilot_id: uuid.UUID) -> Response:
    """The same to be signed and filed."""
    ctx = reading()
    report = queries.settlement(ctx, pilot_id, _asked_day())
    data = papers.pdf("settlement.typ", paper_of(ctx, report, say, "en" if language() == "en" else "zh"))
    return _file(data, "application/pdf", f"settlement-{report.pilot.region}-{report.as_of:%Y%m%d}.pdf")


@bp.route("/settlement/<uuid:pilot_id>/sign", methods=["GET", "POST"])
@access(permissions.SIGN)
def sign(pilot_id: uuid.UUID) -> Any:
    """Sign the report of a day."""
    form = Form(SigningFormSchema)
    if form.submitted and form.act(lambda ctx, data: signing.sign(ctx, pilot_id, **data)):
        return done(N_("已签署。"), url_for("reports.signed", signed_id=form.result.id))
    ctx = reading()
    report = queries.settlement(ctx, pilot_id)
    ctx.require(permissions.SIGN, report.pilot)
    if not form.submitted:
        form.values = {"as_of": (_asked_day() or ctx.today - timedelta(days=1)).isoformat()}
    return render("reports/sign.html", ctx=ctx, report=report, form=form), form.status


@bp.get("/signed/<uuid:signed_id>")
@access(permissions.READ)
def signed(signed_id: uuid.UUID) -> str:
    """A report as it was signed, whether its digest still fits, and what differs from the version before."""
    ctx = reading()
    row = signing.get(ctx, signed_id)
    earlier = signing.before(ctx, row)
    report = queries.settlement(ctx, row.pilot_id)
    return render(
        "reports/signed.html",
        ctx=ctx,
        row=row,
        report=report,
        whole=signing.digest_of(row.content) == row.sha256,
        grouped=_grouped,
        signer=people.names(ctx, [row.signed_by]).get(row.signed_by, "—"),
        earlier=earlier,
        differences=signing.differences(earlier, row) if earlier else [],
        statuses=STATUSES,
        tones=TONES,
        bases=BASES,
    )


@bp.get("/signed/<uuid:signed_id>.json")
@access(permissions.READ)
def signed_content(signed_id: uuid.UUID) -> Response:
    """The very bytes whose digest was signed."""
    row = signing.get(reading(), signed_id)
    return _file(canonical(row.content), "application/json", f"report-{row.as_of:%Y%m%d}-v{row.version}.json")


@bp.get("/settlement/<uuid:pilot_id>/rows.csv")
@access(permissions.READ)
def lines(pilot_id: uuid.UUID) -> Response:
    """The entries behind the report as a spending sheet, which `marketplace check` reads."""
    ctx = reading()
    report = queries.settlement(ctx, pilot_id, _asked_day())
    pieces = stream_with_context(rows.csv(ctx, report.pilot.id, report.as_of))
    return _file(pieces, "text/csv", f"rows-{report.pilot.region}-{report.as_of:%Y%m%d}.csv")


@bp.get("/settlement/<uuid:pilot_id>/pilot.toml")
@access(permissions.READ)
def description(pilot_id: uuid.UUID) -> Response:
    """The pilot's description that belongs to the sheet."""
    report = queries.settlement(reading(), pilot_id, _asked_day())
    return _file(rows.pilot_file(report.verdict.pilot), "application/toml", f"pilot-{report.pilot.region}.toml")


def _file(data: Any, kind: str, name: str) -> Response:
    return Response(data, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _grouped(value: str | int) -> str:
    """An amount of the signed content as people read it; counts stay as they are."""
    return f"{Decimal(value):,.2f}" if isinstance(value, str) else str(value)


def _asked_day() -> date | None:
    """The day that the reader asks for; none for today."""
    text = request.args.get("as_of", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        wrong = N_("“{value}”不是有效日期，请填写如 2024-03-01。")
        raise Refusal("report.no_day", wrong, field="as_of", value=text[:40]) from None


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


def _trend(report: queries.Settlement, months: list[Month]) -> charts.Chart:
    """How the money came, was promised and was paid, month by month, against the award."""
    return charts.line(
        say(N_("逐月累计")),
        [month.day for month in months],
        [
            (say(N_("已到位")), [month.received for month in months]),
            (say(N_("已承诺")), [month.committed for month in months]),
            (say(N_("已支付")), [month.paid for month in months]),
        ],
        limit=(say(N_("奖补总额")), report.award),
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
