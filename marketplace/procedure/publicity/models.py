"""Public notices, what they list, and the objections to them."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Flag, Instant, Name
from marketplace.procedure.publicity.states import NoticeState, ObjectionState

_RUNNING = text("state IN ('open', 'objected')")


class PublicNotice(Identified, Base):
    """An intended decision that everybody may read and object to."""

    __tablename__ = "public_notice"

    subject_kind: Mapped[str] = mapped_column(Name(), nullable=False, comment="what it is about: call, pilot, …")
    subject_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False, comment="GB/T 2260 code of the city")
    title: Mapped[str] = mapped_column(Name(), nullable=False)
    body: Mapped[str] = mapped_column(Name(), nullable=False)
    clause: Mapped[str | None] = mapped_column(Name(), comment="what asks for the notice: 五(三), 二(四)")
    starts_on: Mapped[date] = mapped_column(Day(), nullable=False, comment="the day of publication; not counted")
    working_days: Mapped[int] = mapped_column(Count(), nullable=False)
    ends_on: Mapped[date] = mapped_column(Day(), nullable=False, comment="last day, inclusive; never moves")
    provisional: Mapped[bool] = mapped_column(Flag(), nullable=False, comment="holidays were not known at publication")
    ruling_days: Mapped[int] = mapped_column(Count(), nullable=False, comment="working days to answer an objection")
    state: Mapped[NoticeState] = mapped_column(Choice(NoticeState), nullable=False, default=NoticeState.OPEN)
    published_by: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("person.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Instant(), comment="cleared, stopped or withdrawn at")
    ended_reason: Mapped[str | None] = mapped_column(Name())

    __table_args__ = (
        one_of("state", NoticeState),
        CheckConstraint("ends_on > starts_on", name="period_runs_forward"),
        CheckConstraint("working_days >= 1", name="period_has_a_working_day"),
        CheckConstraint("ruling_days >= 1", name="ruling_has_a_working_day"),
        CheckConstraint("(state IN ('open', 'objected')) = (ended_at IS NULL)", name="running_iff_not_ended"),
        Index(
            "uq_public_notice_running",
            "subject_kind",
            "subject_id",
            unique=True,
            info=look_again(),
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
        Index("ix_public_notice_starts_on_id", "starts_on", "id"),
        Index("ix_public_notice_city_state", "city", "state"),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(city=self.city)


class NoticeItem(Base):
    """One entry of the list that a notice publishes."""

    __tablename__ = "public_notice_item"

    notice_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("public_notice.id"), primary_key=True)
    item_id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True, comment="application, pilot, …")
    position: Mapped[int] = mapped_column(Count(), nullable=False)
    title: Mapped[str] = mapped_column(Name(), nullable=False)
    detail: Mapped[str] = mapped_column(Name(), nullable=False)
    struck_reason: Mapped[str | None] = mapped_column(Name(), comment="why an upheld objection took it off")

    __table_args__ = (UniqueConstraint("notice_id", "position"),)


class Objection(Identified, Base):
    """What somebody says against a notice. Name and contact are personal data."""

    __tablename__ = "objection"

    notice_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("public_notice.id"), nullable=False, index=True)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    receipt: Mapped[str] = mapped_column(Name(), nullable=False, unique=True, comment="number to ask the answer with")
    item_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="the entry objected to; empty: the whole")
    name: Mapped[str] = mapped_column(Name(), nullable=False, comment="personal data")
    contact: Mapped[str] = mapped_column(Name(), nullable=False, comment="personal data: telephone or e-mail")
    text: Mapped[str] = mapped_column(Name(), nullable=False)
    document_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("document.id"))
    due_on: Mapped[date] = mapped_column(Day(), nullable=False, comment="last day for the ruling")
    state: Mapped[ObjectionState] = mapped_column(Choice(ObjectionState), nullable=False, default=ObjectionState.OPEN)
    ruling: Mapped[str | None] = mapped_column(Name(), comment="the reasoned answer, shown in public")
    ruled_by: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("person.id"))
    ruled_at: Mapped[datetime | None] = mapped_column(Instant())

    __table_args__ = (
        one_of("state", ObjectionState),
        CheckConstraint(
            "(state = 'open') = (ruling IS NULL) AND (state = 'open') = (ruled_at IS NULL)", name="ruled_with_a_reason"
        ),
        Index("ix_objection_city_state_due_on", "city", "state", "due_on"),
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(city=self.city)
