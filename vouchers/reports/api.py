"""The report over REST, and its public summaries."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from marketplace.base.paging import Page
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access
from vouchers.reports import permissions, queries
from vouchers.reports.schemas import SettlementArgs, SettlementSchema, SpendingArgs, SpendingSchema

bp = ApiBlueprint("settlement_reports", __name__, url_prefix="/reports")
spending = ApiBlueprint(
    "spending_api", __name__, url_prefix="/spending", description="Public sums of each pilot's money"
)


@bp.get("/settlement/<uuid:pilot_id>")
@access(permissions.READ)
@bp.arguments(SettlementArgs, location="query", as_kwargs=True)
@bp.response(200, SettlementSchema)
def settlement(pilot_id: uuid.UUID, as_of: date | None = None) -> queries.Settlement:
    """Awarded, received, committed and paid by category, and each rule of the book with its clause."""
    return queries.settlement(reading(), pilot_id, as_of)


@spending.get("")
@access(PUBLIC)
@spending.arguments(SpendingArgs, location="query", as_kwargs=True)
@spending.response(200, page_of(SpendingSchema))
def summaries(**filters: Any) -> Page[queries.Settlement]:
    """Awarded, received, committed and paid of every approved pilot by category, with the shares; newest first."""
    return queries.summaries(reading(), **filters)


@spending.get("/<uuid:pilot_id>")
@access(PUBLIC)
@spending.response(200, SpendingSchema)
def summary(pilot_id: uuid.UUID) -> queries.Settlement:
    """The same of one pilot."""
    return queries.summary(reading(), pilot_id)
