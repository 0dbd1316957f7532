"""Files to and from the bank, each once; and how many persons must release a batch."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Fen, Instant, Json, Name
from vouchers.settlement.states import FileKind

_PAYMENT = text("kind = 'payment'")


class PaymentFile(Identified, Base):
    """A file of a batch: what went to the bank, or what came back."""

    __tablename__ = "payment_file"
    __table_args__ = (
        one_of("kind", FileKind),
        UniqueConstraint("batch_id", "kind", "sha256"),
        CheckConstraint("length(sha256) = 64", name="digest_whole"),
        Index("payment_file_once", "batch_id", unique=True, sqlite_where=_PAYMENT, postgresql_where=_PAYMENT),
    )

    batch_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("payment_batch.id"), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    kind: Mapped[FileKind] = mapped_column(Choice(FileKind), nullable=False)
    document_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("document.id"), nullable=False)
    sha256: Mapped[str] = mapped_column(Name(), nullable=False, comment="of the file, in hex")
    loaded_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person: checker, or who loaded it")
    summary: Mapped[dict[str, Any]] = mapped_column(
        Json(), nullable=False, comment="counts, sums in fen, and the lines of a return file"
    )

    @property
    def scope(self) -> Scope:
        return Scope.of(pilot_id=self.pilot_id, city=self.city)


class LatePayment(Identified, Base):
    """The bank paid after it had said that it would not: the batch that brings the books to what happened."""

    __tablename__ = "late_payment"
    __table_args__ = (CheckConstraint("bank_reference <> ''", name="has_its_reference"),)

    batch_id: Mapped[uuid.UUID] = mapped_column(
        ID(), ForeignKey("payment_batch.id"), nullable=False, unique=True, comment="of this one payment; sends no file"
    )
    attempt_id: Mapped[uuid.UUID] = mapped_column(
        ID(), ForeignKey("payout_attempt.id"), nullable=False, unique=True, comment="the one that was told as failed"
    )
    bank_reference: Mapped[str] = mapped_column(Name(), nullable=False)
    paid_on: Mapped[date] = mapped_column(Day(), nullable=False, comment="the bank's day")


class ApprovalTier(Identified, Base):
    """In one city: batches above an amount take more persons to release. A tier is ended, never changed."""

    __tablename__ = "approval_tier"
    __table_args__ = (
        CheckConstraint("above_fen >= 0", name="amount_not_negative"),
        CheckConstraint("persons BETWEEN 2 AND 4", name="two_to_four_persons"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_and_when"),
        Index(
            "uq_approval_tier_living",
            "city",
            "above_fen",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
            info=look_again(),
        ),
    )

    city: Mapped[str] = mapped_column(Name(), nullable=False)
    above_fen: Mapped[int] = mapped_column(Fen(), nullable=False, comment="a batch of more than this")
    persons: Mapped[int] = mapped_column(Count(), nullable=False, comment="who release it, the maker not among them")
    made_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person")
    ended_at: Mapped[datetime | None] = mapped_column(Instant())
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")

    @property
    def scope(self) -> Scope:
        return Scope.of(city=self.city)


class BatchRelease(Identified, Base):
    """One person's word for a batch that takes several; void, and gone, when the batch changes."""

    __tablename__ = "batch_release"
    __table_args__ = (UniqueConstraint("batch_id", "person_id", info=look_again()),)

    batch_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("payment_batch.id"), nullable=False)
    person_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    assignment_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    total_fen: Mapped[int] = mapped_column(Fen(), nullable=False, comment="what the person saw")
