"""What an enterprise asked for, and what each office made of it."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Fen, Instant, Json, Name
from vouchers.requests.states import Desk, RequestState, Verdict

_OPEN = text("state IN ('submitted', 'reviewed', 'returned')")


class VoucherRequest(Identified, Base):
    """One request of an enterprise under one version of a scheme; the voucher it led to, once it was granted."""

    __tablename__ = "voucher_request"
    __table_args__ = (
        UniqueConstraint("number", info=look_again()),
        UniqueConstraint("voucher_id", info=look_again()),
        one_of("state", RequestState),
        CheckConstraint("wanted_fen > 0", name="wanted_positive"),
        CheckConstraint("planned_fen >= wanted_fen", name="wanted_within_planned"),
        CheckConstraint("granted_fen IS NULL OR granted_fen BETWEEN 1 AND wanted_fen", name="granted_within_wanted"),
        CheckConstraint("(state = 'granted') = (voucher_id IS NOT NULL)", name="voucher_iff_granted"),
        CheckConstraint("(state IN ('submitted', 'reviewed')) = (due_on IS NOT NULL)", name="due_iff_on_a_desk"),
        CheckConstraint("purpose <> ''", name="has_its_purpose"),
        CheckConstraint("round > 0", name="round_from_one"),
        Index(
            "uq_voucher_request_open", "enterprise_id", "scheme_id",
            unique=True, info=look_again(), sqlite_where=_OPEN, postgresql_where=_OPEN,
        ),
        Index("ix_voucher_request_enterprise_newest", "enterprise_id", "created_at", "id"),
        Index("ix_voucher_request_pilot_newest", "pilot_id", "created_at", "id"),
        Index("ix_voucher_request_city_newest", "city", "created_at", "id"),
    )  # fmt: skip

    number: Mapped[str] = mapped_column(Name(), nullable=False)
    enterprise_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    scheme_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("scheme.id"), nullable=False)
    version_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("scheme_version.id"), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    wanted_fen: Mapped[int] = mapped_column(Fen(), nullable=False, comment="face that is asked for, fen")
    planned_fen: Mapped[int] = mapped_column(Fen(), nullable=False, comment="what the enterprise means to spend, fen")
    purpose: Mapped[str] = mapped_column(Name(), nullable=False, comment="what it will be used for")
    document_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("document.id"), comment="plan or contract")
    promised_at: Mapped[datetime] = mapped_column(
        Instant(), nullable=False, comment="when the enterprise promised that all is true and nobody else pays for it"
    )
    state: Mapped[RequestState] = mapped_column(Choice(RequestState), nullable=False)
    round: Mapped[int] = mapped_column(Count(), nullable=False, comment="how often it was submitted")
    submitted_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    submitted_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person")
    due_on: Mapped[date | None] = mapped_column(Day(), comment="last working day of the desk it lies on")
    granted_fen: Mapped[int | None] = mapped_column(Fen(), comment="face that the last desk agreed to, fen")
    voucher_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("voucher.commitment_id"))

    @property
    def scope(self) -> Scope:
        return Scope.of(self.enterprise_id, pilot_id=self.pilot_id, city=self.city)


class VoucherRequestReview(Identified, Base):
    """One office's verdict on one round of a request."""

    __tablename__ = "voucher_request_review"
    __table_args__ = (
        UniqueConstraint("request_id", "round", "desk", info=look_again()),
        one_of("desk", Desk),
        one_of("verdict", Verdict),
        CheckConstraint("verdict = 'approved' OR reason <> ''", name="a_no_has_its_reason"),
        CheckConstraint("(verdict = 'approved') = (agreed_fen IS NOT NULL)", name="agreed_iff_approved"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("voucher_request.id"), nullable=False)
    round: Mapped[int] = mapped_column(Count(), nullable=False)
    desk: Mapped[Desk] = mapped_column(Choice(Desk), nullable=False)
    verdict: Mapped[Verdict] = mapped_column(Choice(Verdict), nullable=False)
    agreed_fen: Mapped[int | None] = mapped_column(Fen(), comment="face that was agreed to, fen")
    reason: Mapped[str] = mapped_column(Name(), nullable=False)
    notes: Mapped[dict[str, str]] = mapped_column(Json(), nullable=False, comment="field → what to correct")
    person_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    due_on: Mapped[date | None] = mapped_column(Day(), comment="until when it was to be decided")
