"""Condition checks and rankings."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.types import ID, Choice, Count, Flag, Instant, Name
from marketplace.shop.roster.states import ServiceClass
from providers.review.states import Finding


class ConditionCheck(Identified, Base):
    """One condition of the call held against one application."""

    __tablename__ = "condition_check"

    application_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("application.id"), nullable=False)
    position: Mapped[int] = mapped_column(Count(), nullable=False)
    code: Mapped[str] = mapped_column(Name(), nullable=False)
    label: Mapped[str] = mapped_column(Name(), nullable=False)
    machine: Mapped[Finding] = mapped_column(Choice(Finding), nullable=False)
    needed: Mapped[int | None] = mapped_column(Count(), comment="the number the condition asks for")
    actual: Mapped[int | None] = mapped_column(Count(), comment="what the machine found")
    decision: Mapped[Finding | None] = mapped_column(
        Choice(Finding), comment="pass or fail; the machine's until changed"
    )
    reason: Mapped[str | None] = mapped_column(Name())
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("person.id"), comment="empty: the machine")
    decided_at: Mapped[datetime | None] = mapped_column(Instant())

    __table_args__ = (
        one_of("machine", Finding),
        UniqueConstraint("application_id", "code", info=look_again()),
        CheckConstraint("decision IS NULL OR decision IN ('pass', 'fail')", name="decision_is_yes_or_no"),
        CheckConstraint(
            "decision = machine OR decision IS NULL OR reason IS NOT NULL", name="other_decision_has_reason"
        ),
    )


class Ranking(Base):
    """Where an application stands in the ranking that was last made of its call."""

    __tablename__ = "ranking"

    application_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("application.id"), primary_key=True)
    call_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("selection_call.id"), nullable=False)
    klass: Mapped[ServiceClass] = mapped_column(Choice(ServiceClass), nullable=False)
    place: Mapped[int] = mapped_column(Count(), nullable=False, comment="equal ones share a place")
    score: Mapped[int] = mapped_column(Count(), nullable=False, comment="hundredths of a point")
    passed: Mapped[bool] = mapped_column(Flag(), nullable=False, comment="reaches the pass line")
    proposed: Mapped[bool] = mapped_column(Flag(), nullable=False)
    made_by: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)

    __table_args__ = (
        CheckConstraint("place >= 1", name="places_begin_at_one"),
        CheckConstraint("passed OR NOT proposed", name="proposed_only_above_the_line"),
        Index("ix_ranking_call_id_klass_place", "call_id", "klass", "place"),
    )
