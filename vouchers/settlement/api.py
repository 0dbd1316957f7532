"""REST: batches, /api/v1/batches."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response

from marketplace.base.paging import cut
from marketplace.base.sheets import MAX_BYTES
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.settlement import actions, queries, tiers
from vouchers.settlement.pages import payment_file_answer
from vouchers.settlement.permissions import APPROVE, LOAD, MAKE, READ, SET_TIERS
from vouchers.settlement.schemas import (
    ApprovalForm,
    BatchArgs,
    BatchInput,
    BatchSchema,
    FileSchema,
    LoadedSchema,
    MoreClaims,
    ReturnFileInput,
    TierForm,
    TierSchema,
    WaitingArgs,
    WaitingSchema,
    WholeBatchSchema,
)

bp = ApiBlueprint("batches_api", __name__, url_prefix="/batches", description="Payment batches and bank files")


@bp.get("")
@access(READ)
@bp.arguments(BatchArgs, location="query")
@bp.response(200, page_of(BatchSchema))
def index(args: dict[str, Any]) -> Any:
    """Batches within reach, newest first."""
    return queries.listed(reading(), **args)


@bp.get("/waiting")
@access(READ)
@bp.arguments(WaitingArgs, location="query")
@bp.response(200, page_of(WaitingSchema))
def waiting(args: dict[str, Any]) -> Any:
    """Approved claims that no batch holds, the one that is due first first."""
    return queries.waiting(reading(), **args)


@bp.get("/tiers")
@access(READ)
@bp.arguments(ListArgs, location="query")
@bp.response(200, page_of(TierSchema))
def tier_list(args: dict[str, Any]) -> Any:
    """How many persons besides the maker release batches above an amount."""
    return cut(tiers.listed(reading()), **args)


@bp.post("/tiers")
@access(SET_TIERS)
@bp.arguments(TierForm)
@bp.alt_response(201, schema=TierSchema)
def put_tier(data: dict[str, Any]) -> Any:
    """Set a tier of the acting officer's city; an earlier one for the same amount ends."""
    return rest.do(TierSchema, lambda ctx: tiers.put(ctx, above_fen=data["above"], persons=data["persons"]), status=201)


@bp.post("/tiers/<uuid:tier_id>/end")
@access(SET_TIERS)
@bp.alt_response(200, schema=TierSchema)
def end_tier(tier_id: uuid.UUID) -> Any:
    """End a tier."""
    return rest.do(TierSchema, lambda ctx: tiers.end(ctx, tier_id))


@bp.get("/<uuid:batch_id>")
@access(READ)
@bp.response(200, WholeBatchSchema)
def show(batch_id: uuid.UUID) -> dict[str, Any]:
    """One batch with its claims and files."""
    ctx = reading()
    batch = queries.get(ctx, batch_id)
    return {"batch": batch, "items": queries.lines(ctx, batch_id), "files": queries.files(ctx, batch_id)}


@bp.post("")
@access(MAKE)
@bp.arguments(BatchInput)
@bp.alt_response(201, schema=BatchSchema)
def make(data: dict[str, Any]) -> Any:
    """Put approved claims of one fund together. Needs an `Idempotency-Key`."""
    return rest.do(BatchSchema, lambda ctx: actions.make(ctx, data["fund_id"], data["claims"]), status=201, money=True)


@bp.post("/<uuid:batch_id>/claims")
@access(MAKE)
@bp.arguments(MoreClaims)
@bp.alt_response(200, schema=BatchSchema)
def add(data: dict[str, Any], batch_id: uuid.UUID) -> Any:
    """The maker puts further claims into a draft. Needs an `Idempotency-Key`."""
    return rest.do(BatchSchema, lambda ctx: actions.add(ctx, batch_id, data["claims"]), money=True)


@bp.post("/items/<uuid:item_id>/removal")
@access(MAKE)
@bp.alt_response(200, schema=BatchSchema)
def take_out(item_id: uuid.UUID) -> Any:
    """The maker takes a claim out of a draft."""
    return rest.do(BatchSchema, lambda ctx: actions.take_out(ctx, item_id))


@bp.post("/<uuid:batch_id>/cancellation")
@access(MAKE)
@bp.alt_response(200, schema=BatchSchema)
def cancel(batch_id: uuid.UUID) -> Any:
    """Give a draft up; its claims are free again."""
    return rest.do(BatchSchema, lambda ctx: actions.cancel(ctx, batch_id))


@bp.post("/<uuid:batch_id>/approval")
@access(APPROVE)
@bp.arguments(ApprovalForm, as_kwargs=True)
@bp.alt_response(200, schema=BatchSchema)
def approve(batch_id: uuid.UUID, reason: str) -> Any:
    """Another person than the maker releases the batch. Needs an `Idempotency-Key`.

    Above an amount of the city's tiers it stays a `draft` until as many persons as the tier asks for have done so.

    409 `warning.reason_required` lists the `warnings` of what it would do to the pilot: send it again with a `reason`.
    """
    return rest.do(BatchSchema, lambda ctx: actions.approve(ctx, batch_id, reason=reason), money=True)


@bp.get("/<uuid:batch_id>/payment-file")
@access(LOAD)
@bp.alt_response(200, description="the payment file, text/csv")
def payment_file(batch_id: uuid.UUID) -> Response:
    """The payment file as it went out (UTF-8 with BOM); 404 until it is written."""
    return payment_file_answer(reading(), batch_id)


@bp.get("/<uuid:batch_id>/payment-file.xml")
@access(LOAD)
@bp.alt_response(200, description="the same payments as ISO 20022 pain.001.001.09, application/xml")
def payment_message(batch_id: uuid.UUID) -> Response:
    """The same payments as an ISO 20022 message; 404 until it is written."""
    return payment_file_answer(reading(), batch_id, iso=True)


@bp.post("/<uuid:batch_id>/payment-file")
@access(LOAD)
@bp.alt_response(201, schema=FileSchema)
def write_payment_file(batch_id: uuid.UUID) -> Any:
    """Write the payment file now, without waiting for the outbox; written already, it is given as it is."""
    return rest.do(FileSchema, lambda ctx: actions.write_payment_file(ctx, batch_id), status=201)


@bp.post("/<uuid:batch_id>/return-file")
@access(LOAD)
@bp.arguments(ReturnFileInput, location="multipart", as_kwargs=True)
@bp.alt_response(200, schema=LoadedSchema)
def load(batch_id: uuid.UUID, file: Any) -> Any:
    """Read the bank's return file (multipart field `file`): CSV, XLSX, or a statement as ISO 20022 camt.053.001.08.

    Needs an `Idempotency-Key`; all lines count or none.
    """
    data, name = file.stream.read(MAX_BYTES + 1), file.filename
    file.stream.seek(0)  # the key's digest reads it too
    return rest.do(LoadedSchema, lambda ctx: actions.load_return(ctx, batch_id, data, name), money=True)
