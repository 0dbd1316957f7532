"""Facts of invoices; each is about an order or about a contract."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class InvoiceSubmitted:
    invoice_id: uuid.UUID
    order_id: uuid.UUID | None
    contract_id: uuid.UUID | None
    enterprise_id: uuid.UUID


@dataclass(frozen=True)
class InvoiceConfirmed:
    invoice_id: uuid.UUID
    order_id: uuid.UUID | None
    contract_id: uuid.UUID | None
    provider_id: uuid.UUID


@dataclass(frozen=True)
class InvoiceHeld:
    invoice_id: uuid.UUID
    order_id: uuid.UUID | None
    contract_id: uuid.UUID | None
    provider_id: uuid.UUID
    enterprise_id: uuid.UUID
    reason: str


@dataclass(frozen=True)
class InvoiceReleased:
    """No longer held: the enterprise confirms it anew."""

    invoice_id: uuid.UUID
    order_id: uuid.UUID | None
    contract_id: uuid.UUID | None
    enterprise_id: uuid.UUID


@dataclass(frozen=True)
class InvoiceWithdrawn:
    invoice_id: uuid.UUID
    order_id: uuid.UUID | None
    contract_id: uuid.UUID | None
    enterprise_id: uuid.UUID
    reason: str
