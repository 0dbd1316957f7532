"""Findings: cases that a person decides. A finding never stops an act by itself."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.roles import Role
from marketplace.base.types import ID, Choice, Day, Flag, Instant, Json, Name
from marketplace.policy.findings.states import Decision, FindingState, Severity


class Finding(Identified, Base):
    """One suspicion about one thing: what was seen, by which clause, who looks into it until when, what came of it."""

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("detector", "subject_kind", "subject_id", "fingerprint", info=look_again()),
        one_of("state", FindingState),
        one_of("severity", Severity),
        one_of("owner_role", Role),
        CheckConstraint(
            "(state = 'decided') = (decision IS NOT NULL AND reason IS NOT NULL AND decided_at IS NOT NULL)",
            name="decided_iff_decision_and_reason",
        ),
        CheckConstraint("decision IS NULL OR decision IN ('confirmed', 'rectify', 'dismissed')", name="decision_known"),
        Index("ix_finding_place_state_due", "city", "state", "due", "id"),
        Index("ix_finding_pilot_state_due", "pilot_id", "state", "due", "id"),
        Index("ix_finding_subject", "subject_kind", "subject_id"),
    )

    detector: Mapped[str] = mapped_column(Name(), nullable=False, comment="code of what found it: party.related")
    severity: Mapped[Severity] = mapped_column(Choice(Severity), nullable=False)
    clause: Mapped[str] = mapped_column(Name(), nullable=False)
    subject_kind: Mapped[str] = mapped_column(Name(), nullable=False)
    subject_id: Mapped[str] = mapped_column(Name(), nullable=False)
    fingerprint: Mapped[str] = mapped_column(Name(), nullable=False, comment="tells two suspicions of a thing apart")
    city: Mapped[str] = mapped_column(Name(), nullable=False, comment="GB/T 2260 code of the prefecture city")
    pilot_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="where it concerns one pilot")
    template: Mapped[str] = mapped_column(Name(), nullable=False, comment="Chinese source text of the sentence")
    evidence: Mapped[dict[str, Any]] = mapped_column(Json(), nullable=False, comment="the values of the sentence")
    url: Mapped[str | None] = mapped_column(Name(), comment="page of the thing it is about")
    owner_role: Mapped[Role] = mapped_column(Choice(Role), nullable=False, comment="whose desk it lies on")
    due: Mapped[date] = mapped_column(Day(), nullable=False)
    due_provisional: Mapped[bool] = mapped_column(Flag(), nullable=False, comment="counted beyond known holidays")
    state: Mapped[FindingState] = mapped_column(Choice(FindingState), nullable=False, default=FindingState.OPEN)
    decision: Mapped[Decision | None] = mapped_column(Choice(Decision))
    reason: Mapped[str | None] = mapped_column(Name())
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")
    decided_by_name: Mapped[str | None] = mapped_column(Name())
    decided_at: Mapped[datetime | None] = mapped_column(Instant())

    @property
    def scope(self) -> Scope:
        return Scope.of(pilot_id=self.pilot_id, city=self.city)
