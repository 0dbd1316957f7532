"""An invoice of an order or a contract: numbers once per platform while it stands."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Day, Fen, Name
from vouchers.invoices.matters import BELONGS
from vouchers.invoices.states import InvoiceState, Official

_STANDING = text("state <> 'withdrawn'")


class Invoice(Identified, Base):
    """A fully digitalised e-invoice (数电发票) from the provider to whoever ordered; amounts in fen."""

    __tablename__ = "invoice"
    __table_args__ = (
        one_of("state", InvoiceState),
        CheckConstraint("net_fen + tax_fen = gross_fen", name="net_and_tax_are_gross"),
        CheckConstraint("net_fen > 0 AND tax_fen >= 0", name="amounts_are_positive"),
        CheckConstraint(BELONGS, name="of_an_order_or_a_contract"),
        Index(
            "invoice_number_once",
            "number",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
            info=look_again(),
        ),
        Index("ix_invoice_order", "order_id"),
        Index("ix_invoice_contract", "contract_id"),
        Index("ix_invoice_provider_newest", "provider_id", "created_at", "id"),
        Index("ix_invoice_city_newest", "city", "created_at", "id"),
    )

    order_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("shop_order.id"))
    contract_id: Mapped[uuid.UUID | None] = mapped_column(
        ID(), ForeignKey("contract_record.id"), comment="of direct expenditure"
    )
    enterprise_id: Mapped[uuid.UUID] = mapped_column(
        ID(), ForeignKey("organisation.id"), nullable=False, comment="whoever ordered; of a contract the pilot's office"
    )
    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    number: Mapped[str] = mapped_column(Name(), nullable=False, comment="20 digits")
    issued_on: Mapped[date] = mapped_column(Day(), nullable=False)
    seller_uscc: Mapped[str] = mapped_column(Name(), nullable=False)
    buyer_uscc: Mapped[str] = mapped_column(Name(), nullable=False)
    net_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    tax_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    gross_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    document_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("document.id"), nullable=False)
    state: Mapped[InvoiceState] = mapped_column(Choice(InvoiceState), nullable=False)
    reason: Mapped[str] = mapped_column(Name(), nullable=False, default="", comment="why it is held or withdrawn")

    @property
    def scope(self) -> Scope:
        return Scope.of(self.enterprise_id, self.provider_id, pilot_id=self.pilot_id, city=self.city)


class InvoiceCheck(Identified, Base):
    """One answer of the tax authority's service about an invoice, as an officer wrote it down."""

    __tablename__ = "invoice_check"
    __table_args__ = (one_of("result", Official), Index("ix_invoice_check_invoice", "invoice_id", "asked_on"))

    invoice_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("invoice.id"), nullable=False)
    asked_on: Mapped[date] = mapped_column(Day(), nullable=False, comment="when the service was asked")
    result: Mapped[Official] = mapped_column(Choice(Official), nullable=False)
    note: Mapped[str] = mapped_column(Name(), nullable=False)
    document_id: Mapped[uuid.UUID] = mapped_column(
        ID(), ForeignKey("document.id"), nullable=False, comment="the answer as it was shown"
    )
    person_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
