"""REST: public notices and objections, /api/v1/publicity."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request

from marketplace.base.paging import Page, cut
from marketplace.procedure.publicity import actions, queries
from marketplace.procedure.publicity.models import Objection
from marketplace.procedure.publicity.permissions import PUBLISH, READ_OBJECTIONS, RULE
from marketplace.procedure.publicity.schemas import (
    NoticeArgs,
    NoticeReasonSchema,
    ObjectionSchema,
    ObjectorSchema,
    ObjectSchema,
    PublicNoticeDetailSchema,
    PublicNoticeSchema,
    ReceiptSchema,
    RulingSchema,
)
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = ApiBlueprint("publicity_api", __name__, url_prefix="/publicity", description="Public notices and objections")


@bp.get("")
@access(PUBLIC)
@bp.arguments(NoticeArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(PublicNoticeSchema))
def index(**filters: Any) -> Page[Any]:
    """Notices, the newest first."""
    return queries.search(reading(), **filters)


@bp.get("/<uuid:notice_id>")
@access(PUBLIC)
@bp.response(200, PublicNoticeDetailSchema)
def show(notice_id: uuid.UUID) -> dict[str, Any]:
    """One notice with what it lists."""
    ctx = reading()
    notice = queries.get(ctx, notice_id)
    shown = {name: getattr(notice, name) for name in PublicNoticeSchema().fields}
    return {**shown, "items": queries.items(ctx, notice_id)}


@bp.post("/<uuid:notice_id>/objections")
@access(PUBLIC)
@bp.arguments(ObjectSchema, as_kwargs=True)
@bp.alt_response(201, schema=ReceiptSchema)
def object_(notice_id: uuid.UUID, **data: Any) -> Any:
    """Object to a notice by real name; the answer carries the receipt number."""
    address = request.remote_addr or ""
    return rest.do(ReceiptSchema, lambda ctx: actions.object(ctx, notice_id, **data, address=address), status=201)


@bp.get("/<uuid:notice_id>/objections")
@access(READ_OBJECTIONS)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(ObjectionSchema))
def objections(notice_id: uuid.UUID, limit: int, cursor: str | None) -> Page[Any]:
    """The objections to a notice, without the persons behind them."""
    ctx = reading()
    notice = queries.get(ctx, notice_id)
    return cut(queries.objections_to(ctx, notice.id), limit=limit, cursor=cursor)


@bp.get("/receipts/<receipt>")
@access(PUBLIC)
@bp.response(200, ReceiptSchema)
def receipt(receipt: str) -> Objection:
    """State and ruling of an objection, for whoever holds its receipt number."""
    return queries.by_receipt(reading(), receipt)


@bp.post("/objections/<uuid:objection_id>/objector")
@access(READ_OBJECTIONS)
@bp.arguments(NoticeReasonSchema, as_kwargs=True)
@bp.alt_response(200, schema=ObjectorSchema)
def reveal(objection_id: uuid.UUID, reason: str) -> Any:
    """Name and contact of an objector; the look is written down with its reason."""
    return rest.do(ObjectorSchema, lambda ctx: actions.reveal(ctx, objection_id, reason))


@bp.post("/objections/<uuid:objection_id>/ruling")
@access(RULE)
@bp.arguments(RulingSchema, as_kwargs=True)
@bp.alt_response(200, schema=ObjectionSchema)
def rule(objection_id: uuid.UUID, upheld: bool, reason: str) -> Any:
    """Decide an objection with a reasoned answer."""
    return rest.do(ObjectionSchema, lambda ctx: actions.rule(ctx, objection_id, upheld, reason))


@bp.post("/<uuid:notice_id>/clearing")
@access(PUBLISH)
@bp.alt_response(200, schema=PublicNoticeSchema)
def clear(notice_id: uuid.UUID) -> Any:
    """State that the period is over without an open objection."""
    return rest.do(PublicNoticeSchema, lambda ctx: actions.clear(ctx, notice_id))


@bp.post("/<uuid:notice_id>/withdrawal")
@access(PUBLISH)
@bp.arguments(NoticeReasonSchema, as_kwargs=True)
@bp.alt_response(200, schema=PublicNoticeSchema)
def withdraw(notice_id: uuid.UUID, reason: str) -> Any:
    """Take a running notice back."""
    return rest.do(PublicNoticeSchema, lambda ctx: actions.withdraw(ctx, notice_id, reason))
