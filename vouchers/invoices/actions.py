"""Submitting an invoice, the enterprise's yes to it, holding it and letting it go again."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import select

from marketplace.base import uscc
from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.permissions import Scope
from marketplace.base.states import Label
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents
from marketplace.record.documents.models import Document
from marketplace.shop.orders import actions as order_acts
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import ORDER, ConsentStep, OrderState
from vouchers.invoices import permissions, queries, reading, rules
from vouchers.invoices.events import (
    InvoiceConfirmed,
    InvoiceHeld,
    InvoiceReleased,
    InvoiceSubmitted,
    InvoiceWithdrawn,
)
from vouchers.invoices.models import Invoice
from vouchers.invoices.states import INVOICE, InvoiceState

_OPEN = {OrderState.CONTRACTED, OrderState.DELIVERED, OrderState.CONFIRMED}
"""An order takes invoices from the filing of its contract on, unless it ended or is disputed."""


def submit(
    ctx: Context,
    order_id: uuid.UUID,
    *,
    number: str,
    issued_on: date,
    seller_uscc: str,
    buyer_uscc: str,
    net_fen: int,
    tax_fen: int,
    gross_fen: int,
    document_id: uuid.UUID,
    qr: str = "",
) -> Invoice:
    """The provider submits an invoice of an order whose contract is filed; amounts in fen.

    What the file (XML, OFD) and the QR say of themselves must be what was typed. Refused with the code of the first
    check that stands against it; a number or a file that is already on the platform, in whatever review, is told as
    such (四(二): nothing is supported twice).
    """
    order = orders.lock(ctx, order_id)
    ctx.require(permissions.SUBMIT, Scope.of(order.provider_id))
    filed = orders.contract(ctx, order.id)
    if filed is None:
        raise Refusal("invoice.no_contract", N_("请先备案合同，再提交发票。"), clause="四(二)")
    if order.state not in _OPEN:
        raise Refusal(
            "invoice.order_not_open", N_("订单状态为“{state}”，不能提交发票。"), state=Label(ORDER.labels[order.state])
        )
    given: dict[str, Any] = {"number": number.strip(), "issued_on": issued_on, "net_fen": net_fen, "tax_fen": tax_fen}
    given |= {"gross_fen": gross_fen, "seller_uscc": uscc.normal(seller_uscc), "buyer_uscc": uscc.normal(buyer_uscc)}
    facts = _facts(ctx, order, filed, given)
    rules.refuse(rules.check(facts))
    document = documents.get(ctx, document_id)
    rules.refuse(_compare(ctx, facts, document, qr))
    _refuse_duplicate(ctx, order, given["number"])
    _refuse_same_file(ctx, document)
    invoice = ctx.add(
        Invoice(
            order_id=order.id,
            enterprise_id=order.enterprise_id,
            provider_id=order.provider_id,
            pilot_id=order.pilot_id,
            city=order.city,
            document_id=document.id,
            state=InvoiceState.SUBMITTED,
            reason="",
            **given,
        )
    )
    ctx.session.flush()
    documents.open_to(ctx, document, organisation_id=order.enterprise_id, pilot_id=order.pilot_id, city=order.city)
    audit.record(ctx, "invoice.submitted", invoice, number=invoice.number, gross_fen=gross_fen)
    ctx.announce(InvoiceSubmitted(invoice.id, order.id, order.enterprise_id))
    return invoice


def _compare(ctx: Context, facts: rules.Facts, document: Document, qr: str) -> list[rules.Finding]:
    """What the file and the QR say against what was typed."""
    found = rules.compare(facts, reading.qr(qr), "qr") if qr.strip() else []
    _, content = documents.open_file(ctx, document.id, "invoice")
    with content:
        said = reading.file(content, document.media_type)
    return found if said is None else found + rules.compare(facts, said, "document")


def _facts(ctx: Context, order: Order, filed: orders.Filed, given: dict[str, Any]) -> rules.Facts:
    parties = organisations.many(ctx, [order.enterprise_id, order.provider_id])
    _, last = pilots.period(ctx, order.pilot_id)
    return rules.Facts(
        provider_uscc=parties[order.provider_id].uscc,
        enterprise_uscc=parties[order.enterprise_id].uscc,
        contract_gross_fen=filed.contract.gross_fen,
        invoiced_before_fen=sum(i.gross_fen for i in queries.of_order(ctx, order.id)),
        signed_on=filed.contract.signed_on,
        last_day=last,
        today=ctx.today,
        **given,
    )


def _refuse_duplicate(ctx: Context, order: Order, number: str) -> None:
    known = ctx.session.scalars(
        select(Invoice).where(Invoice.number == number, Invoice.state != InvoiceState.WITHDRAWN)
    ).one_or_none()
    if known is not None:
        raise _duplicate(number, here=known.order_id == order.id)


def _duplicate(number: str, *, here: bool) -> Refusal:
    return Refusal(
        "invoice.duplicate",
        N_("发票 {number} 已在本订单提交。") if here else N_("发票 {number} 已在平台另一笔业务中使用。"),
        clause="四(二)",
        field="number",
        number=number,
    )


def _refuse_same_file(ctx: Context, document: Document) -> None:
    """One file is one invoice: the same content behind two numbers is a mistake or worse."""
    known = ctx.session.scalars(
        select(Invoice.number)
        .join(Document, Document.id == Invoice.document_id)
        .where(Document.sha256 == document.sha256, Invoice.state != InvoiceState.WITHDRAWN)
        .limit(1)
    ).one_or_none()
    if known is not None:
        raise Refusal(
            "invoice.document_reused",
            N_("这份文件已作为另一张发票提交，一份文件只对应一张发票。"),
            clause="四(二)",
            field="document",
        )


def confirm(ctx: Context, invoice_id: uuid.UUID) -> Invoice:
    """The enterprise confirms that this invoice is the one it got, by its own account."""
    invoice = queries.lock(ctx, invoice_id)
    ctx.require(permissions.CONFIRM, Scope.of(invoice.enterprise_id))
    INVOICE.move(invoice, "confirm")
    order = orders.get(ctx, invoice.order_id)
    if all(consent.step is not ConsentStep.INVOICE for consent in orders.consents(ctx, order.id)):
        order_acts.consent(ctx, order, ConsentStep.INVOICE)
    ctx.session.flush()
    audit.record(ctx, "invoice.confirmed", invoice, number=invoice.number)
    ctx.announce(InvoiceConfirmed(invoice.id, invoice.order_id, invoice.provider_id))
    return invoice


def hold(ctx: Context, invoice_id: uuid.UUID, *, reason: str) -> Invoice:
    """An officer holds an invoice (red-flushed, in doubt): while it is held, the papers of its order do not match."""
    invoice = queries.lock(ctx, invoice_id)
    ctx.require(permissions.HOLD, invoice)
    _stop(ctx, invoice, "hold", "invoice.held", reason)
    ctx.announce(InvoiceHeld(invoice.id, invoice.order_id, invoice.provider_id, invoice.enterprise_id, invoice.reason))
    return invoice


def release(ctx: Context, invoice_id: uuid.UUID) -> Invoice:
    """The doubt is settled: the invoice counts again once the enterprise has confirmed it anew."""
    invoice = queries.lock(ctx, invoice_id)
    ctx.require(permissions.HOLD, invoice)
    INVOICE.move(invoice, "release")
    invoice.reason = ""
    ctx.session.flush()
    audit.record(ctx, "invoice.released", invoice, number=invoice.number)
    ctx.announce(InvoiceReleased(invoice.id, invoice.order_id, invoice.enterprise_id))
    return invoice


def withdraw(ctx: Context, invoice_id: uuid.UUID, *, reason: str) -> Invoice:
    """The provider withdraws a wrong or held invoice and may submit another."""
    invoice = queries.lock(ctx, invoice_id)
    ctx.require(permissions.SUBMIT, Scope.of(invoice.provider_id))
    _stop(ctx, invoice, "withdraw", "invoice.withdrawn", reason)
    ctx.announce(InvoiceWithdrawn(invoice.id, invoice.order_id, invoice.enterprise_id, invoice.reason))
    return invoice


def _stop(ctx: Context, invoice: Invoice, move: str, verb: str, reason: str) -> None:
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    INVOICE.move(invoice, move)
    invoice.reason = reason.strip()
    ctx.session.flush()
    audit.record(ctx, verb, invoice, number=invoice.number, reason=invoice.reason)
