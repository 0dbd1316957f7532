"""Programmes, batches and pilots with what was declared for them, their tranches, evaluation and plan changes."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again, taken
from marketplace.base.permissions import Scope, province_of
from marketplace.base.text import N_
from marketplace.base.types import ID, Choice, Count, Day, Fen, Instant, Name
from marketplace.pilots.programmes.states import ChangeState, Grade, PilotState, TrancheState

_LIVE = text("state NOT IN ('not_approved', 'withdrawn')")
_STANDING = text("state <> 'refused'")


class Programme(Identified, Base):
    """A provincial programme under one rule book: one department proposes the money, another decides (五(四))."""

    __tablename__ = "programme"
    __table_args__ = (
        CheckConstraint("industry_department_id <> finance_department_id", name="two_departments"),
        CheckConstraint("publicity_days > 0", name="publicity_takes_working_days"),
    )

    code: Mapped[str] = mapped_column(
        Name(), nullable=False, unique=True,
        info=taken("programme.code_taken", N_("已有同一代号的试点项目。"), field="code"),
    )  # fmt: skip
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    region: Mapped[str] = mapped_column(Name(), ForeignKey("region.code"), nullable=False, comment="the province")
    edition_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("book_edition.id"), nullable=False)
    industry_department_id: Mapped[uuid.UUID] = mapped_column(
        ID(), ForeignKey("organisation.id"), nullable=False, comment="leads review, proposes money"
    )
    finance_department_id: Mapped[uuid.UUID] = mapped_column(
        ID(), ForeignKey("organisation.id"), nullable=False, comment="decides and releases money"
    )
    publicity_days: Mapped[int] = mapped_column(Count(), nullable=False, comment="working days of the public notice")
    opened_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")

    @property
    def scope(self) -> Scope:
        return Scope.of(self.industry_department_id, self.finance_department_id, province=province_of(self.region))


class Batch(Identified, Base):
    """One round of applications with its calendar; both year ends are last days, inclusive (四(一))."""

    __tablename__ = "programme_batch"
    __table_args__ = (
        UniqueConstraint("programme_id", "number", info=look_again()),
        CheckConstraint("number > 0", name="number_counts_from_one"),
        CheckConstraint("year1_end < year2_end", name="year_one_ends_before_year_two"),
    )

    programme_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("programme.id"), nullable=False)
    edition_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("book_edition.id"), nullable=False)
    number: Mapped[int] = mapped_column(Count(), nullable=False)
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    region: Mapped[str] = mapped_column(Name(), nullable=False, comment="the province, from the programme")
    book_batch: Mapped[str | None] = mapped_column(Name(), comment="its key in the book, where the book has it")
    applications_until: Mapped[date | None] = mapped_column(Day(), comment="last day for recommendations")
    year1_end: Mapped[date] = mapped_column(Day(), nullable=False)
    year2_end: Mapped[date] = mapped_column(Day(), nullable=False)

    @property
    def scope(self) -> Scope:
        return Scope.of(province=province_of(self.region))


class Pilot(Identified, Base):
    """An area that applies for, and then runs, a pilot. `type` and `klass` are codes of its edition's book."""

    __tablename__ = "pilot"
    __table_args__ = (
        one_of("state", PilotState),
        CheckConstraint("focus_kind IN ('cluster', 'chain')", name="focus_is_a_cluster_or_a_chain"),
        CheckConstraint("target_enterprises > 0", name="target_counts_enterprises"),
        CheckConstraint("award_fen IS NULL OR award_fen > 0", name="award_is_positive"),
        CheckConstraint(
            "(state IN ('approved', 'suspended', 'closed')) = (award_fen IS NOT NULL AND approved_on IS NOT NULL)",
            name="approved_iff_award_and_day",
        ),
        Index(
            "uq_pilot_area_once",
            "programme_id",
            "region",
            unique=True,
            info=look_again(),
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_pilot_newest", "created_at", "id"),
        Index("ix_pilot_city", "city", "state", "created_at", "id"),
        Index("ix_pilot_quota", "batch_id", "type", "city"),
    )

    programme_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("programme.id"), nullable=False)
    batch_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("programme_batch.id"), nullable=False)
    edition_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("book_edition.id"), nullable=False)
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    type: Mapped[str] = mapped_column(Name(), nullable=False, comment="pilot type of the book: zone, county")
    klass: Mapped[str] = mapped_column(Name(), nullable=False, comment="class of the book: county_3")
    region: Mapped[str] = mapped_column(Name(), ForeignKey("region.code"), nullable=False, comment="the area")
    city: Mapped[str] = mapped_column(Name(), nullable=False, comment="GB/T 2260 code of the prefecture city")
    office_organisation_id: Mapped[uuid.UUID] = mapped_column(
        ID(), ForeignKey("organisation.id"), nullable=False, index=True, comment="the pilot office"
    )
    focus_kind: Mapped[str] = mapped_column(Name(), nullable=False)
    focus: Mapped[str] = mapped_column(Name(), nullable=False, comment="the named cluster, or the chosen chain")
    target_enterprises: Mapped[int] = mapped_column(Count(), nullable=False, comment="to be renovated, by its plan")
    plan_document_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="the pilot plan")
    state: Mapped[PilotState] = mapped_column(Choice(PilotState), nullable=False, default=PilotState.NOMINATED)
    nominated_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")
    reviewed_on: Mapped[date | None] = mapped_column(Day())
    review_note: Mapped[str | None] = mapped_column(Name(), comment="opinion of the experts, advice on the plan")
    notice_id: Mapped[uuid.UUID | None] = mapped_column(ID(), index=True, comment="the public notice")
    cleared_on: Mapped[date | None] = mapped_column(Day())
    award_fen: Mapped[int | None] = mapped_column(Fen())
    approved_on: Mapped[date | None] = mapped_column(Day())
    approved_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")
    state_reason: Mapped[str | None] = mapped_column(Name(), comment="why declined, suspended, resumed or closed")

    @property
    def cluster(self) -> str | None:
        """The one cluster of a zone pilot (三(二)1)."""
        return self.focus if self.focus_kind == "cluster" else None

    @property
    def chain(self) -> str | None:
        """The chosen chain of a county pilot (二(一))."""
        return self.focus if self.focus_kind == "chain" else None

    @property
    def scope(self) -> Scope:
        return Scope.of(self.office_organisation_id, pilot_id=self.id, city=self.city)


