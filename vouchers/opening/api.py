"""REST: openings, /api/v1/openings."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.opening import actions, queries, telling
from vouchers.opening.permissions import PREPARE, READ, RELEASE
from vouchers.opening.schemas import (
    NoteInput,
    OpeningArgs,
    OpeningInput,
    OpeningPreviewSchema,
    OpeningRowSchema,
    OpeningSchema,
    ReasonInput,
    RowArgs,
)

bp = ApiBlueprint("openings_api", __name__, url_prefix="/openings", description="Opening entries of pilots")


@bp.get("")
@access(READ)
@bp.arguments(OpeningArgs, location="query")
@bp.response(200, page_of(OpeningSchema))
def index(args: dict[str, Any]) -> Any:
    """Openings within reach, newest first."""
    return queries.listed(reading(), **args)


@bp.post("")
@access(PREPARE)
@bp.arguments(OpeningInput, location="multipart", as_kwargs=True)
@bp.alt_response(201, schema=OpeningSchema)
def upload(pilot_id: uuid.UUID, file: Any) -> Any:
    """Upload a spending sheet (CSV or XLSX); cells that nobody can understand are named, and nothing is kept then."""

    def kept(ctx: Any) -> Any:
        file.stream.seek(0)  # a second try of the act reads it again
        return actions.upload(ctx, pilot_id, file.stream, file.filename)

    return rest.do(OpeningSchema, kept, status=201)


@bp.get("/<uuid:opening_id>")
@access(READ)
@bp.response(200, OpeningPreviewSchema)
def show(opening_id: uuid.UUID) -> Any:
    """One opening with what the engine says of it as if it were imported, or said when it was released."""
    ctx = reading()
    return telling.tell(ctx, queries.get(ctx, opening_id))


@bp.get("/<uuid:opening_id>/rows")
@access(READ)
@bp.arguments(RowArgs, location="query")
@bp.response(200, page_of(OpeningRowSchema))
def rows(args: dict[str, Any], opening_id: uuid.UUID) -> Any:
    """The rows of its sheet, in their order."""
    return queries.rows(reading(), opening_id, **args)


@bp.post("/<uuid:opening_id>/submission")
@access(PREPARE)
@bp.arguments(NoteInput)
@bp.alt_response(200, schema=OpeningSchema)
def submit(data: dict[str, Any], opening_id: uuid.UUID) -> Any:
    """Its maker puts it before another person."""
    return rest.do(OpeningSchema, lambda ctx: actions.submit(ctx, opening_id, data["note"]))


@bp.post("/<uuid:opening_id>/return")
@access(RELEASE)
@bp.arguments(ReasonInput)
@bp.alt_response(200, schema=OpeningSchema)
def send_back(data: dict[str, Any], opening_id: uuid.UUID) -> Any:
    """Another person sends it back."""
    return rest.do(OpeningSchema, lambda ctx: actions.send_back(ctx, opening_id, data["reason"]))


@bp.post("/<uuid:opening_id>/release")
@access(RELEASE)
@bp.alt_response(200, schema=OpeningSchema)
def release(opening_id: uuid.UUID) -> Any:
    """Another person than its maker puts it into the books. Needs an `Idempotency-Key`."""
    return rest.do(OpeningSchema, lambda ctx: actions.release(ctx, opening_id), money=True)


@bp.post("/<uuid:opening_id>/withdrawal")
@access(PREPARE)
@bp.alt_response(200, schema=OpeningSchema)
def withdraw(opening_id: uuid.UUID) -> Any:
    """Its maker gives it up."""
    return rest.do(OpeningSchema, lambda ctx: actions.withdraw(ctx, opening_id))
