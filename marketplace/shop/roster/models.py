"""Entries of the list, each with its certificate and term."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Day, Name
from marketplace.shop.roster.states import RosterState, ServiceClass

_STANDING = text("state NOT IN ('removed', 'ended')")


class RosterEntry(Identified, Base):
    """One provider in one class on one city's list."""

    __tablename__ = "roster_entry"

    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False, comment="GB/T 2260 code of the city")
    klass: Mapped[ServiceClass] = mapped_column(Choice(ServiceClass), nullable=False)
    call_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, index=True, comment="the call that chose it")
    application_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, unique=True, info=look_again())
    certificate_number: Mapped[str] = mapped_column(Name(), nullable=False, unique=True, comment="Crockford base32")
    valid_from: Mapped[date] = mapped_column(Day(), nullable=False)
    valid_until: Mapped[date] = mapped_column(Day(), nullable=False, comment="last day, inclusive")
    state: Mapped[RosterState] = mapped_column(Choice(RosterState), nullable=False, default=RosterState.ACTIVE)
    state_since: Mapped[date] = mapped_column(Day(), nullable=False)
    state_reason: Mapped[str | None] = mapped_column(Name(), comment="why it left the plain state; shown in public")
    state_clause: Mapped[str | None] = mapped_column(Name())
    rectify_by: Mapped[date | None] = mapped_column(Day(), comment="last day of a rectification")

    __table_args__ = (
        one_of("state", RosterState),
        one_of("klass", ServiceClass),
        CheckConstraint("valid_until >= valid_from", name="term_runs_forward"),
        CheckConstraint(
            "state IN ('active', 'ended') OR (state_reason IS NOT NULL AND state_clause IS NOT NULL)",
            name="measure_has_reason_and_clause",
        ),
        CheckConstraint("state <> 'rectifying' OR rectify_by IS NOT NULL", name="rectification_has_a_deadline"),
        Index(
            "uq_roster_entry_standing",
            "provider_id",
            "city",
            "klass",
            unique=True,
            info=look_again(),
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        Index("ix_roster_entry_city_valid_from_id", "city", "valid_from", "id"),
        Index("ix_roster_entry_valid_until", "valid_until"),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(self.provider_id, city=self.city)


class RosterIndustry(Base):
    """An industry for which an entry was chosen."""

    __tablename__ = "roster_industry"

    entry_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("roster_entry.id"), primary_key=True)
    industry: Mapped[str] = mapped_column(Name(), primary_key=True, index=True, comment="GB/T 4754 code")
