"""REST: levels, /api/v1/levels."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.paging import Key, Page, fetch
from marketplace.pilots.levels import actions, queries
from marketplace.pilots.levels.models import LevelRecord
from marketplace.pilots.levels.permissions import READ, RECORD
from marketplace.pilots.levels.schemas import LevelArgs, LevelSchema
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access

bp = ApiBlueprint("levels_api", __name__, url_prefix="/levels", description="Digital levels of enterprises")

NEWEST = [Key(LevelRecord.created_at, descending=True), Key(LevelRecord.id, descending=True)]


@bp.get("")
@access(READ)
@bp.arguments(LevelArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(LevelSchema))
def index(limit: int, cursor: str | None, **filters: Any) -> Page[Any]:
    """Recorded levels within reach, newest first."""
    ctx = reading()
    return fetch(ctx.session, queries.search(ctx, **filters), NEWEST, limit=limit, cursor=cursor)


@bp.get("/<uuid:record_id>")
@access(READ)
@bp.response(200, LevelSchema)
def show(record_id: uuid.UUID) -> LevelRecord:
    """One record."""
    return queries.get(reading(), record_id)


@bp.post("")
@access(RECORD)
@bp.arguments(LevelSchema, as_kwargs=True)
@bp.alt_response(201, schema=LevelSchema)
def record(**data: Any) -> Any:
    """Record the level of a member on the scale of its pilot's rule book."""
    return rest.do(LevelSchema, lambda ctx: actions.record(ctx, **data), status=201)
