"""A recovery, the parts of the claim that it takes back, and the money that came in."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Fen, Flag, Instant, Name
from vouchers.recoveries.states import Ground, RecoveryState

_LIVING = text("state IN ('opened', 'demanded')")


class Recovery(Identified, Base):
    """Money of one paid claim that is to come back; one at a time for each claim. Amounts in fen."""

    __tablename__ = "recovery"
    __table_args__ = (
        one_of("state", RecoveryState),
        one_of("ground", Ground),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("received_fen >= 0 AND received_fen <= amount_fen", name="received_within_amount"),
        CheckConstraint("(state = 'settled') = (received_fen = amount_fen)", name="settled_iff_all_received"),
        CheckConstraint("(state = 'opened') = (decided_by IS NULL)", name="opened_iff_undecided"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_by_and_when"),
        CheckConstraint("decided_by IS NULL OR decided_by <> opened_by", name="four_eyes"),
        CheckConstraint("(state IN ('demanded', 'settled')) = (pay_by IS NOT NULL)", name="demanded_until_a_day"),
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered_by_and_when"),
        CheckConstraint("reason <> ''", name="has_its_reason"),
        CheckConstraint("(ground = 'inspection') = (ground_id IS NULL)", name="ground_named_unless_inspection"),
        Index(
            "uq_recovery_living",
            "claim_id",
            unique=True,
            info=look_again(),
            sqlite_where=_LIVING,
            postgresql_where=_LIVING,
        ),
        Index("ix_recovery_pilot_newest", "pilot_id", "created_at", "id"),
        Index("ix_recovery_city_newest", "city", "created_at", "id"),
        Index("ix_recovery_debtor_newest", "debtor_id", "created_at", "id"),
        Index("ix_recovery_pay_by", "pay_by"),
    )

    number: Mapped[str] = mapped_column(Name(), nullable=False, unique=True, comment="as people say it")
    claim_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("claim_form.claim_id"), nullable=False)
    fund_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("fund.id"), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    debtor_id: Mapped[uuid.UUID] = mapped_column(
        ID(), ForeignKey("organisation.id"), nullable=False, comment="whoever was paid"
    )
    ground: Mapped[Ground] = mapped_column(Choice(Ground), nullable=False)
    ground_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="the finding, the invoice or the order")
    amount_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    received_fen: Mapped[int] = mapped_column(Fen(), nullable=False, default=0)
    reason: Mapped[str] = mapped_column(Name(), nullable=False, comment="the debtor reads it")
    state: Mapped[RecoveryState] = mapped_column(Choice(RecoveryState), nullable=False)
    opened_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person")
    answer_by: Mapped[date] = mapped_column(Day(), nullable=False, comment="last working day to answer")
    agrees: Mapped[bool | None] = mapped_column(Flag(), comment="what the debtor says of it")
    answer: Mapped[str] = mapped_column(Name(), nullable=False, default="")
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")
    answered_at: Mapped[datetime | None] = mapped_column(Instant())
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="another person than the one who opened it")
    decided_at: Mapped[datetime | None] = mapped_column(Instant())
    decision: Mapped[str] = mapped_column(Name(), nullable=False, default="", comment="why it was demanded or dropped")
    pay_by: Mapped[date | None] = mapped_column(Day(), comment="last working day to pay back")
    escalated_on: Mapped[date | None] = mapped_column(Day(), comment="when the city got a case of it")

    @property
    def left_fen(self) -> int:
        """What is still owed."""
        return self.amount_fen - self.received_fen

    @property
    def scope(self) -> Scope:
        return Scope.of(self.debtor_id, pilot_id=self.pilot_id, city=self.city)


class RecoveryPart(Identified, Base):
    """What of one paid part is taken back; the ledger's clawback is its money."""

    __tablename__ = "recovery_part"
    __table_args__ = (
        CheckConstraint("amount_fen > 0 AND received_fen >= 0 AND received_fen <= amount_fen", name="within_amount"),
        Index("ix_recovery_part_recovery", "recovery_id", "entry_id"),
    )

    recovery_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("recovery.id"), nullable=False)
    redemption_id: Mapped[int] = mapped_column(Count(), ForeignKey("redemption.entry_id"), nullable=False)
    entry_id: Mapped[int] = mapped_column(Count(), nullable=False, unique=True, comment="the ledger's clawback")
    amount_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    received_fen: Mapped[int] = mapped_column(Fen(), nullable=False, default=0)


class RecoveryReceipt(Identified, Base):
    """Money that came in, under the bank's reference: one row for each transfer."""

    __tablename__ = "recovery_receipt"
    __table_args__ = (
        UniqueConstraint("recovery_id", "bank_reference"),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("bank_reference <> ''", name="has_its_reference"),
    )

    recovery_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("recovery.id"), nullable=False)
    amount_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    bank_reference: Mapped[str] = mapped_column(Name(), nullable=False)
    received_on: Mapped[date] = mapped_column(Day(), nullable=False, comment="the bank's day")
    recorded_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person")
