"""Vouchers over REST."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, request

from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access
from vouchers.wallets import actions, automatic, permissions, queries, verification
from vouchers.wallets.schemas import (
    GivenSchema,
    IssuedSchema,
    IssueSchema,
    PayloadSchema,
    QrSchema,
    ReasonForm,
    SheetIssueForm,
    SheetIssueSchema,
    StatementSchema,
    VoucherRecallSchema,
    VoucherSchema,
)

bp = ApiBlueprint("voucher_wallets", __name__, url_prefix="/vouchers")


@bp.get("")
@access(permissions.READ)
@bp.arguments(ListArgs, location="query")
@bp.response(200, page_of(VoucherSchema))
def index(args: dict[str, Any]) -> Any:
    """The vouchers this person may see, newest first."""
    return queries.listed(reading(), limit=args["limit"], cursor=args["cursor"])


@bp.post("")
@access(permissions.ISSUE)
@bp.arguments(IssueSchema)
@bp.alt_response(201, schema=IssuedSchema)
def issue(data: dict[str, Any]) -> Response:
    """Issue one voucher under a published scheme version.

    409 `warning.reason_required` lists the `warnings` of what it would do to the pilot: send it again with a `reason`.
    """
    key = request.headers.get("Idempotency-Key", "")
    return rest.do(
        IssuedSchema,
        lambda ctx: actions.issue_one(
            ctx,
            data["version_id"],
            enterprise_id=data["enterprise_id"],
            face_fen=data["face"],
            key=key,
            reason=data["reason"],
        ),
        status=201,
        money=True,
    )


@bp.post("/sheets/<uuid:version_id>")
@access(permissions.ISSUE)
@bp.arguments(SheetIssueSchema, location="multipart", as_kwargs=True)
@bp.alt_response(201, schema=IssuedSchema)
def issue_sheet(version_id: uuid.UUID, file: Any, reason: str) -> Response:
    """Issue every row of a spreadsheet (multipart field `file`), or nothing; each bad row is named."""
    data, name = file.read(), file.filename
    file.stream.seek(0)  # the key's digest reads it too
    return rest.do(
        IssuedSchema,
        lambda ctx: actions.issue_sheet(ctx, version_id, data=data, filename=name, reason=reason),
        status=201,
        money=True,
    )


@bp.post("/automatic/<uuid:version_id>")
@access(permissions.ISSUE)
@bp.arguments(SheetIssueForm)
@bp.alt_response(200, schema=GivenSchema)
def give_automatic(data: dict[str, Any], version_id: uuid.UUID) -> Response:
    """Issue the automatic voucher of a version to all that wait for it, as far as the money goes."""
    return rest.do(GivenSchema, lambda ctx: automatic.give(ctx, version_id, **data), money=True)


@bp.get("/<uuid:voucher_id>")
@access(permissions.READ)
@bp.response(200, VoucherSchema)
def show(voucher_id: uuid.UUID) -> Any:
    """One voucher with its balances."""
    return queries.get(reading(), voucher_id)


@bp.post("/<uuid:voucher_id>/freeze")
@access(permissions.RECALL)
@bp.arguments(ReasonForm)
@bp.alt_response(200, schema=VoucherSchema)
def freeze(data: dict[str, Any], voucher_id: uuid.UUID) -> Any:
    """Stop a voucher: no new orders, nothing redeemed."""
    return rest.do(VoucherSchema, lambda ctx: actions.freeze(ctx, voucher_id, **data))


@bp.post("/<uuid:voucher_id>/thaw")
@access(permissions.RECALL)
@bp.arguments(ReasonForm)
@bp.alt_response(200, schema=VoucherSchema)
def thaw(data: dict[str, Any], voucher_id: uuid.UUID) -> Any:
    """Let a voucher go again."""
    return rest.do(VoucherSchema, lambda ctx: actions.thaw(ctx, voucher_id, **data))


@bp.post("/<uuid:voucher_id>/recalls")
@access(permissions.RECALL)
@bp.arguments(VoucherRecallSchema)
@bp.alt_response(201, schema=VoucherSchema)
def recall(data: dict[str, Any], voucher_id: uuid.UUID) -> Any:
    """Take back what no order holds or spent. Needs an `Idempotency-Key`."""
    key = request.headers.get("Idempotency-Key", "")
    return rest.do(VoucherSchema, lambda ctx: actions.recall(ctx, voucher_id, **data, key=key), status=201, money=True)


@bp.post("/<uuid:voucher_id>/returns")
@access(permissions.GIVE_BACK)
@bp.arguments(VoucherRecallSchema)
@bp.alt_response(201, schema=VoucherSchema)
def give_back(data: dict[str, Any], voucher_id: uuid.UUID) -> Any:
    """The enterprise gives back what it does not need. Needs an `Idempotency-Key`."""
    key = request.headers.get("Idempotency-Key", "")
    return rest.do(
        VoucherSchema, lambda ctx: actions.give_back(ctx, voucher_id, **data, key=key), status=201, money=True
    )


@bp.get("/<uuid:voucher_id>/qr")
@access(permissions.READ)
@bp.response(200, QrSchema)
def qr_payload(voucher_id: uuid.UUID) -> dict[str, str]:
    """The signed text of the voucher's QR."""
    ctx = reading()
    return {"payload": actions.payload(ctx, queries.get(ctx, voucher_id))}


@bp.post("/verification")
@access(PUBLIC)
@bp.arguments(PayloadSchema)
@bp.response(200, StatementSchema)
def verify(data: dict[str, str]) -> Any:
    """Check the text of a QR: genuine or not, and what it says. Spends nothing and tells no balance."""
    return verification.examine(reading(), data["payload"])
