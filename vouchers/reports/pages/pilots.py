"""The report of a pilot on the screen, as a workbook and on paper; what was signed of it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Response, stream_with_context, url_for
from werkzeug.wrappers import Response as Answer

from marketplace.base import papers
from marketplace.base.sheets import XLSX
from marketplace.base.text import N_
from marketplace.base.types import canonical
from marketplace.people.accounts import queries as people
from marketplace.policy.findings import queries as findings
from marketplace.policy.findings.telling import sentence
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import moment, say
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.funds.listings import SOURCES
from vouchers.reports import permissions, queries, rows, sheets, signing
from vouchers.reports.listings import REPORTS, SIGNED
from vouchers.reports.pages.frame import asked_day, bp, file, in_language, trend, uses
from vouchers.reports.paper import of_pilot, of_signed
from vouchers.reports.projection import kept
from vouchers.reports.schemas import SigningFormSchema
from vouchers.reports.words import BASES, METHOD, REACHED, STATUSES, TONES, Words


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
    asked = asked_day()
    whole = queries.whole(ctx, pilot_id, asked)
    report = whole.report
    open_cases, cases = findings.open_of(ctx, report.pilot.id)
    return render(
        "reports/settlement.html",
        ctx=ctx,
        report=report,
        uses=uses(report.rows),
        trend=trend(whole.months, report.award),
        arrivals=[(report, arrival) for arrival in whole.arrivals],
        sources=whole.sources,
        source_names=SOURCES,
        method=METHOD,
        reached=REACHED,
        would_keep=kept,
        asked=asked,
        cases=cases,
        open_cases=open_cases,
        sentence=sentence,
        signed=signing.of_pilot(ctx, report.pilot.id),
        may_sign=ctx.may(permissions.SIGN, report.pilot),
        statuses=STATUSES,
        tones=TONES,
        bases=BASES,
    )


@bp.get("/settlement/<uuid:pilot_id>.xlsx")
@access(permissions.READ)
def workbook(pilot_id: uuid.UUID) -> Response:
    """The same as a workbook."""
    whole = queries.whole(reading(), pilot_id, asked_day())
    data = sheets.workbook(sheets.of_pilot(whole, Words(say, in_language())))
    return file(data, XLSX, f"settlement-{whole.report.pilot.region}-{whole.report.as_of:%Y%m%d}.xlsx")


@bp.get("/settlement/<uuid:pilot_id>.pdf")
@access(permissions.READ)
def paper(pilot_id: uuid.UUID) -> Response:
    """The same to be signed and filed."""
    whole = queries.whole(reading(), pilot_id, asked_day())
    data = papers.pdf("settlement.typ", of_pilot(whole, Words(say, in_language())))
    return file(data, "application/pdf", f"settlement-{whole.report.pilot.region}-{whole.report.as_of:%Y%m%d}.pdf")


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
        form.values = {"as_of": (asked_day() or ctx.today - timedelta(days=1)).isoformat()}
    return render("reports/sign.html", ctx=ctx, report=report, form=form), form.status


@bp.get("/signed")
@access(permissions.READ)
def signed_reports() -> str | Answer:
    """The reports that were signed, the newest first."""
    return SIGNED.answer("reports/signed_reports.html")


@bp.get("/signed/<uuid:signed_id>")
@access(permissions.READ)
def signed(signed_id: uuid.UUID) -> str:
    """A report as it was signed, whether its digest still fits, and what differs from the version before."""
    ctx = reading()
    edition = signing.edition(ctx, signed_id)
    row = edition.row
    report = queries.settlement(ctx, row.pilot_id)
    return render(
        "reports/signed.html",
        ctx=ctx,
        row=row,
        report=report,
        whole=edition.whole,
        grouped=_grouped,
        source_names=SOURCES,
        signer=people.names(ctx, [row.signed_by]).get(row.signed_by, "—"),
        earlier=edition.earlier,
        differences=edition.changes,
        statuses=STATUSES,
        tones=TONES,
        bases=BASES,
    )


@bp.get("/signed/<uuid:signed_id>.json")
@access(permissions.READ)
def signed_content(signed_id: uuid.UUID) -> Response:
    """The very bytes whose digest was signed."""
    row = signing.get(reading(), signed_id)
    return file(canonical(row.content), "application/json", f"report-{row.as_of:%Y%m%d}-v{row.version}.json")


@bp.get("/settlement/<uuid:pilot_id>/rows.csv")
@access(permissions.READ)
def lines(pilot_id: uuid.UUID) -> Response:
    """The entries behind the report as a spending sheet, which `marketplace check` reads."""
    ctx = reading()
    report = queries.settlement(ctx, pilot_id, asked_day())
    pieces = stream_with_context(rows.csv(ctx, report.pilot.id, report.as_of))
    return file(pieces, "text/csv", f"rows-{report.pilot.region}-{report.as_of:%Y%m%d}.csv")


@bp.get("/settlement/<uuid:pilot_id>/pilot.toml")
@access(permissions.READ)
def description(pilot_id: uuid.UUID) -> Response:
    """The pilot's description that belongs to the sheet."""
    report = queries.settlement(reading(), pilot_id, asked_day())
    return file(rows.pilot_file(report.verdict.pilot), "application/toml", f"pilot-{report.pilot.region}.toml")


@bp.get("/signed/<uuid:signed_id>.pdf")
@access(permissions.READ)
def signed_paper(signed_id: uuid.UUID) -> Response:
    """What was signed, on paper: with version, digest, and lines for hands and seal."""
    ctx = reading()
    row = signing.get(ctx, signed_id)
    data = of_signed(
        row,
        queries.settlement(ctx, row.pilot_id),
        Words(say, in_language()),
        signer=people.names(ctx, [row.signed_by]).get(row.signed_by, "—"),
        signed_at=moment(row.created_at),
    )
    return file(papers.pdf("settlement.typ", data), "application/pdf", f"report-{row.as_of:%Y%m%d}-v{row.version}.pdf")


def _grouped(value: str | int) -> str:
    """An amount of the signed content as people read it; counts stay as they are."""
    return f"{Decimal(value):,.2f}" if isinstance(value, str) else str(value)
