"""Submitting an invoice, the enterprise's yes to it, holding it and letting it go again."""

from __future__ import annotations

import uuid
from typing import Unpack

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.permissions import Scope
from marketplace.base.states import Label
from marketplace.base.text import N_
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents
from marketplace.shop.orders import actions as order_acts
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.states import ORDER, ConsentStep, OrderState
from vouchers.contracts import queries as contracts
from vouchers.contracts.models import ContractRecord
from vouchers.invoices import checking, matters, official, permissions, queries, reading, rules
from vouchers.invoices.checking import Printed, Terms
from vouchers.invoices.events import (
    InvoiceConfirmed,
    InvoiceHeld,
    InvoiceReleased,
    InvoiceSubmitted,
    InvoiceWithdrawn,
)
from vouchers.invoices.matters import Matter
from vouchers.invoices.models import Invoice
from vouchers.invoices.reading import Read
from vouchers.invoices.states import INVOICE, InvoiceState

_OPEN = {OrderState.CONTRACTED, OrderState.DELIVERED, OrderState.CONFIRMED}
"""An order takes invoices from the filing of its contract on, unless it ended or is disputed."""


def submit(
    ctx: Context,
    order_id: uuid.UUID,
    *,
    document_id: uuid.UUID,
    qr: str = "",
    read: Read | None = None,
    **printed: Unpack[Printed],
) -> Invoice:
    """The provider submits an invoice of an order whose contract is filed.

    What the file (XML, OFD, PDF) and the QR say of themselves must be what was typed. `read` is the file as it was
    read before the act; one of another file counts for nothing. Refused with the code of the first
    check that stands against it; a number or a file that is already on the platform, in whatever review, is told as
    such (四(二): nothing is supported twice).
    """
    order = orders.lock(ctx, order_id)
    ctx.require(permissions.SUBMIT, Scope.of(order.provider_id))
    terms = checking.terms(ctx, order)
    if terms is None:
        raise Refusal("invoice.no_contract", N_("请先备案合同，再提交发票。"), clause="四(二)")
    if order.state not in _OPEN:
        raise Refusal(
            "invoice.order_not_open", N_("订单状态为“{state}”，不能提交发票。"), state=Label(ORDER.labels[order.state])
        )
    return _submit(ctx, order, terms, printed, document_id, qr, read)


def submit_for_contract(
    ctx: Context,
    contract_id: uuid.UUID,
    *,
    document_id: uuid.UUID,
    qr: str = "",
    read: Read | None = None,
    **printed: Unpack[Printed],
) -> Invoice:
    """The provider, or the pilot office for it, submits an invoice of a confirmed contract of direct expenditure.

    The buyer is the pilot's office. The same checks as `submit`; several invoices may follow one another.
    """
    contract = contracts.lock(ctx, contract_id)
    matters.require_side(ctx, permissions.SUBMIT, permissions.SUBMIT_FOR, contract)
    if contract.commitment_id is None:
        raise Refusal("invoice.contract_not_confirmed", N_("合同尚未复核确认，不能提交发票。"), clause="四(二)")
    terms = checking.terms(ctx, contract)
    assert terms is not None
    return _submit(ctx, contract, terms, printed, document_id, qr, read)


def _submit(
    ctx: Context, matter: Matter, terms: Terms, printed: Printed, document_id: uuid.UUID, qr: str, read: Read | None
) -> Invoice:
    given = checking.normal(printed)
    document = documents.get(ctx, document_id)
    if read is None or read.sha256 != document.sha256:
        read = reading.document(ctx, document_id)
    rules.refuse(checking.found(ctx, matter, terms, given, sha256=document.sha256, said=read.said, qr=qr))
    of_contract = isinstance(matter, ContractRecord)
    invoice = ctx.add(
        Invoice(
            order_id=None if of_contract else matter.id,
            contract_id=matter.id if of_contract else None,
            enterprise_id=matter.enterprise_id,
            provider_id=matter.provider_id,
            pilot_id=matter.pilot_id,
            city=matter.city,
            document_id=document.id,
            state=InvoiceState.SUBMITTED,
            reason="",
            **given,
        )
    )
    ctx.session.flush()
    documents.open_to(ctx, document, organisation_id=matter.enterprise_id, pilot_id=matter.pilot_id, city=matter.city)
    if of_contract:  # the office may have submitted it in the provider's stead
        documents.open_to(ctx, document, organisation_id=matter.provider_id)
    audit.record(ctx, "invoice.submitted", invoice, number=invoice.number, gross_fen=invoice.gross_fen)
    ctx.announce(InvoiceSubmitted(invoice.id, invoice.order_id, invoice.contract_id, invoice.enterprise_id))
    return invoice


