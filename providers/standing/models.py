"""Measures taken against providers on the list."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Day, Name
from providers.standing.states import Measure


class StandingMeasure(Identified, Base):
    """One measure: what, why, on which clause, by whom. It is never changed; lifting is a measure of its own."""

    __tablename__ = "standing_measure"

    entry_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("roster_entry.id"), nullable=False)
    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    kind: Mapped[Measure] = mapped_column(Choice(Measure), nullable=False)
    reason: Mapped[str] = mapped_column(Name(), nullable=False)
    clause: Mapped[str] = mapped_column(Name(), nullable=False)
    day: Mapped[date] = mapped_column(Day(), nullable=False)
    due_on: Mapped[date | None] = mapped_column(Day(), comment="last day of a rectification")
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("person.id"))

    __table_args__ = (
        one_of("kind", Measure),
        CheckConstraint("(kind = 'rectify') = (due_on IS NOT NULL)", name="rectification_has_a_deadline"),
        Index("ix_standing_measure_entry_id_id", "entry_id", "id"),
        Index("ix_standing_measure_city_id", "city", "id"),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(self.provider_id, city=self.city)
