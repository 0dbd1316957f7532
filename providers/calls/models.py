"""Calls."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Instant, Json, Name
from marketplace.shop.roster.states import ServiceClass
from providers.calls.states import CallState


class Call(Identified, Base):
    """A city's public call for providers. Once published its terms never change."""

    __tablename__ = "selection_call"

    city: Mapped[str] = mapped_column(Name(), nullable=False, comment="GB/T 2260 code of the city")
    number: Mapped[str] = mapped_column(Name(), nullable=False, comment="number of the document")
    title: Mapped[str] = mapped_column(Name(), nullable=False)
    basis: Mapped[str] = mapped_column(Name(), nullable=False, comment="the policy the call carries out")
    clause: Mapped[str] = mapped_column(Name(), nullable=False, comment="clause of the rule book")
    edition_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("book_edition.id"))
    seats: Mapped[dict[str, int]] = mapped_column(Json(), nullable=False, comment="class → how many are sought")
    industries: Mapped[list[str]] = mapped_column(Json(), nullable=False, comment="GB/T 4754; empty: all")
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(
        Json(), nullable=False, comment="code, label, kind, fact, operator, value"
    )
    scoring: Mapped[list[dict[str, Any]]] = mapped_column(Json(), nullable=False, comment="code, label, max points")
    tie_break: Mapped[list[str]] = mapped_column(Json(), nullable=False, comment="criteria that part equal totals")
    pass_line: Mapped[int] = mapped_column(Count(), nullable=False, comment="points of 100")
    opens_on: Mapped[date] = mapped_column(Day(), nullable=False, comment="first day, from midnight in Shanghai")
    closes_on: Mapped[date] = mapped_column(Day(), nullable=False, comment="last day, to its last second")
    publicity_days: Mapped[int] = mapped_column(Count(), nullable=False, comment="working days of the notice")
    term_years: Mapped[int] = mapped_column(Count(), nullable=False, comment="years on the list")
    materials: Mapped[str] = mapped_column(Name(), nullable=False, comment="what is to be handed in")
    duties: Mapped[str] = mapped_column(Name(), nullable=False, comment="what the chosen must do")
    contact: Mapped[str] = mapped_column(Name(), nullable=False, comment="where questions and objections go")
    state: Mapped[CallState] = mapped_column(Choice(CallState), nullable=False, default=CallState.DRAFT)
    drafted_by: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("person.id"))
    published_at: Mapped[datetime | None] = mapped_column(Instant())
    end_reason: Mapped[str | None] = mapped_column(Name(), comment="why it was cancelled")

    __table_args__ = (
        one_of("state", CallState),
        UniqueConstraint("city", "number", info=look_again()),
        CheckConstraint("closes_on >= opens_on", name="period_runs_forward"),
        CheckConstraint("pass_line BETWEEN 0 AND 100", name="pass_line_within_hundred"),
        CheckConstraint("publicity_days >= 1", name="publicity_has_a_working_day"),
        CheckConstraint("term_years BETWEEN 1 AND 10", name="term_within_ten_years"),
        CheckConstraint("state IN ('draft', 'cancelled') OR published_at IS NOT NULL", name="public_when_published"),
        CheckConstraint("(state = 'cancelled') = (end_reason IS NOT NULL)", name="cancelled_with_a_reason"),
        Index("ix_selection_call_opens_on_id", "opens_on", "id"),
        Index("ix_selection_call_city_state", "city", "state"),
        Index("ix_selection_call_state_closes_on", "state", "closes_on"),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(city=self.city)

    @property
    def classes(self) -> list[ServiceClass]:
        """The classes that are sought, in the usual order."""
        return [k for k in ServiceClass if self.seats.get(k.value)]

    def takes_on(self, day: date) -> bool:
        """Whether applications are taken on a day."""
        return self.state is CallState.OPEN and self.opens_on <= day <= self.closes_on
