"""REST: programmes and batches, /api/v1/programmes."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.paging import Key, Page, cut, fetch
from marketplace.pilots.programmes import actions, queries
from marketplace.pilots.programmes.models import Programme
from marketplace.pilots.programmes.permissions import OPEN, PUBLISH
from marketplace.pilots.programmes.schemas import (
    OpenProgrammeBatchSchema,
    OpenProgrammeSchema,
    PilotShortlistSchema,
    ProgrammeBatchSchema,
    ProgrammeSchema,
    ShortlistNoticeSchema,
)
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = ApiBlueprint("programmes_api", __name__, url_prefix="/programmes", description="Programmes and their batches")


@bp.get("")
@access(PUBLIC)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(ProgrammeSchema))
def index(limit: int, cursor: str | None) -> Page[Any]:
    """Programmes, newest first."""
    keys = [Key(Programme.created_at, descending=True), Key(Programme.id, descending=True)]
    return fetch(reading().session, queries.all_programmes(), keys, limit=limit, cursor=cursor)


@bp.post("")
@access(OPEN)
@bp.arguments(OpenProgrammeSchema, as_kwargs=True)
@bp.alt_response(201, schema=ProgrammeSchema)
def open_programme(**data: Any) -> Any:
    """Open a programme; its industry department is the organisation acted for."""
    return rest.do(ProgrammeSchema, lambda ctx: actions.open_programme(ctx, **data), status=201)


@bp.get("/<uuid:programme_id>")
@access(PUBLIC)
@bp.response(200, ProgrammeSchema)
def show(programme_id: uuid.UUID) -> Programme:
    """One programme."""
    return queries.programme(reading(), programme_id)


@bp.get("/<uuid:programme_id>/batches")
@access(PUBLIC)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(ProgrammeBatchSchema))
def batches(programme_id: uuid.UUID, limit: int, cursor: str | None) -> Page[Any]:
    """The batches of a programme, newest first."""
    ctx = reading()
    return cut(queries.batches(ctx, queries.programme(ctx, programme_id).id), limit=limit, cursor=cursor)


@bp.post("/<uuid:programme_id>/batches")
@access(OPEN)
@bp.arguments(OpenProgrammeBatchSchema, as_kwargs=True)
@bp.alt_response(201, schema=ProgrammeBatchSchema)
def open_batch(programme_id: uuid.UUID, **data: Any) -> Any:
    """Open the next batch of a programme."""
    return rest.do(ProgrammeBatchSchema, lambda ctx: actions.open_batch(ctx, programme_id, **data), status=201)


@bp.post("/batches/<uuid:batch_id>/shortlist")
@access(PUBLISH)
@bp.arguments(PilotShortlistSchema, as_kwargs=True)
@bp.alt_response(201, schema=ShortlistNoticeSchema)
def publish(batch_id: uuid.UUID, pilot_ids: list[uuid.UUID] | None) -> Any:
    """Publish the shortlist of a batch as a public notice."""
    return rest.do(ShortlistNoticeSchema, lambda ctx: actions.publish_shortlist(ctx, batch_id, pilot_ids), status=201)
