"""Products, editions, packages and listings; two narrow tables make them searchable on both databases."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Blob, Choice, Count, Fen, Instant, Json, Name
from marketplace.shop.catalogue.states import CostType, Deployment, ListingState
from marketplace.shop.roster.states import ServiceClass

_OPEN = text("state = 'submitted'")
_LISTED = text("state = 'listed'")


class Product(Identified, Base):
    """What a provider offers; its contents live in the editions."""

    __tablename__ = "product"
    __table_args__ = (Index("ix_product_provider_newest", "provider_id", "created_at", "id"),)

    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    draft: Mapped[dict[str, Any]] = mapped_column(
        Json(), nullable=False, comment="the next edition while it is written"
    )
    editions: Mapped[int] = mapped_column(Count(), nullable=False, default=0, comment="how many were published")

    @property
    def scope(self) -> Scope:
        return Scope.of(self.provider_id)


class Edition(Identified, Base):
    """A published description with prices: never changed, only followed by the next."""

    __tablename__ = "edition"
    __table_args__ = (
        UniqueConstraint("product_id", "number"),
        one_of("deployment", Deployment),
        one_of("klass", ServiceClass),
        CheckConstraint("delivery_days > 0", name="delivery_takes_days"),
        CheckConstraint("length(content_hash) = 32", name="content_hash_is_sha256"),
    )

    product_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("product.id"), nullable=False)
    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False, index=True)
    number: Mapped[int] = mapped_column(Count(), nullable=False)
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    klass: Mapped[ServiceClass] = mapped_column(
        Choice(ServiceClass), nullable=False, comment="class in which its provider is chosen"
    )
    summary: Mapped[str] = mapped_column(Name(), nullable=False)
    scenarios: Mapped[list[str]] = mapped_column(Json(), nullable=False, comment="codes of the sixteen scenarios")
    industries: Mapped[list[str]] = mapped_column(Json(), nullable=False, comment="GB/T 4754 divisions")
    deployment: Mapped[Deployment] = mapped_column(Choice(Deployment), nullable=False)
    delivery_days: Mapped[int] = mapped_column(Count(), nullable=False)
    small: Mapped[str] = mapped_column(Name(), nullable=False, comment="evidence that it is small (小型化)")
    fast: Mapped[str] = mapped_column(Name(), nullable=False, comment="evidence that it is fast (快速化)")
    light: Mapped[str] = mapped_column(Name(), nullable=False, comment="evidence that it is light (轻量化)")
    precise: Mapped[str] = mapped_column(Name(), nullable=False, comment="evidence that it is precise (精准化)")
    cases: Mapped[str] = mapped_column(Name(), nullable=False)
    exit_terms: Mapped[str] = mapped_column(Name(), nullable=False, comment="export of data and end of service")
    content_hash: Mapped[bytes] = mapped_column(Blob(), nullable=False)
    published_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)

    @property
    def scope(self) -> Scope:
        return Scope.of(self.provider_id)


class Package(Identified, Base):
    """A price of an edition: what is bought, per which unit, and what kind of cost it is."""

    __tablename__ = "package"
    __table_args__ = (
        UniqueConstraint("edition_id", "position"),
        one_of("cost_type", CostType),
        CheckConstraint("price_fen > 0", name="price_is_positive"),
    )

    edition_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("edition.id"), nullable=False)
    position: Mapped[int] = mapped_column(Count(), nullable=False)
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    unit: Mapped[str] = mapped_column(Name(), nullable=False)
    cost_type: Mapped[CostType] = mapped_column(Choice(CostType), nullable=False)
    price_fen: Mapped[int] = mapped_column(Fen(), nullable=False, comment="fen per unit, tax included")


class Listing(Identified, Base):
    """One edition in one city, with that city's review and the subsidy category it settled."""

    __tablename__ = "listing"
    __table_args__ = (
        one_of("state", ListingState),
        CheckConstraint(
            "state NOT IN ('listed', 'rejected') OR (reviewed_at IS NOT NULL AND reviewed_by IS NOT NULL)",
            name="reviewed_by_somebody",
        ),
        Index(
            "listing_submitted_once",
            "product_id",
            "city",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
            info=look_again(),
        ),
        Index(
            "listing_listed_once",
            "product_id",
            "city",
            unique=True,
            sqlite_where=_LISTED,
            postgresql_where=_LISTED,
            info=look_again(),
        ),
        Index("ix_listing_city_state_newest", "city", "state", "created_at", "id"),
        Index("ix_listing_city_state_price", "city", "state", "price_from_fen", "id"),
    )

    edition_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("edition.id"), nullable=False, index=True)
    product_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("product.id"), nullable=False, index=True)
    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False, index=True)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    state: Mapped[ListingState] = mapped_column(Choice(ListingState), nullable=False)
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    provider_name: Mapped[str] = mapped_column(Name(), nullable=False)
    price_from_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    hint_fen: Mapped[int | None] = mapped_column(Fen(), comment="lowest price after a voucher, written by the schemes")
    categories: Mapped[dict[str, str]] = mapped_column(
        Json(), nullable=False, comment="pilot type → subsidy category, set by the reviewing city"
    )
    submitted_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    reviewed_by: Mapped[uuid.UUID | None] = mapped_column(ID())
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant())
    reason: Mapped[str] = mapped_column(Name(), nullable=False, default="")

    @property
    def scope(self) -> Scope:
        return Scope.of(self.provider_id, city=self.city)


class ListingWord(Base):
    """Inverted index of the listed products: one row per bigram or word."""

    __tablename__ = "listing_word"
    __table_args__ = (Index("ix_listing_word_listing_id", "listing_id"),)

    word: Mapped[str] = mapped_column(Name(), primary_key=True)
    listing_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("listing.id"), primary_key=True)


class ListingFacet(Base):
    """What listed products can be narrowed by: scenario, industry, deployment, class, provider."""

    __tablename__ = "listing_facet"
    __table_args__ = (Index("ix_listing_facet_listing_id", "listing_id"),)

    facet: Mapped[str] = mapped_column(Name(), primary_key=True)
    value: Mapped[str] = mapped_column(Name(), primary_key=True)
    listing_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("listing.id"), primary_key=True)
