"""REST: claims and their reviews, /api/v1/claims."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.context import Context
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access
from vouchers.claims import actions, queries, timing
from vouchers.claims.own_part import Payment
from vouchers.claims.permissions import READ, REVIEW_CITY, REVIEW_PILOT, SUBMIT, SUBMIT_FOR
from vouchers.claims.queries import Filed
from vouchers.claims.schemas import (
    ClaimArgs,
    ClaimInput,
    ClaimReason,
    ClaimSchema,
    CorrectionInput,
    ReviewInput,
    TimingsSchema,
    WholeClaimSchema,
)

bp = ApiBlueprint("claims_api", __name__, url_prefix="/claims", description="Claims and their reviews")


@bp.get("")
@access(READ)
@bp.arguments(ClaimArgs, location="query")
@bp.response(200, page_of(ClaimSchema))
def index(args: dict[str, Any]) -> Any:
    """Claims within reach, newest first."""
    return queries.listed(reading(), **args)


@bp.get("/times")
@access(PUBLIC, pace=60)
@bp.response(200, TimingsSchema)
def times() -> Any:
    """How long each step of a claim really took in the last year, in working days; public."""
    return timing.timings(reading())


@bp.get("/<uuid:claim_id>")
@access(READ)
@bp.response(200, WholeClaimSchema)
def show(claim_id: uuid.UUID) -> dict[str, Any]:
    """One claim with its reviews, the papers it stands on, and every try to pay it."""
    ctx = reading()
    filed = queries.get(ctx, claim_id)
    return {
        "claim": filed,
        "reviews": queries.reviews(ctx, claim_id),
        "own_payment": queries.own_payment(ctx, claim_id),
        "papers": queries.pinned(ctx, claim_id, filed.form.round),
        "payments": [
            {
                "amount_fen": item.amount,
                "state": attempt.state.value,
                "end_to_end_id": attempt.end_to_end_id,
                "bank_reference": attempt.bank_reference,
                "reason": attempt.reason,
            }
            for item, attempt in queries.payments(ctx, claim_id)
            if attempt is not None
        ],
    }


@bp.post("")
@access(SUBMIT, SUBMIT_FOR)
@bp.arguments(ClaimInput)
@bp.alt_response(201, schema=ClaimSchema)
def submit(data: dict[str, Any]) -> Any:
    """Claim everything redeemed of an order, or every accepted part of a contract. Needs an `Idempotency-Key`. Each
    gap of the papers refuses by its code."""
    order_id, contract_id = data.pop("order_id"), data.pop("contract_id")
    said = _typed(data)

    def claim(ctx: Context) -> Filed:
        if order_id is not None:
            return actions.submit(ctx, order_id, **said)
        return actions.submit_for_contract(ctx, contract_id, statement=said["statement"], promise=said["promise"])

    return rest.do(ClaimSchema, claim, status=201, money=True)


@bp.post("/<uuid:claim_id>/correction")
@access(SUBMIT, SUBMIT_FOR)
@bp.arguments(CorrectionInput)
@bp.alt_response(200, schema=ClaimSchema)
def correct(data: dict[str, Any], claim_id: uuid.UUID) -> Any:
    """Correct a returned claim; its papers are compared and pinned anew."""
    said = _typed(data)
    return rest.do(ClaimSchema, lambda ctx: actions.correct(ctx, claim_id, **said))


def _typed(data: dict[str, Any]) -> dict[str, Any]:
    """The same with the receipt as the rules compare it."""
    return data | {"payment": Payment(**data["payment"]) if data["payment"] else None}


@bp.post("/<uuid:claim_id>/withdrawal")
@access(SUBMIT, SUBMIT_FOR)
@bp.arguments(ClaimReason, as_kwargs=True)
@bp.alt_response(200, schema=ClaimSchema)
def withdraw(claim_id: uuid.UUID, reason: str) -> Any:
    """Give a returned claim up."""
    return rest.do(ClaimSchema, lambda ctx: actions.withdraw(ctx, claim_id, reason=reason))


@bp.post("/<uuid:claim_id>/reviews")
@access(REVIEW_PILOT, REVIEW_CITY)
@bp.arguments(ReviewInput)
@bp.alt_response(201, schema=ClaimSchema)
def review(data: dict[str, Any], claim_id: uuid.UUID) -> Any:
    """Decide a claim on the desk it lies on. Needs an `Idempotency-Key`: the city's cuts move money."""
    return rest.do(ClaimSchema, lambda ctx: actions.review(ctx, claim_id, **data), status=201, money=True)


@bp.post("/<uuid:claim_id>/revocation")
@access(REVIEW_CITY)
@bp.arguments(ClaimReason, as_kwargs=True)
@bp.alt_response(200, schema=ClaimSchema)
def revoke(claim_id: uuid.UUID, reason: str) -> Any:
    """The city takes its approval back while no batch holds the claim."""
    return rest.do(ClaimSchema, lambda ctx: actions.revoke(ctx, claim_id, reason=reason))
