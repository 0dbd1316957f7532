"""The outbox, whose rows leave after commit, and the inbox with its read marks."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified
from marketplace.base.keys import look_again
from marketplace.base.types import ID, Count, Instant, Json, Name, Serial, Xid


class Outbox(Base):
    """One message to the world outside, written in the act and sent after its commit, at least once."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_sent_at",
            "sent_at",
            postgresql_where=text("sent_at IS NOT NULL"),
            sqlite_where=text("sent_at IS NOT NULL"),
        ),
        Index(
            "ix_outbox_waiting",
            "next_try_at",
            "id",
            postgresql_where=text("sent_at IS NULL"),
            sqlite_where=text("sent_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Serial(), primary_key=True)
    xid: Mapped[int | None] = mapped_column(Xid(), comment="the writing transaction on PostgreSQL")
    message_id: Mapped[uuid.UUID] = mapped_column(
        ID(), nullable=False, unique=True, comment="lets a receiver drop what came twice"
    )
    topic: Mapped[str] = mapped_column(Name(), nullable=False)
    payload: Mapped[Any] = mapped_column(Json(), nullable=False)
    created_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    next_try_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    attempts: Mapped[int] = mapped_column(Count(), nullable=False)
    sent_at: Mapped[datetime | None] = mapped_column(Instant())
    last_error: Mapped[str | None] = mapped_column(Name())


class Notice(Identified, Base):
    """A message in the inbox of one person, or of everybody who acts under a matching assignment."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint(
            "person_id IS NOT NULL OR organisation_id IS NOT NULL OR role IS NOT NULL OR pilot_id IS NOT NULL",
            name="has_a_reader",
        ),
        Index("ix_notice_person", "person_id", "id"),
        Index("ix_notice_organisation", "organisation_id", "id"),
        Index("ix_notice_role", "role", "id"),
        Index("ix_notice_pilot", "pilot_id", "id"),
    )

    person_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    role: Mapped[str | None] = mapped_column(Name())
    region: Mapped[str | None] = mapped_column(Name(), comment="region code of the assignment")
    pilot_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    template: Mapped[str] = mapped_column(Name(), nullable=False, comment="Chinese source text, translated when read")
    values: Mapped[Any] = mapped_column(Json(), nullable=False, comment="what fills the template")
    url: Mapped[str] = mapped_column(Name(), nullable=False, comment="where the matter is dealt with")


class NoticeRead(Base):
    """One person has read one notice."""

    __tablename__ = "notice_read"
    __table_args__ = {"info": look_again()}

    notice_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("notice.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True, index=True)
    at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
