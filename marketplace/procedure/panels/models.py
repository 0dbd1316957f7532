"""The pool of experts, panels drawn from it, and their scores. Points are integer hundredths."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Flag, Instant, Json, Name
from marketplace.procedure.panels.states import PanelState, SeatState

_CURRENT = text("superseded_at IS NULL")


class Expert(Identified, Base):
    """A person in the pool of a city or of the province."""

    __tablename__ = "expert"

    person_id: Mapped[uuid.UUID] = mapped_column(
        ID(), ForeignKey("person.id"), nullable=False, unique=True, info=look_again()
    )
    city: Mapped[str] = mapped_column(Name(), nullable=False, index=True, comment="whose pool; 360000: the province's")
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    fields: Mapped[list[str]] = mapped_column(Json(), nullable=False, comment="fields of expertise")
    title: Mapped[str] = mapped_column(Name(), nullable=False, comment="professional title")
    active: Mapped[bool] = mapped_column(Flag(), nullable=False, default=True)

    @property
    def scope(self) -> Scope:
        return Scope.of(city=self.city, persons=[self.person_id])


class Employment(Identified, Base):
    """Where an expert works or worked: conflicts reach three years back."""

    __tablename__ = "expert_employment"

    expert_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("expert.id"), nullable=False, index=True)
    employer_uscc: Mapped[str] = mapped_column(Name(), nullable=False, index=True)
    employer_name: Mapped[str] = mapped_column(Name(), nullable=False)
    from_day: Mapped[date | None] = mapped_column(Day())
    until_day: Mapped[date | None] = mapped_column(Day(), comment="empty: employed there now")

    __table_args__ = (
        CheckConstraint("until_day IS NULL OR from_day IS NULL OR until_day >= from_day", name="runs_forward"),
    )


class Panel(Identified, Base):
    """Experts drawn to judge the candidates of one subject."""

    __tablename__ = "panel"

    subject_kind: Mapped[str] = mapped_column(Name(), nullable=False)
    subject_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    title: Mapped[str] = mapped_column(Name(), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    size: Mapped[int] = mapped_column(Count(), nullable=False)
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(Json(), nullable=False, comment="code, label, max")
    draw: Mapped[dict[str, Any]] = mapped_column(Json(), nullable=False, comment="pool, excluded, drawn")
    state: Mapped[PanelState] = mapped_column(Choice(PanelState), nullable=False, default=PanelState.DRAWN)
    drawn_by: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("person.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Instant())

    __table_args__ = (
        one_of("state", PanelState),
        CheckConstraint("size >= 5 AND size % 2 = 1", name="size_is_odd_and_at_least_five"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_iff_it_has_a_time"),
        Index("ix_panel_subject", "subject_kind", "subject_id"),
        Index("ix_panel_city_state", "city", "state"),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(city=self.city)


class PanelCandidate(Base):
    """One candidate before a panel."""

    __tablename__ = "panel_candidate"

    panel_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("panel.id"), primary_key=True)
    candidate_id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True, index=True, comment="application, plan, …")
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("organisation.id"))
    position: Mapped[int] = mapped_column(Count(), nullable=False)
    label: Mapped[str] = mapped_column(Name(), nullable=False)
    url: Mapped[str] = mapped_column(Name(), nullable=False, comment="where its file is read")

    __table_args__ = (UniqueConstraint("panel_id", "position"),)


class PanelSeat(Identified, Base):
    """One drawn expert. A person is drawn for a panel at most once."""

    __tablename__ = "panel_seat"

    panel_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("panel.id"), nullable=False)
    person_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("person.id"), nullable=False, index=True)
    position: Mapped[int] = mapped_column(Count(), nullable=False, comment="order of the draw")
    state: Mapped[SeatState] = mapped_column(Choice(SeatState), nullable=False, default=SeatState.DRAWN)
    reason: Mapped[str | None] = mapped_column(Name(), comment="of the conflict or the excuse")
    declared_at: Mapped[datetime | None] = mapped_column(Instant())

    __table_args__ = (
        one_of("state", SeatState),
        UniqueConstraint("panel_id", "person_id"),
        UniqueConstraint("panel_id", "position"),
        CheckConstraint("state NOT IN ('conflicted', 'excused') OR reason IS NOT NULL", name="leaving_has_a_reason"),
    )


class Score(Identified, Base):
    """One expert's points for one criterion of one candidate. Changed scores are superseded, never overwritten."""

    __tablename__ = "panel_score"

    panel_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("panel.id"), nullable=False)
    seat_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("panel_seat.id"), nullable=False)
    candidate_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    criterion: Mapped[str] = mapped_column(Name(), nullable=False)
    points: Mapped[int] = mapped_column(Count(), nullable=False, comment="hundredths of a point")
    reason: Mapped[str] = mapped_column(Name(), nullable=False)
    superseded_at: Mapped[datetime | None] = mapped_column(Instant(), comment="when a later score replaced it")

    __table_args__ = (
        CheckConstraint("points >= 0", name="points_are_not_negative"),
        CheckConstraint("reason <> ''", name="points_have_a_reason"),
        Index("ix_panel_score_panel_id_candidate_id", "panel_id", "candidate_id"),
        Index(
            "uq_panel_score_current",
            "seat_id",
            "candidate_id",
            "criterion",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
    )


class PanelResult(Base):
    """What a closed panel found for one candidate."""

    __tablename__ = "panel_result"

    panel_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("panel.id"), primary_key=True)
    candidate_id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True)
    mean: Mapped[int] = mapped_column(Count(), nullable=False, comment="hundredths, after dropping the extremes")
    spread: Mapped[int] = mapped_column(Count(), nullable=False, comment="hundredths, highest less lowest sheet")
    sheets: Mapped[int] = mapped_column(Count(), nullable=False, comment="valid score sheets")
    means: Mapped[dict[str, int]] = mapped_column(Json(), nullable=False, comment="mean per criterion, hundredths")
