"""Orders with their lines, contracts, deliveries and the enterprise's consents."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Exact, Fen, Instant, Name
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders.states import ConsentStep, Mode, OrderState


class Order(Identified, Base):
    """One enterprise's order of packages of one edition, inside one pilot."""

    __tablename__ = "shop_order"
    __table_args__ = (
        one_of("state", OrderState),
        one_of("mode", Mode),
        CheckConstraint("total_fen > 0", name="total_is_positive"),
        CheckConstraint("subsidy_fen >= 0 AND subsidy_fen <= total_fen", name="subsidy_within_total"),
        CheckConstraint("voucher_id IS NOT NULL OR subsidy_fen = 0", name="subsidy_needs_voucher"),
        CheckConstraint("enterprise_id <> provider_id", name="nobody_orders_from_himself"),
        CheckConstraint("part BETWEEN 1 AND parts", name="part_within_parts"),
        CheckConstraint("part_fen BETWEEN 1 AND subsidy_fen", name="part_within_subsidy"),
        CheckConstraint("(state = 'disputed') = (disputed_in IS NOT NULL)", name="disputed_iff_stopped_somewhere"),
        Index("ix_order_enterprise_newest", "enterprise_id", "created_at", "id"),
        Index("ix_order_provider_newest", "provider_id", "created_at", "id"),
        Index("ix_order_pilot_newest", "pilot_id", "created_at", "id"),
        Index("ix_order_city_newest", "city", "created_at", "id"),
    )

    number: Mapped[str] = mapped_column(Name(), nullable=False, unique=True)
    enterprise_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    listing_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("listing.id"), nullable=False, index=True)
    edition_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("edition.id"), nullable=False)
    title: Mapped[str] = mapped_column(Name(), nullable=False, comment="name of the product in the ordered edition")
    category: Mapped[str] = mapped_column(Name(), nullable=False, comment="subsidy category settled by the listing")
    mode: Mapped[Mode] = mapped_column(Choice(Mode), nullable=False)
    total_fen: Mapped[int] = mapped_column(Fen(), nullable=False, comment="fen, tax included")
    voucher_id: Mapped[uuid.UUID | None] = mapped_column(ID(), index=True)
    subsidy_fen: Mapped[int] = mapped_column(Fen(), nullable=False, default=0, comment="fen set aside on the voucher")
    reservation_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="what the voucher set aside for this order")
    state: Mapped[OrderState] = mapped_column(Choice(OrderState), nullable=False)
    state_since: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    disputed_in: Mapped[OrderState | None] = mapped_column(Choice(OrderState), comment="where a dispute stopped it")
    note: Mapped[str] = mapped_column(Name(), nullable=False, default="", comment="last reason given by either side")
    parts: Mapped[int] = mapped_column(
        Count(), nullable=False, default=1, server_default="1", comment="in how many milestones it is delivered"
    )
    part: Mapped[int] = mapped_column(
        Count(), nullable=False, default=1, server_default="1", comment="the milestone under way, from 1"
    )
    part_fen: Mapped[int | None] = mapped_column(Fen(), comment="fen of the subsidy in this milestone; none: all")
    accepted_at: Mapped[datetime | None] = mapped_column(Instant())
    delivered_at: Mapped[datetime | None] = mapped_column(Instant())
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant())

    @property
    def scope(self) -> Scope:
        return Scope.of(self.enterprise_id, self.provider_id, pilot_id=self.pilot_id, city=self.city)

    @property
    def due_fen(self) -> int:
        """What the next confirmation redeems of the voucher, fen."""
        return self.subsidy_fen if self.part_fen is None else self.part_fen


class OrderLine(Identified, Base):
    """A package in the ordered quantity, at the price of the edition."""

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "package_id"),
        one_of("cost_type", CostType),
        CheckConstraint("quantity > 0 AND unit_price_fen > 0", name="quantity_and_price_positive"),
        CheckConstraint("amount_fen = quantity * unit_price_fen", name="amount_is_product"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("shop_order.id"), nullable=False)
    package_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("package.id"), nullable=False)
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    cost_type: Mapped[CostType] = mapped_column(Choice(CostType), nullable=False)
    quantity: Mapped[int] = mapped_column(Count(), nullable=False)
    unit_price_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    amount_fen: Mapped[int] = mapped_column(Fen(), nullable=False)