def confirm(ctx: Context, invoice_id: uuid.UUID) -> Invoice:
    """Whoever ordered confirms that this invoice is the one it got, by its own account: the enterprise, of a contract
    an officer of the pilot."""
    invoice = queries.lock(ctx, invoice_id)
    if invoice.contract_id is not None:
        ctx.require(permissions.CONFIRM_FOR, invoice)
    else:
        ctx.require(permissions.CONFIRM, Scope.of(invoice.enterprise_id))
    INVOICE.move(invoice, "confirm")
    if invoice.order_id is not None:
        order = orders.get(ctx, invoice.order_id)
        if all(consent.step is not ConsentStep.INVOICE for consent in orders.consents(ctx, order.id)):
            order_acts.consent(ctx, order, ConsentStep.INVOICE)
    ctx.session.flush()
    audit.record(ctx, "invoice.confirmed", invoice, number=invoice.number)
    ctx.announce(InvoiceConfirmed(invoice.id, invoice.order_id, invoice.contract_id, invoice.provider_id))
    return invoice


def hold(ctx: Context, invoice_id: uuid.UUID, *, reason: str) -> Invoice:
    """An officer holds an invoice (red-flushed, in doubt): while it is held, the papers of its matter do not match."""
    invoice = queries.lock(ctx, invoice_id)
    ctx.require(permissions.HOLD, invoice)
    _stop(ctx, invoice, "hold", "invoice.held", reason)
    about = (invoice.id, invoice.order_id, invoice.contract_id)
    ctx.announce(InvoiceHeld(*about, invoice.provider_id, invoice.enterprise_id, invoice.reason))
    return invoice


def release(ctx: Context, invoice_id: uuid.UUID) -> Invoice:
    """The doubt is settled: the invoice counts again once whoever ordered has confirmed it anew.

    Refused while the last official answer is a bad one.
    """
    invoice = queries.lock(ctx, invoice_id)
    ctx.require(permissions.HOLD, invoice)
    official.refuse_release(ctx, invoice)
    INVOICE.move(invoice, "release")
    invoice.reason = ""
    ctx.session.flush()
    audit.record(ctx, "invoice.released", invoice, number=invoice.number)
    ctx.announce(InvoiceReleased(invoice.id, invoice.order_id, invoice.contract_id, invoice.enterprise_id))
    return invoice


def withdraw(ctx: Context, invoice_id: uuid.UUID, *, reason: str) -> Invoice:
    """The provider withdraws a wrong or held invoice and may submit another."""
    invoice = queries.lock(ctx, invoice_id)
    matters.require_side(ctx, permissions.SUBMIT, permissions.SUBMIT_FOR, invoice)
    _stop(ctx, invoice, "withdraw", "invoice.withdrawn", reason)
    about = (invoice.id, invoice.order_id, invoice.contract_id)
    ctx.announce(InvoiceWithdrawn(*about, invoice.enterprise_id, invoice.reason))
    return invoice


def _stop(ctx: Context, invoice: Invoice, move: str, verb: str, reason: str) -> None:
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    INVOICE.move(invoice, move)
    invoice.reason = reason.strip()
    ctx.session.flush()
    audit.record(ctx, verb, invoice, number=invoice.number, reason=invoice.reason)
