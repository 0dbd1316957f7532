"""Schemes, their versions, and the kept trace of every computed subsidy."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Fen, Instant, Json, Name
from marketplace.shop.orders.states import Mode
from vouchers.schemes.states import Basis, OnShort, VersionState

_DRAFT = text("state = 'draft'")
_OPEN = text("state = 'published'")


class Scheme(Identified, Base):
    """A named way in which a pilot gives vouchers."""

    __tablename__ = "scheme"
    __table_args__ = (
        UniqueConstraint("pilot_id", "code", info=look_again()),
        Index("ix_scheme_pilot_newest", "pilot_id", "created_at", "id"),
    )

    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    code: Mapped[str] = mapped_column(Name(), nullable=False)
    name: Mapped[str] = mapped_column(Name(), nullable=False)

    @property
    def scope(self) -> Scope:
        return Scope.of(pilot_id=self.pilot_id, city=self.city)


class SchemeVersion(Identified, Base):
    """The terms: rate, caps, what is eligible, until when. Frozen by publication."""

    __tablename__ = "scheme_version"
    __table_args__ = (
        UniqueConstraint("scheme_id", "number"),
        one_of("state", VersionState),
        one_of("mode", Mode),
        one_of("basis", Basis),
        one_of("on_short", OnShort),
        CheckConstraint("rate_bps BETWEEN 1 AND 10000", name="rate_is_a_share"),
        CheckConstraint("cap_voucher_fen > 0", name="cap_voucher_positive"),
        CheckConstraint("cap_enterprise_year_fen IS NULL OR cap_enterprise_year_fen > 0", name="cap_year_positive"),
        CheckConstraint("cap_order_fen > 0", name="cap_order_positive"),
        CheckConstraint("cap_provider_year_fen > 0", name="cap_provider_positive"),
        CheckConstraint("cap_scheme_fen > 0", name="cap_scheme_positive"),
        CheckConstraint("use_days BETWEEN 1 AND 3660", name="use_days_counted"),
        CheckConstraint("redeem_days BETWEEN 1 AND 3660", name="redeem_days_counted"),
        CheckConstraint("min_use_bps BETWEEN 1 AND 10000", name="min_use_is_a_share"),
        CheckConstraint("automatic_fen BETWEEN 1 AND cap_voucher_fen", name="automatic_within_cap"),
        CheckConstraint("use_by <= redeem_by", name="used_before_redeemed"),
        CheckConstraint("state = 'draft' OR published_at IS NOT NULL", name="published_at_known"),
        Index("scheme_version_draft_once", "scheme_id", unique=True, sqlite_where=_DRAFT, postgresql_where=_DRAFT),
        Index("scheme_version_open_once", "scheme_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_scheme_version_city_state", "city", "state"),
    )

    scheme_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("scheme.id"), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False, index=True)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    number: Mapped[int] = mapped_column(Count(), nullable=False)
    category: Mapped[str] = mapped_column(Name(), nullable=False, comment="subsidy category of the pilot's book")
    mode: Mapped[Mode] = mapped_column(Choice(Mode), nullable=False)
    basis: Mapped[Basis] = mapped_column(Choice(Basis), nullable=False)
    rate_bps: Mapped[int] = mapped_column(Count(), nullable=False, comment="ten-thousandths of the eligible amount")
    cap_voucher_fen: Mapped[int] = mapped_column(Fen(), nullable=False, comment="largest face value, fen")
    cap_enterprise_year_fen: Mapped[int | None] = mapped_column(Fen(), comment="per enterprise and calendar year, fen")
    cap_order_fen: Mapped[int | None] = mapped_column(Fen(), comment="largest subsidy of one order or contract, fen")
    cap_provider_year_fen: Mapped[int | None] = mapped_column(Fen(), comment="per provider and calendar year, fen")
    cap_scheme_fen: Mapped[int | None] = mapped_column(Fen(), comment="all vouchers of the scheme together, fen")
    min_use_bps: Mapped[int | None] = mapped_column(
        Count(), comment="share of earlier vouchers to be used before another is given, ten-thousandths"
    )
    use_days: Mapped[int | None] = mapped_column(Count(), comment="days from issue to order, at most until use_by")
    redeem_days: Mapped[int | None] = mapped_column(
        Count(), comment="days from order to confirmed delivery, at most until redeem_by"
    )
    faces_fen: Mapped[list[int] | None] = mapped_column(Json(), comment="face values to choose from, fen; none: any")
    automatic_fen: Mapped[int | None] = mapped_column(
        Fen(), comment="face that every enterprise on the list gets once without asking, fen"
    )
    cost_types: Mapped[list[str]] = mapped_column(Json(), nullable=False)
    on_short: Mapped[OnShort] = mapped_column(Choice(OnShort), nullable=False)
    use_by: Mapped[date] = mapped_column(Day(), nullable=False, comment="last day to order")
    redeem_by: Mapped[date] = mapped_column(Day(), nullable=False, comment="last day to confirm delivery")
    state: Mapped[VersionState] = mapped_column(Choice(VersionState), nullable=False)
    published_at: Mapped[datetime | None] = mapped_column(Instant())
    published_by: Mapped[uuid.UUID | None] = mapped_column(ID())

    @property
    def scope(self) -> Scope:
        return Scope.of(pilot_id=self.pilot_id, city=self.city)


class SubsidyTrace(Identified, Base):
    """How a subsidy was computed, step by step; written once for each stage of an order."""

    __tablename__ = "subsidy_trace"
    __table_args__ = (UniqueConstraint("order_id", "stage"), one_of("stage", ("order", "contract")))

    order_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("shop_order.id"), nullable=False)
    stage: Mapped[str] = mapped_column(Name(), nullable=False)
    version_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("scheme_version.id"), nullable=False)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(Json(), nullable=False)
    amount_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
