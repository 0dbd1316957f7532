"""REST: contracts of direct expenditure, /api/v1/contracts."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request

from marketplace.base.context import Context
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.contracts import actions, queries
from vouchers.contracts.permissions import ACCEPT, CONFIRM, READ, RECALL, RECORD
from vouchers.contracts.queries import Held
from vouchers.contracts.schemas import (
    ConfirmInput,
    ContractArgs,
    ContractInput,
    ContractReason,
    ContractSchema,
    PartInput,
    PartSchema,
    RecallInput,
    RecallSchema,
    WholeContractSchema,
)

bp = ApiBlueprint("contracts_api", __name__, url_prefix="/contracts", description="Contracts of direct expenditure")


@bp.get("")
@access(READ)
@bp.arguments(ContractArgs, location="query")
@bp.response(200, page_of(ContractSchema))
def index(args: dict[str, Any]) -> Any:
    """Contracts within reach with their money, newest first."""
    return queries.listed(reading(), **args)


@bp.get("/<uuid:contract_id>")
@access(READ)
@bp.response(200, WholeContractSchema)
def show(contract_id: uuid.UUID) -> dict[str, Any]:
    """One contract with its accepted parts and what was recalled."""
    ctx = reading()
    held = queries.held(ctx, contract_id)
    return {
        "contract": held,
        "parts": [part.row for part in queries.parts(ctx, contract_id)],
        "recalls": queries.recalls(ctx, contract_id),
    }


def _held(ctx: Context, contract_id: uuid.UUID) -> Held:
    ctx.session.flush()
    return queries.held(ctx, contract_id)


@bp.post("")
@access(RECORD)
@bp.arguments(ContractInput)
@bp.alt_response(201, schema=ContractSchema)
def record(data: dict[str, Any]) -> Any:
    """Record a signed contract; another person confirms it. A policy against it refuses with its clause."""
    pilot_id = data.pop("pilot_id")
    return rest.do(ContractSchema, lambda ctx: _held(ctx, actions.record(ctx, pilot_id, **data).id), status=201)


@bp.post("/<uuid:contract_id>/confirmation")
@access(CONFIRM)
@bp.arguments(ConfirmInput, as_kwargs=True)
@bp.alt_response(200, schema=ContractSchema)
def confirm(contract_id: uuid.UUID, reason: str) -> Any:
    """Another person confirms a contract: its money is promised. Needs an `Idempotency-Key`, and a `reason` where the
    engine warns."""
    return rest.do(
        ContractSchema, lambda ctx: _held(ctx, actions.confirm(ctx, contract_id, reason=reason).id), money=True
    )


@bp.post("/<uuid:contract_id>/refusal")
@access(CONFIRM)
@bp.arguments(ContractReason, as_kwargs=True)
@bp.alt_response(200, schema=ContractSchema)
def decline(contract_id: uuid.UUID, reason: str) -> Any:
    """Another person does not confirm a contract."""
    return rest.do(ContractSchema, lambda ctx: _held(ctx, actions.decline(ctx, contract_id, reason=reason).id))


@bp.post("/<uuid:contract_id>/withdrawal")
@access(RECORD)
@bp.arguments(ContractReason, as_kwargs=True)
@bp.alt_response(200, schema=ContractSchema)
def withdraw(contract_id: uuid.UUID, reason: str) -> Any:
    """Take an unconfirmed contract back."""
    return rest.do(ContractSchema, lambda ctx: _held(ctx, actions.withdraw(ctx, contract_id, reason=reason).id))


@bp.post("/<uuid:contract_id>/parts")
@access(ACCEPT)
@bp.arguments(PartInput)
@bp.alt_response(201, schema=PartSchema)
def accept(data: dict[str, Any], contract_id: uuid.UUID) -> Any:
    """Accept a delivered part: it may be invoiced and claimed. Needs an `Idempotency-Key`."""
    key = request.headers.get("Idempotency-Key", "")
    return rest.do(
        PartSchema, lambda ctx: actions.accept_part(ctx, contract_id, **data, key=key), status=201, money=True
    )


@bp.post("/<uuid:contract_id>/recalls")
@access(RECALL)
@bp.arguments(RecallInput)
@bp.alt_response(201, schema=RecallSchema)
def recall(data: dict[str, Any], contract_id: uuid.UUID) -> Any:
    """Give back to the line what is not needed any more. Needs an `Idempotency-Key`."""
    key = request.headers.get("Idempotency-Key", "")
    return rest.do(RecallSchema, lambda ctx: actions.recall(ctx, contract_id, **data, key=key), status=201, money=True)
