"""REST: the list of providers, /api/v1/roster. Public."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.paging import Page
from marketplace.shop.roster import queries
from marketplace.shop.roster.queries import Listed
from marketplace.shop.roster.schemas import RosterArgs, RosterEntrySchema
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = ApiBlueprint("roster_api", __name__, url_prefix="/roster", description="Approved providers")


@bp.get("")
@access(PUBLIC)
@bp.arguments(RosterArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(RosterEntrySchema))
def index(**filters: Any) -> Page[Any]:
    """Approved providers, the newest first; without `state` those whose term holds today."""
    return queries.search(reading(), **filters)


@bp.get("/<uuid:entry_id>")
@access(PUBLIC)
@bp.response(200, RosterEntrySchema)
def show(entry_id: uuid.UUID) -> Listed:
    """One entry."""
    return queries.get(reading(), entry_id)


@bp.get("/certificates/<number>")
@access(PUBLIC)
@bp.response(200, RosterEntrySchema)
def certificate(number: str) -> Listed:
    """The entry of a certificate number."""
    return queries.by_certificate(reading(), number)
