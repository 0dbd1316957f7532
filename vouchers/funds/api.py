"""Funds over REST."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, request

from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.funds import actions, gate, permissions, queries
from vouchers.funds.schemas import AllotmentSchema, EffectSchema, LineSchema, PositionSchema, WhatIfSchema

bp = ApiBlueprint("fund_positions", __name__, url_prefix="/pilots")


@bp.get("/<uuid:pilot_id>/funds")
@access(permissions.READ)
@bp.response(200, PositionSchema)
def position(pilot_id: uuid.UUID) -> dict[str, Any]:
    """What was awarded, what arrived, and the lines it is divided into."""
    ctx = reading()
    return {"funds": queries.of_pilot(ctx, pilot_id), "lines": queries.lines(ctx, pilot_id)}


@bp.post("/<uuid:pilot_id>/allotments")
@access(permissions.ALLOT)
@bp.arguments(AllotmentSchema)
@bp.alt_response(201, schema=LineSchema)
def allot(data: dict[str, Any], pilot_id: uuid.UUID) -> Response:
    """Divide a part of the award to a category; the ceiling of the other uses is enforced here (四(二))."""
    key = request.headers.get("Idempotency-Key", "")
    return rest.do(
        LineSchema,
        lambda ctx: _state(
            ctx, actions.allot(ctx, pilot_id, category=data["category"], amount_fen=data["amount"], key=key)
        ),
        status=201,
        money=True,
    )


@bp.get("/<uuid:pilot_id>/what-if")
@access(permissions.READ)
@bp.arguments(WhatIfSchema, location="query")
@bp.response(200, EffectSchema)
def what_if(data: dict[str, Any], pilot_id: uuid.UUID) -> Any:
    """Every check before an act and as if it had been done; nothing is done."""
    ctx = reading()
    queries.of_pilot(ctx, pilot_id)
    return gate.foresee(ctx, pilot_id, gate.Act(data["act"]), {data["category"]: data["amount"]}, targets=True)


@bp.get("/<uuid:pilot_id>/what-if/batches/<uuid:batch_id>")
@access(permissions.READ)
@bp.response(200, EffectSchema)
def what_if_paid(pilot_id: uuid.UUID, batch_id: uuid.UUID) -> Any:
    """Every check before a draft of payments and as if it had been released; nothing is done."""
    ctx = reading()
    return gate.foresee(ctx, pilot_id, gate.Act.PAYMENT, gate.drafted(ctx, pilot_id, batch_id), targets=True)


def _state(ctx: Any, line: Any) -> queries.LineState:
    return next(state for state in queries.lines(ctx, line.pilot_id) if state.line.id == line.id)
