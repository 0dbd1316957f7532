"""A contract as officers recorded it, the parts that were accepted, and what was recalled of it."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Fen, Instant, Name
from vouchers.contracts.states import Method, RecordState

_LIVING = text("state IN ('proposed', 'confirmed')")


class ContractRecord(Identified, Base):
    """A contract between a pilot's office and a provider; `commitment_id` is the money once it is confirmed."""

    __tablename__ = "contract_record"
    __table_args__ = (
        one_of("state", RecordState),
        one_of("method", Method),
        CheckConstraint("amount_fen > 0 AND amount_fen <= total_fen", name="amount_within_total"),
        CheckConstraint("signed_on <= last_day", name="signed_before_last_day"),
        CheckConstraint("(state = 'confirmed') = (commitment_id IS NOT NULL)", name="confirmed_iff_committed"),
        CheckConstraint("(state = 'proposed') = (decided_by IS NULL)", name="proposed_iff_undecided"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_by_and_when"),
        CheckConstraint("state NOT IN ('confirmed', 'declined') OR decided_by <> recorded_by", name="four_eyes"),
        CheckConstraint("state NOT IN ('declined', 'withdrawn') OR reason <> ''", name="a_no_has_its_reason"),
        CheckConstraint("buyer_id <> provider_id", name="nobody_buys_from_himself"),
        Index(
            "uq_contract_record_number",
            "pilot_id",
            "number",
            unique=True,
            info=look_again(),
            sqlite_where=_LIVING,
            postgresql_where=_LIVING,
        ),
        Index("ix_contract_record_pilot_newest", "pilot_id", "created_at", "id"),
        Index("ix_contract_record_city_newest", "city", "created_at", "id"),
        Index("ix_contract_record_provider_newest", "provider_id", "created_at", "id"),
    )

    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    category: Mapped[str] = mapped_column(Name(), nullable=False, comment="subsidy category of the pilot's book")
    buyer_id: Mapped[uuid.UUID] = mapped_column(
        ID(), ForeignKey("organisation.id"), nullable=False, comment="the pilot's office: it gets the invoices"
    )
    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    number: Mapped[str] = mapped_column(Name(), nullable=False, comment="as it stands on the contract")
    title: Mapped[str] = mapped_column(Name(), nullable=False, comment="what is bought")
    method: Mapped[Method | None] = mapped_column(Choice(Method), comment="how it was procured, where known")
    total_fen: Mapped[int] = mapped_column(Fen(), nullable=False, comment="the whole contract, tax included")
    amount_fen: Mapped[int] = mapped_column(Fen(), nullable=False, comment="what the subsidy pays of it")
    signed_on: Mapped[date] = mapped_column(Day(), nullable=False)
    last_day: Mapped[date] = mapped_column(Day(), nullable=False, comment="last day on which a part may be accepted")
    document_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("document.id"), nullable=False)
    document_sha256: Mapped[str] = mapped_column(Name(), nullable=False, comment="of the signed contract, in hex")
    state: Mapped[RecordState] = mapped_column(Choice(RecordState), nullable=False)
    recorded_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person")
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person: another one, or who withdrew it")
    decided_at: Mapped[datetime | None] = mapped_column(Instant())
    reason: Mapped[str] = mapped_column(Name(), nullable=False, default="", comment="why it was declined or withdrawn")
    commitment_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("commitment.id"), unique=True)

    @property
    def enterprise_id(self) -> uuid.UUID:
        """Whoever ordered, as an order says it."""
        return self.buyer_id

    @property
    def scope(self) -> Scope:
        return Scope.of(self.provider_id, pilot_id=self.pilot_id, city=self.city)


class ContractPart(Identified, Base):
    """A part that was delivered and accepted, with what shows it; the ledger's redemption is its money."""

    __tablename__ = "contract_part"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        Index("ix_contract_part_contract", "contract_id", "redemption_id"),
    )

    contract_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("contract_record.id"), nullable=False)
    redemption_id: Mapped[int] = mapped_column(Count(), ForeignKey("redemption.entry_id"), nullable=False, unique=True)
    amount_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    content: Mapped[str] = mapped_column(Name(), nullable=False, comment="what was delivered")
    accepted_on: Mapped[date] = mapped_column(Day(), nullable=False)
    document_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("document.id"), nullable=False, comment="evidence")
    accepted_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person")


class ContractRecall(Identified, Base):
    """An amendment downwards: promised money that goes back to its line, and why."""

    __tablename__ = "contract_recall"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("reason <> ''", name="has_its_reason"),
        Index("ix_contract_recall_contract", "contract_id", "entry_id"),
    )

    contract_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("contract_record.id"), nullable=False)
    entry_id: Mapped[int] = mapped_column(Count(), nullable=False, unique=True, comment="the ledger's movement")
    amount_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    reason: Mapped[str] = mapped_column(Name(), nullable=False)
    document_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("document.id"), comment="the amendment")
    recalled_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person")
