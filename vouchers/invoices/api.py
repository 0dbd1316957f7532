"""REST: invoices and the match of an order's papers."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.errors import NotFound
from marketplace.base.paging import cut
from marketplace.shop.orders import queries as orders
from marketplace.web import rest
from marketplace.web.i18n import say
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.invoices import actions, official, queries
from vouchers.invoices.permissions import CHECK, CONFIRM, CONFIRM_FOR, HOLD, READ, SUBMIT, SUBMIT_FOR
from vouchers.invoices.schemas import (
    InvoiceArgs,
    InvoiceInput,
    InvoiceReason,
    InvoiceSchema,
    MatchSchema,
    OfficialInput,
    OfficialSchema,
)

bp = ApiBlueprint("invoices_api", __name__, url_prefix="", description="Invoices and the three-way match")


@bp.get("/invoices")
@access(READ)
@bp.arguments(InvoiceArgs, location="query")
@bp.response(200, page_of(InvoiceSchema))
def index(args: dict[str, Any]) -> Any:
    """Invoices within reach, newest first."""
    return queries.listed(reading(), **args)


@bp.get("/invoices/<uuid:invoice_id>")
@access(READ)
@bp.response(200, InvoiceSchema)
def show(invoice_id: uuid.UUID) -> Any:
    """One invoice."""
    return queries.get(reading(), invoice_id)


@bp.post("/invoices")
@access(SUBMIT, SUBMIT_FOR)
@bp.arguments(InvoiceInput)
@bp.alt_response(201, schema=InvoiceSchema)
def submit(data: dict[str, Any]) -> Any:
    """Submit an invoice of an order or a contract; refused with the code of the first check that stands against it."""
    order_id, contract_id = data.pop("order_id"), data.pop("contract_id")
    if order_id is not None:
        return rest.do(InvoiceSchema, lambda ctx: actions.submit(ctx, order_id, **data), status=201)
    return rest.do(InvoiceSchema, lambda ctx: actions.submit_for_contract(ctx, contract_id, **data), status=201)


@bp.post("/invoices/<uuid:invoice_id>/confirmation")
@access(CONFIRM, CONFIRM_FOR)
@bp.alt_response(200, schema=InvoiceSchema)
def confirm(invoice_id: uuid.UUID) -> Any:
    """Whoever ordered confirms that it got this invoice: the enterprise, of a contract the pilot's office."""
    return rest.do(InvoiceSchema, lambda ctx: actions.confirm(ctx, invoice_id))


@bp.post("/invoices/<uuid:invoice_id>/hold")
@access(HOLD)
@bp.arguments(InvoiceReason, as_kwargs=True)
@bp.alt_response(200, schema=InvoiceSchema)
def hold(invoice_id: uuid.UUID, reason: str) -> Any:
    """An officer holds an invoice; its order or contract is not paid meanwhile."""
    return rest.do(InvoiceSchema, lambda ctx: actions.hold(ctx, invoice_id, reason=reason))


@bp.post("/invoices/<uuid:invoice_id>/release")
@access(HOLD)
@bp.alt_response(200, schema=InvoiceSchema)
def release(invoice_id: uuid.UUID) -> Any:
    """The doubt is settled; whoever ordered confirms anew."""
    return rest.do(InvoiceSchema, lambda ctx: actions.release(ctx, invoice_id))


@bp.post("/invoices/<uuid:invoice_id>/withdrawal")
@access(SUBMIT, SUBMIT_FOR)
@bp.arguments(InvoiceReason, as_kwargs=True)
@bp.alt_response(200, schema=InvoiceSchema)
def withdraw(invoice_id: uuid.UUID, reason: str) -> Any:
    """The provider withdraws a wrong or held invoice."""
    return rest.do(InvoiceSchema, lambda ctx: actions.withdraw(ctx, invoice_id, reason=reason))


@bp.get("/invoices/<uuid:invoice_id>/checks")
@access(READ)
@bp.arguments(ListArgs, location="query")
@bp.response(200, page_of(OfficialSchema))
def checks(args: dict[str, Any], invoice_id: uuid.UUID) -> Any:
    """Every answer of the tax authority's service about one invoice, latest first."""
    ctx = reading()
    return cut(official.of(ctx, queries.get(ctx, invoice_id).id), **args)


@bp.post("/invoices/<uuid:invoice_id>/checks")
@access(CHECK)
@bp.arguments(OfficialInput, as_kwargs=True)
@bp.alt_response(201, schema=OfficialSchema)
def check(invoice_id: uuid.UUID, **data: Any) -> Any:
    """An officer writes down what the official service answered; a bad answer holds the invoice."""
    return rest.do(OfficialSchema, lambda ctx: official.record(ctx, invoice_id, **data), status=201)


@bp.get("/orders/<uuid:order_id>/match")
@access(READ)
@bp.response(200, MatchSchema)
def match(order_id: uuid.UUID) -> dict[str, Any]:
    """Contract, acceptance and invoices of an order compared, with every gap by its code."""
    ctx = reading()
    order = orders.get(ctx, order_id)
    if not ctx.may(READ, order):
        raise NotFound("order")
    found = queries.match(ctx, order_id)
    return {
        "order_id": order_id,
        "matches": found.matches,
        "contract_gross_fen": found.contract_gross_fen,
        "accepted_on": found.accepted_on,
        "invoiced_fen": found.invoiced_fen,
        "unconfirmed": found.unconfirmed,
        "held": found.held,
        "gaps": [{"code": gap.code, "clause": gap.clause, "message": say(gap.text)} for gap in found.gaps],
    }
