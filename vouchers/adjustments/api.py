"""REST: year end and corrections, /api/v1/adjustments."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.adjustments import actions, queries
from vouchers.adjustments.permissions import BOOK, PROPOSE, READ
from vouchers.adjustments.schemas import AdjustmentArgs, AdjustmentInput, AdjustmentReason, AdjustmentSchema

bp = ApiBlueprint("adjustments_api", __name__, url_prefix="/adjustments", description="Year end and corrections")


@bp.get("")
@access(READ)
@bp.arguments(AdjustmentArgs, location="query")
@bp.response(200, page_of(AdjustmentSchema))
def index(args: dict[str, Any]) -> Any:
    """Adjustments within reach, newest first."""
    return queries.listed(reading(), **args)


@bp.get("/<uuid:adjustment_id>")
@access(READ)
@bp.response(200, AdjustmentSchema)
def show(adjustment_id: uuid.UUID) -> Any:
    """One adjustment."""
    return queries.get(reading(), adjustment_id)


@bp.post("")
@access(PROPOSE)
@bp.arguments(AdjustmentInput)
@bp.alt_response(201, schema=AdjustmentSchema)
def propose(data: dict[str, Any]) -> Any:
    """Propose to close or carry over a line, to record interest, to remit it, to return money, or to take an entry
    back. Nothing is booked until another person does."""
    pilot_id = data.pop("pilot_id")
    return rest.do(AdjustmentSchema, lambda ctx: actions.propose(ctx, pilot_id, **data), status=201)


@bp.post("/<uuid:adjustment_id>/booking")
@access(BOOK)
@bp.alt_response(200, schema=AdjustmentSchema)
def book(adjustment_id: uuid.UUID) -> Any:
    """Another person books an adjustment. Needs an `Idempotency-Key`."""
    return rest.do(AdjustmentSchema, lambda ctx: actions.book(ctx, adjustment_id), money=True)


@bp.post("/<uuid:adjustment_id>/refusal")
@access(BOOK)
@bp.arguments(AdjustmentReason, as_kwargs=True)
@bp.alt_response(200, schema=AdjustmentSchema)
def decline(adjustment_id: uuid.UUID, reason: str) -> Any:
    """Another person does not book an adjustment."""
    return rest.do(AdjustmentSchema, lambda ctx: actions.decline(ctx, adjustment_id, reason=reason))


@bp.post("/<uuid:adjustment_id>/withdrawal")
@access(PROPOSE)
@bp.arguments(AdjustmentReason, as_kwargs=True)
@bp.alt_response(200, schema=AdjustmentSchema)
def withdraw(adjustment_id: uuid.UUID, reason: str) -> Any:
    """Take a proposal back that was not booked."""
    return rest.do(AdjustmentSchema, lambda ctx: actions.withdraw(ctx, adjustment_id, reason=reason))
