"""REST: calls, /api/v1/calls."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.paging import Page
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access
from providers.calls import actions, queries
from providers.calls.models import Call
from providers.calls.permissions import MANAGE
from providers.calls.schemas import CallArgs, CallReasonSchema, CallSchema, CallTermsSchema

bp = ApiBlueprint("calls_api", __name__, url_prefix="/calls", description="Public calls for providers")


@bp.get("")
@access(PUBLIC)
@bp.arguments(CallArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(CallSchema))
def index(**filters: Any) -> Page[Any]:
    """Published calls, the newest first; officers also see their drafts."""
    return queries.search(reading(), **filters)


@bp.get("/<uuid:call_id>")
@access(PUBLIC)
@bp.response(200, CallSchema)
def show(call_id: uuid.UUID) -> Call:
    """One call."""
    return queries.get(reading(), call_id)


@bp.post("")
@access(MANAGE)
@bp.arguments(CallTermsSchema, as_kwargs=True)
@bp.alt_response(201, schema=CallSchema)
def draft(**terms: Any) -> Any:
    """Write a call down."""
    return rest.do(CallSchema, lambda ctx: actions.draft(ctx, **terms), status=201)


@bp.put("/<uuid:call_id>")
@access(MANAGE)
@bp.arguments(CallTermsSchema, as_kwargs=True)
@bp.alt_response(200, schema=CallSchema)
def revise(call_id: uuid.UUID, **terms: Any) -> Any:
    """Change a draft."""
    return rest.do(CallSchema, lambda ctx: actions.revise(ctx, call_id, **terms))


@bp.post("/<uuid:call_id>/publication")
@access(MANAGE)
@bp.alt_response(200, schema=CallSchema)
def publish(call_id: uuid.UUID) -> Any:
    """Publish a draft; its terms are fixed from now on."""
    return rest.do(CallSchema, lambda ctx: actions.publish(ctx, call_id))


@bp.post("/<uuid:call_id>/closing")
@access(MANAGE)
@bp.alt_response(200, schema=CallSchema)
def close(call_id: uuid.UUID) -> Any:
    """End a call after its last day."""
    return rest.do(CallSchema, lambda ctx: actions.close(ctx, call_id))


@bp.post("/<uuid:call_id>/cancellation")
@access(MANAGE)
@bp.arguments(CallReasonSchema, as_kwargs=True)
@bp.alt_response(200, schema=CallSchema)
def cancel(call_id: uuid.UUID, reason: str) -> Any:
    """End a call without a result."""
    return rest.do(CallSchema, lambda ctx: actions.cancel(ctx, call_id, reason))
