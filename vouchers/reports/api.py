"""Reports over REST, the lines behind them, what was signed, and the public summaries."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from marketplace.base.paging import Page, fetch
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access
from vouchers.reports import entries, permissions, queries, scopes, signing
from vouchers.reports.schemas import (
    BookingArgs,
    EntryArgs,
    LedgerLineSchema,
    OverviewArgs,
    OverviewSchema,
    SettlementArgs,
    SettlementSchema,
    SignedArgs,
    SignedContentSchema,
    SignedSchema,
    SpendingArgs,
    SpendingSchema,
)  # fmt: skip

bp = ApiBlueprint("settlement_reports", __name__, url_prefix="/reports")
LINES = page_of(LedgerLineSchema)
spending = ApiBlueprint(
    "spending_api", __name__, url_prefix="/spending", description="Public sums of each pilot's money"
)


@bp.get("/settlement/<uuid:pilot_id>")
@access(permissions.READ)
@bp.arguments(SettlementArgs, location="query", as_kwargs=True)
@bp.response(200, SettlementSchema)
def settlement(pilot_id: uuid.UUID, as_of: date | None = None) -> queries.Whole:
    """Awarded, received, committed and paid by category, source and month, and each rule of the book with clause."""
    return queries.whole(reading(), pilot_id, as_of)


@bp.get("/overview")
@access(permissions.READ)
@bp.arguments(OverviewArgs, location="query", as_kwargs=True)
@bp.response(200, OverviewSchema)
def overview(**asked: Any) -> scopes.Overview:
    """The same summed over the pilots of a city, of a batch, or all within reach, with every pilot's own sums."""
    return scopes.overview(reading(), **asked)


@bp.get("/entries")
@access(permissions.READ)
@bp.arguments(EntryArgs, location="query", as_kwargs=True)
@bp.response(200, LINES)
def movements(**asked: Any) -> Page[entries.Line]:
    """The movements of vouchers and contracts behind a figure, newest first: they add up to it."""
    return entries.entries(reading(), **asked)


@bp.get("/bookings")
@access(permissions.READ)
@bp.arguments(BookingArgs, location="query", as_kwargs=True)
@bp.response(200, LINES)
def bookings(**asked: Any) -> Page[entries.Line]:
    """The movements of funds and their lines behind a figure, newest first: they add up to it."""
    return entries.bookings(reading(), **asked)


@bp.get("/signed")
@access(permissions.READ)
@bp.arguments(SignedArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(SignedSchema))
def signed_reports(limit: int, cursor: str | None, **asked: Any) -> Page[Any]:
    """The reports that were signed, newest first, with their digests."""
    ctx = reading()
    return fetch(ctx.session, signing.listed(ctx, **asked), signing.NEWEST, limit=limit, cursor=cursor)


@bp.get("/signed/<uuid:signed_id>")
@access(permissions.READ)
@bp.response(200, SignedContentSchema)
def signed(signed_id: uuid.UUID) -> signing.Edition:
    """A report as it was signed, whether it still has its digest, and what changed since the version before."""
    return signing.edition(reading(), signed_id)


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
