"""Bans: whom, on which basis and clause, from when until when."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Day, Instant, Name
from marketplace.policy.sanctions.states import BanState, Subject


class Ban(Identified, Base):
    """A ban from applying. Pilots: 六(二) of the notice; others by the call or scheme that they broke."""

    __tablename__ = "ban"
    __table_args__ = (
        one_of("subject_kind", Subject),
        one_of("state", BanState),
        CheckConstraint("from_day <= until_day", name="ban_ends_after_it_begins"),
        CheckConstraint(
            "(state = 'lifted') = (lifted_at IS NOT NULL AND lift_reason IS NOT NULL)", name="lifted_iff_reason"
        ),
        Index("ix_ban_subject", "subject_kind", "subject_id", "until_day"),
        Index("ix_ban_newest", "created_at", "id"),
    )

    subject_kind: Mapped[Subject] = mapped_column(Choice(Subject), nullable=False)
    subject_id: Mapped[str] = mapped_column(Name(), nullable=False, comment="region code, or the organisation's id")
    subject_name: Mapped[str] = mapped_column(Name(), nullable=False)
    city: Mapped[str | None] = mapped_column(Name(), comment="prefecture city of the subject, where it has one")
    edition_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("book_edition.id"), comment="of a book's ban")
    basis: Mapped[str] = mapped_column(Name(), nullable=False, comment="rule that was broken: book, call or scheme")
    clause: Mapped[str] = mapped_column(Name(), nullable=False)
    reason: Mapped[str] = mapped_column(Name(), nullable=False)
    document_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="the decision as a document")
    from_day: Mapped[date] = mapped_column(Day(), nullable=False)
    until_day: Mapped[date] = mapped_column(Day(), nullable=False, comment="last day, inclusive")
    state: Mapped[BanState] = mapped_column(Choice(BanState), nullable=False, default=BanState.IMPOSED)
    imposed_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")
    imposed_by_name: Mapped[str] = mapped_column(Name(), nullable=False)
    lifted_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")
    lifted_at: Mapped[datetime | None] = mapped_column(Instant())
    lift_reason: Mapped[str | None] = mapped_column(Name())

    @property
    def scope(self) -> Scope:
        organisation = uuid.UUID(self.subject_id) if self.subject_kind is Subject.ORGANISATION else None
        return Scope.of(organisation, city=self.city)
