"""What is asked for and paid: claims over redeemed parts, batches with maker and checker, attempts at the bank."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Fen, Flag, Json, Name, Serial
from vouchers.ledger.models.funds import ZERO
from vouchers.ledger.states import AttemptState, BatchState, ClaimMode, ClaimState, CommitmentKind, ItemState


class Claim(Identified, Base):
    """A request for the redeemed parts of one commitment. Reviewed by the pilot, then by the city."""

    __tablename__ = "claim"
    __table_args__ = (
        UniqueConstraint("id", "commitment_id"),
        UniqueConstraint("id", "fund_id"),
        ForeignKeyConstraint(["commitment_id", "line_id"], ["commitment.id", "commitment.line_id"]),
        ForeignKeyConstraint(["commitment_id", "kind"], ["commitment.id", "commitment.kind"]),
        ForeignKeyConstraint(["line_id", "fund_id"], ["budget_line.id", "budget_line.fund_id"]),
        one_of("kind", CommitmentKind),
        one_of("mode", ClaimMode),
        one_of("state", ClaimState),
        CheckConstraint("(mode = 'contract') = (kind = 'contract')", name="contract_mode_iff_contract"),
        Index("ix_claim_commitment", "commitment_id"),
        Index("ix_claim_payee", "payee_organisation_id", "id"),
        Index("ix_claim_pilot", "pilot_id", "state", "id"),
        Index("ix_claim_city", "city", "state", "id"),
        Index("ix_claim_fund", "fund_id", "state"),
    )

    commitment_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    kind: Mapped[CommitmentKind] = mapped_column(Choice(CommitmentKind), nullable=False)
    line_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    fund_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    payee_organisation_id: Mapped[uuid.UUID] = mapped_column(
        ID(), nullable=False, comment="provider; in reimbursed mode the enterprise"
    )
    mode: Mapped[ClaimMode] = mapped_column(Choice(ClaimMode), nullable=False)
    state: Mapped[ClaimState] = mapped_column(Choice(ClaimState), nullable=False, server_default=text("'submitted'"))

    @property
    def scope(self) -> Scope:
        return Scope.of(self.payee_organisation_id, pilot_id=self.pilot_id, city=self.city)


class ClaimItem(Base):
    """One redeemed part in a claim; a part is live in at most one claim."""

    __tablename__ = "claim_item"
    __table_args__ = (
        ForeignKeyConstraint(["redemption_id", "commitment_id"], ["redemption.entry_id", "redemption.commitment_id"]),
        ForeignKeyConstraint(["claim_id", "commitment_id"], ["claim.id", "claim.commitment_id"]),
        CheckConstraint("asked > 0", name="asked_positive"),
        CheckConstraint("approved IS NULL OR approved BETWEEN 0 AND asked", name="approved_within_asked"),
        Index(
            "uq_claim_item_live",
            "redemption_id",
            unique=True,
            postgresql_where=text("live"),
            sqlite_where=text("live"),
        ),
    )

    claim_id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True)
    redemption_id: Mapped[int] = mapped_column(Serial(), primary_key=True, autoincrement=False)
    commitment_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    asked: Mapped[int] = mapped_column(Fen(), nullable=False)
    approved: Mapped[int | None] = mapped_column(Fen(), comment="what is left of it after the cuts")
    cut_reasons: Mapped[Any | None] = mapped_column(Json(), comment="list of {amount in fen, code, clause, reason}")
    live: Mapped[bool] = mapped_column(Flag(), nullable=False, server_default=text("true"))


class PaymentBatch(Identified, Base):
    """Claims that one officer puts together and another one releases for payment."""

    __tablename__ = "payment_batch"
    __table_args__ = (
        UniqueConstraint("id", "fund_id"),
        one_of("state", BatchState),
        CheckConstraint("total >= 0", name="total_not_negative"),
        CheckConstraint(
            "(checker_id IS NULL OR maker_id <> checker_id)"
            " AND (state IN ('draft', 'cancelled') OR checker_id IS NOT NULL)",
            name="four_eyes",
        ),
        Index("ix_payment_batch_pilot", "pilot_id", "state", "id"),
        Index("ix_payment_batch_fund", "fund_id"),
    )

    fund_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("fund.id"), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    number: Mapped[str] = mapped_column(Name(), nullable=False, unique=True)
    total: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    maker_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person")
    checker_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="another person")
    state: Mapped[BatchState] = mapped_column(Choice(BatchState), nullable=False, server_default=text("'draft'"))
    approved_on: Mapped[date | None] = mapped_column(Day())

    @property
    def scope(self) -> Scope:
        return Scope.of(pilot_id=self.pilot_id, city=self.city)


class BatchItem(Identified, Base):
    """One claim in a batch, with the payee's account pinned. A claim is in at most one batch at a time."""

    __tablename__ = "batch_item"
    __table_args__ = (
        ForeignKeyConstraint(["claim_id", "fund_id"], ["claim.id", "claim.fund_id"]),
        ForeignKeyConstraint(["batch_id", "fund_id"], ["payment_batch.id", "payment_batch.fund_id"]),
        one_of("state", ItemState),
        CheckConstraint("amount > 0", name="amount_positive"),
        Index(
            "uq_batch_item_live",
            "claim_id",
            unique=True,
            postgresql_where=text("state <> 'failed'"),
            sqlite_where=text("state <> 'failed'"),
        ),
        Index("ix_batch_item_batch", "batch_id", "id"),
    )

    claim_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    batch_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    fund_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    amount: Mapped[int] = mapped_column(Fen(), nullable=False)
    account_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="the payee's account, pinned")
    account: Mapped[Any] = mapped_column(Json(), nullable=False, comment="holder, bank, number as they stood")
    state: Mapped[ItemState] = mapped_column(Choice(ItemState), nullable=False, server_default=text("'open'"))


class PayoutAttempt(Identified, Base):
    """One try to pay an item, written before the file leaves. Of an unknown outcome the bank is asked."""

    __tablename__ = "payout_attempt"
    __table_args__ = (
        UniqueConstraint("batch_item_id", "attempt_no"),
        one_of("state", AttemptState),
        CheckConstraint("attempt_no > 0", name="numbered_from_one"),
        Index(
            "uq_payout_attempt_live",
            "batch_item_id",
            unique=True,
            postgresql_where=text("state <> 'failed'"),
            sqlite_where=text("state <> 'failed'"),
        ),
    )

    batch_item_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("batch_item.id"), nullable=False)
    attempt_no: Mapped[int] = mapped_column(Count(), nullable=False)
    end_to_end_id: Mapped[str] = mapped_column(Name(), nullable=False, unique=True)
    state: Mapped[AttemptState] = mapped_column(Choice(AttemptState), nullable=False, server_default=text("'prepared'"))
    bank_reference: Mapped[str | None] = mapped_column(Name())
    reason: Mapped[str | None] = mapped_column(Name(), comment="what the bank said when it failed")
