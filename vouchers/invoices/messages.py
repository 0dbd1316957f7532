"""Who is told what happens to an invoice."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.record.notices import actions as notices
from vouchers.invoices.events import (
    InvoiceConfirmed,
    InvoiceHeld,
    InvoiceReleased,
    InvoiceSubmitted,
    InvoiceWithdrawn,
)
from vouchers.invoices.models import Invoice


def _tell(ctx: Context, invoice_id: uuid.UUID, organisation_id: uuid.UUID, text: str) -> None:
    invoice = ctx.session.get_one(Invoice, invoice_id)
    told = Text(text, {"number": invoice.number, "reason": invoice.reason})
    notices.tell(ctx, organisation_id=organisation_id, text=told, url=f"/invoices/{invoice_id}")


def _tell_buyer(ctx: Context, invoice_id: uuid.UUID, text: str) -> None:
    """Whoever ordered: the enterprise; of a contract the pilot's office."""
    invoice = ctx.session.get_one(Invoice, invoice_id)
    if invoice.contract_id is None:
        _tell(ctx, invoice_id, invoice.enterprise_id, text)
        return
    told = Text(text, {"number": invoice.number, "reason": invoice.reason})
    notices.tell(ctx, role=Role.PILOT, pilot_id=invoice.pilot_id, text=told, url=f"/invoices/{invoice_id}")


def submitted(ctx: Context, fact: InvoiceSubmitted) -> None:
    _tell_buyer(ctx, fact.invoice_id, N_("服务商提交了发票 {number}，请核对并确认。"))


def confirmed(ctx: Context, fact: InvoiceConfirmed) -> None:
    text = N_("发票 {number} 已由企业确认。") if fact.order_id is not None else N_("发票 {number} 已由采购单位确认。")
    _tell(ctx, fact.invoice_id, fact.provider_id, text)


def held(ctx: Context, fact: InvoiceHeld) -> None:
    _tell(ctx, fact.invoice_id, fact.provider_id, N_("发票 {number} 被暂缓：{reason}"))
    _tell_buyer(ctx, fact.invoice_id, N_("发票 {number} 被暂缓：{reason}"))


def released(ctx: Context, fact: InvoiceReleased) -> None:
    _tell_buyer(ctx, fact.invoice_id, N_("发票 {number} 已解除暂缓，请重新确认。"))


def withdrawn(ctx: Context, fact: InvoiceWithdrawn) -> None:
    _tell_buyer(ctx, fact.invoice_id, N_("服务商撤回了发票 {number}：{reason}"))


SUBSCRIPTIONS: dict[type, Any] = {
    InvoiceSubmitted: submitted,
    InvoiceConfirmed: confirmed,
    InvoiceHeld: held,
    InvoiceReleased: released,
    InvoiceWithdrawn: withdrawn,
}
