"""The report over several pilots: of the province, a city, a batch."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, request

from marketplace.base import papers
from marketplace.base.sheets import XLSX
from marketplace.web.html import render
from marketplace.web.i18n import say
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.funds.listings import SOURCES
from vouchers.reports import paper, permissions, scopes, sheets
from vouchers.reports.listings import cities
from vouchers.reports.pages.frame import asked_day, bp, file, in_language, trend, uses
from vouchers.reports.words import BASES, STATUSES, TONES, Words


@bp.get("/overview")
@access(permissions.READ)
def overview() -> str:
    """Where the money of several pilots stands or stood on a day, and how many keep each rule."""
    ctx = reading()
    args = _args()
    found = scopes.overview(ctx, **args)
    return render(
        "reports/overview.html",
        ctx=ctx,
        overview=found,
        asked=args,
        kept={"city": found.city, "batch": args["batch_id"], "as_of": args["as_of"]},
        uses=uses(found.rows),
        trend=trend(found.months, found.award),
        cities=cities(ctx),
        batches=scopes.batches(ctx),
        source_names=SOURCES,
        statuses=STATUSES,
        tones=TONES,
        bases=BASES,
    )


@bp.get("/overview.xlsx")
@access(permissions.READ)
def overview_workbook() -> Response:
    """The same as a workbook."""
    found = scopes.overview(reading(), **_args())
    data = sheets.workbook(sheets.of_several(found, Words(say, in_language())))
    return file(data, XLSX, f"overview-{found.as_of:%Y%m%d}.xlsx")


@bp.get("/overview.pdf")
@access(permissions.READ)
def overview_paper() -> Response:
    """The same to be signed and filed."""
    found = scopes.overview(reading(), **_args())
    data = papers.pdf("overview.typ", paper.of_several(found, Words(say, in_language())))
    return file(data, "application/pdf", f"overview-{found.as_of:%Y%m%d}.pdf")


def _args() -> dict[str, Any]:
    """What the address asks for; what cannot be read is not asked."""
    try:
        batch_id = uuid.UUID(request.args.get("batch", ""))
    except ValueError:
        batch_id = None
    return {"city": request.args.get("city", "")[:6] or None, "batch_id": batch_id, "as_of": asked_day()}
