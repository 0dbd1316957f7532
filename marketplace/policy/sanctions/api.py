"""REST: bans, /api/v1/sanctions."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.paging import Key, Page, fetch
from marketplace.policy.sanctions import actions, queries
from marketplace.policy.sanctions.models import Ban
from marketplace.policy.sanctions.permissions import IMPOSE
from marketplace.policy.sanctions.schemas import BanArgs, BanImpositionSchema, BanLiftingSchema, BanSchema
from marketplace.policy.sanctions.states import Subject
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = ApiBlueprint("sanctions_api", __name__, url_prefix="/sanctions", description="Bans from applying")

NEWEST = [Key(Ban.created_at, descending=True), Key(Ban.id, descending=True)]


@bp.get("")
@access(PUBLIC)
@bp.arguments(BanArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(BanSchema))
def index(limit: int, cursor: str | None, subject_kind: Subject | None, subject_id: str | None) -> Page[Any]:
    """Bans that hold today; officers also see those that have ended or were lifted."""
    ctx = reading()
    statement = queries.visible(ctx)
    if subject_kind is not None:
        statement = statement.where(Ban.subject_kind == subject_kind)
    if subject_id is not None:
        statement = statement.where(Ban.subject_id == subject_id)
    return fetch(ctx.session, statement, NEWEST, limit=limit, cursor=cursor)


@bp.post("")
@access(IMPOSE)
@bp.arguments(BanImpositionSchema, as_kwargs=True)
@bp.alt_response(201, schema=BanSchema)
def impose(**data: Any) -> Any:
    """Impose a ban."""
    return rest.do(BanSchema, lambda ctx: actions.impose(ctx, **data), status=201)


@bp.post("/<uuid:ban_id>/lifting")
@access(IMPOSE)
@bp.arguments(BanLiftingSchema, as_kwargs=True)
@bp.alt_response(200, schema=BanSchema)
def lift(ban_id: uuid.UUID, reason: str) -> Any:
    """Take a ban back."""
    return rest.do(BanSchema, lambda ctx: actions.lift(ctx, ban_id, reason))
