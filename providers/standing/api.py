"""REST: measures against providers on the list, /api/v1/standing."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.paging import Page, cut
from marketplace.shop.roster import queries as roster
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access
from providers.standing import actions, queries
from providers.standing.permissions import MEASURE, READ
from providers.standing.schemas import MeasureSchema, TakeMeasureSchema

bp = ApiBlueprint("standing_api", __name__, url_prefix="/standing", description="Measures against providers")


@bp.get("/<uuid:entry_id>/measures")
@access(READ)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(MeasureSchema))
def measures(entry_id: uuid.UUID, limit: int, cursor: str | None) -> Page[Any]:
    """The measures of an entry of the list, the latest first."""
    ctx = reading()
    roster.get(ctx, entry_id)
    return cut(queries.of_entry(ctx, entry_id), limit=limit, cursor=cursor)


@bp.post("/<uuid:entry_id>/measures")
@access(MEASURE)
@bp.arguments(TakeMeasureSchema, as_kwargs=True)
@bp.alt_response(201, schema=MeasureSchema)
def take(entry_id: uuid.UUID, **said: Any) -> Any:
    """Warn, ask for rectification, suspend, lift or remove."""
    return rest.do(MeasureSchema, lambda ctx: actions.take(ctx, entry_id, **said), status=201)
