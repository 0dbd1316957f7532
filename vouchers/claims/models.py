"""What the payee filled in, what the claim stands on, and what the reviewers decided. The money is the ledger's."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Fen, Flag, Instant, Json, Name
from vouchers.claims.states import Decision, PaperKind, Step
from vouchers.invoices.matters import BELONGS


class ClaimForm(Base):
    """A claim of the ledger as its payee filled it in, with the last day of the step it is in."""

    __tablename__ = "claim_form"
    __table_args__ = (
        CheckConstraint("round > 0", name="rounds_from_one"),
        CheckConstraint("paid_on IS NULL OR due_on IS NULL", name="paid_waits_for_nobody"),
        CheckConstraint(
            "escalated_on IS NULL OR (reminded_on IS NOT NULL AND reminded_on <= escalated_on)",
            name="reminded_before_escalated",
        ),
        CheckConstraint(BELONGS, name="of_an_order_or_a_contract"),
        Index("ix_claim_form_order", "order_id"),
        Index("ix_claim_form_contract", "contract_id"),
        Index("ix_claim_form_enterprise_newest", "enterprise_id", "created_at", "claim_id"),
        Index("ix_claim_form_provider_newest", "provider_id", "created_at", "claim_id"),
        Index("ix_claim_form_pilot_newest", "pilot_id", "created_at", "claim_id"),
        Index("ix_claim_form_city_newest", "city", "created_at", "claim_id"),
        Index("ix_claim_form_due", "due_on"),
    )

    claim_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("claim.id"), primary_key=True)
    number: Mapped[str] = mapped_column(Name(), nullable=False, unique=True, comment="as people say it")
    order_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("shop_order.id"))
    contract_id: Mapped[uuid.UUID | None] = mapped_column(
        ID(), ForeignKey("contract_record.id"), comment="of direct expenditure"
    )
    enterprise_id: Mapped[uuid.UUID] = mapped_column(
        ID(), ForeignKey("organisation.id"), nullable=False, comment="whoever ordered; of a contract the pilot's office"
    )
    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    payee_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    statement: Mapped[str] = mapped_column(Name(), nullable=False, comment="what the payee declares")
    proof_document_id: Mapped[uuid.UUID | None] = mapped_column(
        ID(), ForeignKey("document.id"), comment="the enterprise's payment of its own part; in reimbursed mode of all"
    )
    round: Mapped[int] = mapped_column(Count(), nullable=False, comment="1, and one more for each correction")
    submitted_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person")
    submitted_at: Mapped[datetime] = mapped_column(Instant(), nullable=False, comment="of the present round")
    step_since: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    due_on: Mapped[date | None] = mapped_column(Day(), comment="last working day of the step; empty: no office is due")
    due_provisional: Mapped[bool] = mapped_column(
        Flag(), nullable=False, comment="counted through a year without published holidays"
    )
    reminded_on: Mapped[date | None] = mapped_column(Day(), comment="when everybody was told that the step is late")
    escalated_on: Mapped[date | None] = mapped_column(Day(), comment="when the province got a case of the late step")
    paid_on: Mapped[date | None] = mapped_column(Day(), comment="the bank's day")
    created_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)

    @property
    def scope(self) -> Scope:
        return Scope.of(self.enterprise_id, self.provider_id, pilot_id=self.pilot_id, city=self.city)


class OwnPayment(Identified, Base):
    """What the receipt of the enterprise's own payment says, as the payee typed it for one round of a claim."""

    __tablename__ = "own_payment"
    __table_args__ = (UniqueConstraint("claim_id", "round"), CheckConstraint("amount_fen > 0", name="something_paid"))

    claim_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("claim_form.claim_id"), nullable=False)
    round: Mapped[int] = mapped_column(Count(), nullable=False)
    paid_on: Mapped[date] = mapped_column(Day(), nullable=False)
    amount_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    payer: Mapped[str] = mapped_column(Name(), nullable=False)
    receiver: Mapped[str] = mapped_column(Name(), nullable=False)
    reference: Mapped[str] = mapped_column(Name(), nullable=False, comment="the bank's number of the payment")


class ClaimReview(Identified, Base):
    """One reviewer's decision on one round of a claim."""

    __tablename__ = "claim_review"
    __table_args__ = (
        UniqueConstraint("claim_id", "round", "step"),
        one_of("step", Step),
        one_of("decision", Decision),
        CheckConstraint("decision = 'approved' OR reason <> ''", name="a_no_has_its_reason"),
    )

    claim_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("claim_form.claim_id"), nullable=False)
    round: Mapped[int] = mapped_column(Count(), nullable=False)
    step: Mapped[Step] = mapped_column(Choice(Step), nullable=False)
    decision: Mapped[Decision] = mapped_column(Choice(Decision), nullable=False)
    person_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    assignment_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    reason: Mapped[str] = mapped_column(Name(), nullable=False)
    notes: Mapped[dict[str, str]] = mapped_column(Json(), nullable=False, comment="field → what to correct")
    cuts: Mapped[list[dict[str, Any]]] = mapped_column(
        Json(), nullable=False, comment="list of {line, amount in fen, code, clause, reason}"
    )
    due_on: Mapped[date | None] = mapped_column(Day(), comment="until when it was to be decided")


class ClaimPaper(Identified, Base):
    """One paper that a round of a claim stands on, pinned as it stood."""

    __tablename__ = "claim_paper"
    __table_args__ = (
        UniqueConstraint("claim_id", "round", "kind", "object_id"),
        one_of("kind", PaperKind),
        CheckConstraint("length(facts_sha256) = 64", name="facts_digest_whole"),
        CheckConstraint("(document_id IS NULL) = (document_sha256 IS NULL)", name="file_with_its_digest"),
    )

    claim_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("claim_form.claim_id"), nullable=False)
    round: Mapped[int] = mapped_column(Count(), nullable=False)
    kind: Mapped[PaperKind] = mapped_column(Choice(PaperKind), nullable=False)
    object_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    facts_sha256: Mapped[str] = mapped_column(Name(), nullable=False, comment="of the canonical row, in hex")
    document_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("document.id"))
    document_sha256: Mapped[str | None] = mapped_column(Name(), comment="of the file, in hex")
