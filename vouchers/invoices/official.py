"""What the tax authority's own service answered about an invoice: asked by an officer, written down with its evidence.

The platform has no line to the tax authority. An invoice may be red-flushed after it was reviewed, or after it was
paid, so an answer counts for a while only.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import func, select

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.states import Label
from marketplace.base.text import N_, Text
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents
from vouchers.invoices import permissions, queries
from vouchers.invoices.events import InvoiceHeld
from vouchers.invoices.models import Invoice, InvoiceCheck
from vouchers.invoices.states import INVOICE, OFFICIAL, InvoiceState, Official


def record(
    ctx: Context, invoice_id: uuid.UUID, *, asked_on: date, result: Official, document_id: uuid.UUID, note: str = ""
) -> InvoiceCheck:
    """An officer writes down what the official service answered, with the day and the picture or file of the answer.

    Any answer but ``valid`` holds the invoice, with the answer as the reason: what waits is not paid, and of what was
    approved or paid the city has a case. Refuses ``invoice.check_day`` and ``invoice.check_withdrawn``.
    """
    invoice = queries.lock(ctx, invoice_id)
    ctx.require(permissions.CHECK, invoice)
    if invoice.state is InvoiceState.WITHDRAWN:
        raise Refusal("invoice.check_withdrawn", N_("发票已撤回，不用查验。"), clause="四(二)")
    if not invoice.issued_on <= asked_on <= ctx.today:
        raise Refusal(
            "invoice.check_day",
            N_("查验日期应在开票日期 {first} 至今天之间。"),
            clause="四(二)",
            field="asked_on",
            first=invoice.issued_on,
        )
    evidence = documents.get(ctx, document_id)
    row = ctx.add(
        InvoiceCheck(
            invoice_id=invoice.id,
            asked_on=asked_on,
            result=result,
            note=note.strip(),
            document_id=evidence.id,
            person_id=ctx.who.person_id,
        )
    )
    for party in (invoice.enterprise_id, invoice.provider_id):
        documents.open_to(ctx, evidence, organisation_id=party, pilot_id=invoice.pilot_id, city=invoice.city)
    ctx.session.flush()
    audit.record(
        ctx, "invoice.checked", invoice, number=invoice.number, asked_on=asked_on, result=result, file=evidence.sha256
    )
    if result is not Official.VALID and INVOICE.allows(invoice, "hold"):
        _hold(ctx, invoice, row)
    return row


def _hold(ctx: Context, invoice: Invoice, row: InvoiceCheck) -> None:
    INVOICE.move(invoice, "hold")
    words = Text(N_("{day} 税务查验：{result}"), {"day": row.asked_on, "result": Label(OFFICIAL[row.result])})
    invoice.reason = "。".join(part for part in (str(words), row.note) if part)
    ctx.session.flush()
    audit.record(ctx, "invoice.held", invoice, number=invoice.number, reason=invoice.reason)
    about = (invoice.id, invoice.order_id, invoice.contract_id)
    ctx.announce(InvoiceHeld(*about, invoice.provider_id, invoice.enterprise_id, invoice.reason))


def refuse_release(ctx: Context, invoice: Invoice) -> None:
    """What the official service called bad is not released until it was asked again and found nothing wrong."""
    last = latest(ctx, [invoice.id]).get(invoice.id)
    if last is not None and last.result is not Official.VALID:
        raise Refusal(
            "invoice.check_bad",
            N_("{day} 税务查验结果为“{result}”；重新查验无误后才能解除暂缓。"),
            clause="四(二)",
            day=last.asked_on,
            result=Label(OFFICIAL[last.result]),
        )


def of(ctx: Context, invoice_id: uuid.UUID) -> Sequence[InvoiceCheck]:
    """Every answer about one invoice, latest first; the caller has authorised the invoice."""
    return ctx.session.scalars(
        select(InvoiceCheck)
        .where(InvoiceCheck.invoice_id == invoice_id)
        .order_by(InvoiceCheck.asked_on.desc(), InvoiceCheck.created_at.desc(), InvoiceCheck.id.desc())
    ).all()


def latest(ctx: Context, invoice_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, InvoiceCheck]:
    """The latest answer about each of several invoices; the caller has authorised them."""
    rows = ctx.session.scalars(
        select(InvoiceCheck)
        .where(InvoiceCheck.invoice_id.in_(invoice_ids))
        .order_by(InvoiceCheck.asked_on, InvoiceCheck.created_at, InvoiceCheck.id)
    )
    return {row.invoice_id: row for row in rows}


def unchecked(
    ctx: Context, order_ids: Collection[uuid.UUID], contract_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, int]:
    """How many standing invoices of each order or contract have no answer that counts today; none is left out.

    One statement; the caller has authorised the orders and contracts.
    """
    matter = func.coalesce(Invoice.order_id, Invoice.contract_id)
    rows = ctx.session.execute(
        select(matter, func.count())
        .where(
            Invoice.order_id.in_(order_ids) | Invoice.contract_id.in_(contract_ids),
            Invoice.state != InvoiceState.WITHDRAWN,
            ~queries.counts(ctx.today),
        )
        .group_by(matter)
    )
    return {row[0]: int(row[1]) for row in rows}