class Recommendation(Identified, Base):
    """The letter of one of the departments that recommend together (五(一))."""

    __tablename__ = "pilot_recommendation"
    __table_args__ = (UniqueConstraint("pilot_id", "position"),)

    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    position: Mapped[int] = mapped_column(Count(), nullable=False, comment="place in the book's list of departments")
    department: Mapped[str] = mapped_column(Name(), nullable=False)
    letter_number: Mapped[str] = mapped_column(Name(), nullable=False, comment="number of the official letter (文号)")
    document_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)


class PilotDeclaration(Identified, Base):
    """That one condition of application is met, and what shows it (三(一))."""

    __tablename__ = "pilot_declaration"
    __table_args__ = (
        UniqueConstraint("pilot_id", "condition"),
        CheckConstraint("length(statement) > 0", name="statement_says_something"),
    )

    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    condition: Mapped[str] = mapped_column(Name(), nullable=False, comment="code of the book")
    clause: Mapped[str] = mapped_column(Name(), nullable=False)
    statement: Mapped[str] = mapped_column(Name(), nullable=False, comment="how the condition is met")
    document_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    declared_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")


class Tranche(Identified, Base):
    """A part of the award: proposed by one department, released by another, seen on the account by a third (四(一))."""

    __tablename__ = "tranche"
    __table_args__ = (
        one_of("state", TrancheState),
        CheckConstraint("amount_fen > 0", name="amount_is_positive"),
        CheckConstraint("number > 0", name="number_counts_from_one"),
        CheckConstraint(
            "(state IN ('released', 'received')) = "
            "(released_on IS NOT NULL AND released_at IS NOT NULL AND release_number IS NOT NULL)",
            name="released_iff_day_and_number",
        ),
        CheckConstraint(
            "(state = 'received') = "
            "(received_on IS NOT NULL AND received_at IS NOT NULL AND bank_reference IS NOT NULL)",
            name="received_iff_day_and_reference",
        ),
        CheckConstraint("received_on IS NULL OR received_on >= released_on", name="received_after_release"),
        CheckConstraint("released_by IS NULL OR released_by <> proposed_by", name="releaser_is_not_proposer"),
        CheckConstraint("(state = 'refused') = (refusal_reason IS NOT NULL)", name="refused_iff_reason"),
        Index(
            "uq_tranche_number", "pilot_id", "number",
            unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING,
        ),
        Index("uq_tranche_reference", "pilot_id", "bank_reference", unique=True),
        Index("ix_tranche_waiting", "state", "city", "created_at"),
    )  # fmt: skip

    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    number: Mapped[int] = mapped_column(Count(), nullable=False)
    book_tranche: Mapped[str] = mapped_column(Name(), nullable=False, comment="code of the book: first, second")
    amount_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    state: Mapped[TrancheState] = mapped_column(Choice(TrancheState), nullable=False, default=TrancheState.PROPOSED)
    proposed_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")
    released_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person, of the other department")
    released_at: Mapped[datetime | None] = mapped_column(Instant())
    released_on: Mapped[date | None] = mapped_column(Day())
    release_number: Mapped[str | None] = mapped_column(Name(), comment="number of the official letter (文号)")
    received_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")
    received_at: Mapped[datetime | None] = mapped_column(Instant())
    received_on: Mapped[date | None] = mapped_column(Day(), comment="the day the bank credited it")
    bank_reference: Mapped[str | None] = mapped_column(Name())
    refusal_reason: Mapped[str | None] = mapped_column(Name())

    @property
    def scope(self) -> Scope:
        return Scope.of(pilot_id=self.pilot_id, city=self.city)


