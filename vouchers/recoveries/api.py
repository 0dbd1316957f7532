"""REST: recoveries, /api/v1/recoveries."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.recoveries import actions, queries
from vouchers.recoveries.permissions import ANSWER, DECIDE, OPEN, READ, RECEIVE
from vouchers.recoveries.schemas import (
    AnswerInput,
    ReceiptInput,
    RecoveryArgs,
    RecoveryInput,
    RecoveryReason,
    RecoveryReceiptSchema,
    RecoverySchema,
    WholeRecoverySchema,
)

bp = ApiBlueprint("recoveries_api", __name__, url_prefix="/recoveries", description="Recovery of wrongly paid money")


@bp.get("")
@access(READ)
@bp.arguments(RecoveryArgs, location="query")
@bp.response(200, page_of(RecoverySchema))
def index(args: dict[str, Any]) -> Any:
    """Recoveries within reach, newest first."""
    return queries.listed(reading(), **args)


@bp.get("/<uuid:recovery_id>")
@access(READ)
@bp.response(200, WholeRecoverySchema)
def show(recovery_id: uuid.UUID) -> dict[str, Any]:
    """One recovery with what came in."""
    ctx = reading()
    return {"recovery": queries.get(ctx, recovery_id), "receipts": queries.receipts(ctx, recovery_id)}


@bp.post("")
@access(OPEN)
@bp.arguments(RecoveryInput)
@bp.alt_response(201, schema=RecoverySchema)
def open_recovery(data: dict[str, Any]) -> Any:
    """Open the recovery of a paid claim; another person decides about it. Needs an `Idempotency-Key`."""
    claim_id = data.pop("claim_id")
    return rest.do(RecoverySchema, lambda ctx: actions.open_recovery(ctx, claim_id, **data), status=201, money=True)


@bp.post("/<uuid:recovery_id>/answer")
@access(ANSWER)
@bp.arguments(AnswerInput, as_kwargs=True)
@bp.alt_response(200, schema=RecoverySchema)
def answer(recovery_id: uuid.UUID, agrees: bool, text: str) -> Any:
    """Whoever was paid answers, once."""
    return rest.do(RecoverySchema, lambda ctx: actions.answer(ctx, recovery_id, agrees=agrees, text=text))


@bp.post("/<uuid:recovery_id>/demand")
@access(DECIDE)
@bp.arguments(RecoveryReason, as_kwargs=True)
@bp.alt_response(200, schema=RecoverySchema)
def demand(recovery_id: uuid.UUID, reason: str) -> Any:
    """Another person demands the money: the ledger posts the clawback. Needs an `Idempotency-Key`."""
    return rest.do(RecoverySchema, lambda ctx: actions.demand(ctx, recovery_id, reason=reason), money=True)


@bp.post("/<uuid:recovery_id>/dismissal")
@access(DECIDE)
@bp.arguments(RecoveryReason, as_kwargs=True)
@bp.alt_response(200, schema=RecoverySchema)
def drop(recovery_id: uuid.UUID, reason: str) -> Any:
    """Another person drops the matter."""
    return rest.do(RecoverySchema, lambda ctx: actions.drop(ctx, recovery_id, reason=reason))


@bp.post("/<uuid:recovery_id>/receipts")
@access(RECEIVE)
@bp.arguments(ReceiptInput)
@bp.alt_response(201, schema=RecoveryReceiptSchema)
def receive(data: dict[str, Any], recovery_id: uuid.UUID) -> Any:
    """Record what came in under the bank's reference. Needs an `Idempotency-Key`."""
    return rest.do(RecoveryReceiptSchema, lambda ctx: actions.receive(ctx, recovery_id, **data), status=201, money=True)
