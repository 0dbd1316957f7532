"""Submitting an invoice, the enterprise's yes to it, and holding it."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import select

from marketplace.base import uscc
from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_
from marketplace.people.organisations.models import Organisation
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.audit import actions as audit
from marketplace.record.documents import queries as documents
from marketplace.shop.orders import actions as order_acts
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import ConsentStep
from vouchers.invoices import permissions, queries, rules
from vouchers.invoices.events import InvoiceConfirmed, InvoiceSubmitted
from vouchers.invoices.models import Invoice
from vouchers.invoices.states import INVOICE, InvoiceState


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
) -> Invoice:
    """The provider submits an invoice of an order whose contract is filed.

    Refused with the code of the first check that stands against it; a number that is already on the platform, in
    whatever review, is told as such (四(二): nothing is supported twice).
    """
    order = orders.lock(ctx, order_id)
    ctx.require(permissions.SUBMIT, order)
    filed = orders.contract(ctx, order.id)
    if filed is None:
        raise Refusal("invoice.no_contract", N_("请先备案合同，再提交发票。"))
    given = {"number": number.strip(), "issued_on": issued_on, "net_fen": net_fen, "tax_fen": tax_fen}
    given |= {"gross_fen": gross_fen, "seller_uscc": uscc.normal(seller_uscc), "buyer_uscc": uscc.normal(buyer_uscc)}
    rules.refuse(rules.check(_facts(ctx, order, filed, given)))
    _refuse_duplicate(ctx, order, given["number"])
    invoice = ctx.add(
        Invoice(
            order_id=order.id,
            enterprise_id=order.enterprise_id,
            provider_id=order.provider_id,
            pilot_id=order.pilot_id,
            city=order.city,
            document_id=documents.get(ctx, document_id).id,
            state=InvoiceState.SUBMITTED,
            reason="",
            **given,
        )
    )
    ctx.session.flush()
    audit.record(ctx, "invoice.submitted", invoice, number=invoice.number, gross_fen=gross_fen)
    ctx.announce(InvoiceSubmitted(invoice.id, order.id, order.enterprise_id))
    return invoice


def _facts(ctx: Context, order: Order, filed: orders.Filed, given: dict) -> rules.Facts:
    codes = dict(
        ctx.session.execute(
            select(Organisation.id, Organisation.uscc).where(
                Organisation.id.in_([order.enterprise_id, order.provider_id])
            )
        ).all()
    )
    _, last = pilots.period(ctx, order.pilot_id)
    return rules.Facts(
        provider_uscc=codes[order.provider_id],
        enterprise_uscc=codes[order.enterprise_id],
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
    if known is None:
        return
    here = known.order_id == order.id
    raise Refusal(
        "invoice.duplicate",
        N_("发票 {number} 已在本订单提交。") if here else N_("发票 {number} 已在平台另一笔业务中使用。"),
        clause="四(二)",
        field="number",
        number=number,
    )


def confirm(ctx: Context, invoice_id: uuid.UUID) -> Invoice:
    """The enterprise confirms that this invoice is the one it got, by its own account."""
    invoice = queries.lock(ctx, invoice_id)
    ctx.require(permissions.CONFIRM, invoice)
    INVOICE.move(invoice, "confirm")
    order = orders.get(ctx, invoice.order_id)
    if all(consent.step is not ConsentStep.INVOICE for consent in orders.consents(ctx, order.id)):
        order_acts.consent(ctx, order, ConsentStep.INVOICE, way="own_device")
    ctx.session.flush()
    audit.record(ctx, "invoice.confirmed", invoice, number=invoice.number)
    ctx.announce(InvoiceConfirmed(invoice.id, invoice.order_id, invoice.provider_id))
    return invoice


def hold(ctx: Context, invoice_id: uuid.UUID, *, reason: str) -> Invoice:
    """An officer holds an invoice: while it is held, the papers of its order do not match."""
    invoice = queries.lock(ctx, invoice_id)
    ctx.require(permissions.HOLD, invoice)
    return _stop(ctx, invoice, "hold", "invoice.held", reason)


def withdraw(ctx: Context, invoice_id: uuid.UUID, *, reason: str) -> Invoice:
    """The provider withdraws a wrong or held invoice and may submit another."""
    invoice = queries.lock(ctx, invoice_id)
    ctx.require(permissions.SUBMIT, invoice)
    return _stop(ctx, invoice, "withdraw", "invoice.withdrawn", reason)


def _stop(ctx: Context, invoice: Invoice, move: str, verb: str, reason: str) -> Invoice:
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    INVOICE.move(invoice, move)
    invoice.reason = reason.strip()
    ctx.session.flush()
    audit.record(ctx, verb, invoice, number=invoice.number, reason=invoice.reason)
    return invoice