class MidTermEvaluation(Identified, Base):
    """The evaluation after year 1, on which the second part of the money depends (四(一), 五(五))."""

    __tablename__ = "mid_term_evaluation"
    __table_args__ = (one_of("grade", Grade),)

    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False, unique=True)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    grade: Mapped[Grade] = mapped_column(Choice(Grade), nullable=False)
    evaluated_on: Mapped[date] = mapped_column(Day(), nullable=False)
    comment: Mapped[str] = mapped_column(Name(), nullable=False)
    document_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    evaluated_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")

    @property
    def scope(self) -> Scope:
        return Scope.of(pilot_id=self.pilot_id, city=self.city)


class PlanChange(Identified, Base):
    """A wish to depart from the approved plan; nothing changes before the province agrees (五(三))."""

    __tablename__ = "plan_change"
    __table_args__ = (
        one_of("state", ChangeState),
        CheckConstraint("(state = 'requested') = (decided_at IS NULL)", name="decided_iff_not_requested"),
        CheckConstraint("state <> 'rejected' OR decision_reason IS NOT NULL", name="rejected_with_reason"),
        Index("ix_plan_change_pilot", "pilot_id", "created_at", "id"),
    )

    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    title: Mapped[str] = mapped_column(Name(), nullable=False)
    text: Mapped[str] = mapped_column(Name(), nullable=False)
    document_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    state: Mapped[ChangeState] = mapped_column(Choice(ChangeState), nullable=False, default=ChangeState.REQUESTED)
    requested_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")
    decided_at: Mapped[datetime | None] = mapped_column(Instant())
    decision_reason: Mapped[str | None] = mapped_column(Name())

    @property
    def scope(self) -> Scope:
        return Scope.of(pilot_id=self.pilot_id, city=self.city)