class Contract(Identified, Base):
    """The filed contract (合同备案): signed between the two parties, its document pinned by hash."""

    __tablename__ = "order_contract"
    __table_args__ = (
        CheckConstraint("net_fen + tax_fen = gross_fen", name="net_and_tax_are_gross"),
        CheckConstraint("net_fen > 0 AND tax_fen >= 0", name="amounts_are_positive"),
        CheckConstraint("length(document_sha256) = 64", name="document_hash_is_sha256_hex"),
        UniqueConstraint("provider_id", "number", info=look_again()),
    )

    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    order_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("shop_order.id"), nullable=False, unique=True)
    number: Mapped[str] = mapped_column(Name(), nullable=False)
    signed_on: Mapped[date] = mapped_column(Day(), nullable=False)
    document_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("document.id"), nullable=False)
    document_sha256: Mapped[str] = mapped_column(
        Name(), nullable=False, unique=True, info=look_again(), comment="one file, one contract"
    )
    net_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    tax_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    gross_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    filed_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)


class ContractLine(Identified, Base):
    """One priced line of a contract: exact quantity and unit price, amounts in fen."""

    __tablename__ = "order_contract_line"
    __table_args__ = (
        UniqueConstraint("contract_id", "position"),
        one_of("cost_type", CostType),
        CheckConstraint("net_fen + tax_fen = gross_fen", name="net_and_tax_are_gross"),
        CheckConstraint("net_fen > 0 AND tax_fen >= 0", name="amounts_are_positive"),
    )

    contract_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("order_contract.id"), nullable=False)
    position: Mapped[int] = mapped_column(Count(), nullable=False)
    edition_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("edition.id"), nullable=False)
    cost_type: Mapped[CostType] = mapped_column(Choice(CostType), nullable=False)
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    quantity: Mapped[Decimal] = mapped_column(Exact(), nullable=False)
    unit_price: Mapped[Decimal] = mapped_column(Exact(), nullable=False, comment="yuan, tax included, exact")
    net_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    tax_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    gross_fen: Mapped[int] = mapped_column(Fen(), nullable=False)


class Milestone(Identified, Base):
    """A stage of the work that a contract agreed: delivered, confirmed and redeemed by itself, in its order.

    The enterprise's consent to a stage is kept with it; the last one is also its consent to the order's acceptance.
    """

    __tablename__ = "order_milestone"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("position >= 1", name="position_counts_from_one"),
        CheckConstraint("gross_fen > 0", name="gross_is_positive"),
        CheckConstraint("subsidy_fen >= 0 AND subsidy_fen <= gross_fen", name="subsidy_within_gross"),
        CheckConstraint(
            "(confirmed_at IS NULL) = (way IS NULL) AND (confirmed_at IS NULL) = (person_id IS NULL)",
            name="confirmed_by_somebody",
        ),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("shop_order.id"), nullable=False)
    position: Mapped[int] = mapped_column(Count(), nullable=False)
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    gross_fen: Mapped[int] = mapped_column(Fen(), nullable=False, comment="its share of the contract, tax included")
    subsidy_fen: Mapped[int] = mapped_column(Fen(), nullable=False, comment="its share of the subsidy, fen")
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant())
    person_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="who confirmed it for the enterprise")
    assignment_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    way: Mapped[str | None] = mapped_column(Name(), comment="own device, or short-lived code shown to the provider")


class Delivery(Identified, Base):
    """What the provider hands over, with its documents; a rejected one is followed by another."""

    __tablename__ = "order_delivery"
    __table_args__ = (Index("ix_order_delivery_order", "order_id", "created_at", "id"),)

    order_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("shop_order.id"), nullable=False)
    text: Mapped[str] = mapped_column(Name(), nullable=False)
    document_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("document.id"))
    part: Mapped[int | None] = mapped_column(Count(), comment="the milestone handed over; none: the whole order")
    delivered_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)


class Consent(Identified, Base):
    """The enterprise said yes, by its own account: once per step of an order."""

    __tablename__ = "order_consent"
    __table_args__ = (UniqueConstraint("order_id", "step"), one_of("step", ConsentStep))

    order_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("shop_order.id"), nullable=False)
    step: Mapped[ConsentStep] = mapped_column(Choice(ConsentStep), nullable=False)
    person_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    assignment_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    way: Mapped[str] = mapped_column(
        Name(), nullable=False, comment="own device, or short-lived code shown to the provider"
    )
