"""REST: requests for vouchers, /api/v1/voucher-requests."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.requests import actions, queries
from vouchers.requests.permissions import READ, REVIEW_CITY, REVIEW_PILOT, SUBMIT
from vouchers.requests.schemas import (
    VoucherRequestArgs,
    VoucherRequestInput,
    VoucherRequestReviewInput,
    VoucherRequestSchema,
    WholeVoucherRequestSchema,
    WishSchema,
)

bp = ApiBlueprint("voucher_requests_api", __name__, url_prefix="/voucher-requests", description="Requests for vouchers")


@bp.get("")
@access(READ)
@bp.arguments(VoucherRequestArgs, location="query")
@bp.response(200, page_of(VoucherRequestSchema))
def index(args: dict[str, Any]) -> Any:
    """Requests within reach, newest first."""
    return queries.listed(reading(), **args)


@bp.get("/<uuid:request_id>")
@access(READ)
@bp.response(200, WholeVoucherRequestSchema)
def show(request_id: uuid.UUID) -> Any:
    """One request with the verdicts on it."""
    ctx = reading()
    return {"request": queries.get(ctx, request_id), "reviews": queries.reviews(ctx, request_id)}


@bp.post("")
@access(SUBMIT)
@bp.arguments(VoucherRequestInput)
@bp.alt_response(201, schema=VoucherRequestSchema)
def submit(data: dict[str, Any]) -> Any:
    """The enterprise acted for asks for a voucher."""
    version_id = data.pop("version_id")
    return rest.do(VoucherRequestSchema, lambda ctx: actions.submit(ctx, version_id, **data), status=201)


@bp.post("/<uuid:request_id>/correction")
@access(SUBMIT)
@bp.arguments(WishSchema)
@bp.alt_response(200, schema=VoucherRequestSchema)
def correct(data: dict[str, Any], request_id: uuid.UUID) -> Any:
    """Correct what was sent back; without a new paper the old one stays."""
    return rest.do(VoucherRequestSchema, lambda ctx: actions.correct(ctx, request_id, **data))


@bp.post("/<uuid:request_id>/withdrawal")
@access(SUBMIT)
@bp.alt_response(200, schema=VoucherRequestSchema)
def withdraw(request_id: uuid.UUID) -> Any:
    """Take back a request that nobody decided in the end."""
    return rest.do(VoucherRequestSchema, lambda ctx: actions.withdraw(ctx, request_id))


@bp.post("/<uuid:request_id>/review")
@access(REVIEW_PILOT, REVIEW_CITY)
@bp.arguments(VoucherRequestReviewInput)
@bp.alt_response(200, schema=VoucherRequestSchema)
def review(data: dict[str, Any], request_id: uuid.UUID) -> Any:
    """The verdict of the office on whose desk it lies. The city's yes issues the voucher; needs an
    `Idempotency-Key`."""
    return rest.do(VoucherRequestSchema, lambda ctx: actions.review(ctx, request_id, **data), money=True)
