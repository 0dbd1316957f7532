"""What programs of seller and buyer may hear of an invoice."""

from __future__ import annotations

from marketplace.base.text import N_
from marketplace.people.webhooks.topics import Topic
from vouchers.invoices import events

_PAPER = ("invoice_id", "order_id", "contract_id")

TOPICS = (
    Topic("invoice.submitted", N_("服务商已提交发票"), events.InvoiceSubmitted, (*_PAPER, "enterprise_id")),
    Topic("invoice.confirmed", N_("企业已确认发票"), events.InvoiceConfirmed, (*_PAPER, "provider_id")),
    Topic("invoice.held", N_("发票被暂缓"), events.InvoiceHeld, (*_PAPER, "provider_id", "enterprise_id", "reason")),
    Topic("invoice.released", N_("发票解除暂缓"), events.InvoiceReleased, (*_PAPER, "enterprise_id")),
    Topic("invoice.withdrawn", N_("服务商已撤回发票"), events.InvoiceWithdrawn, (*_PAPER, "enterprise_id", "reason")),
)
