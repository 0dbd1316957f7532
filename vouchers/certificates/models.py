"""A certificate as it was signed. What became of the claim is never written on it."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Blob, Day, Fen, Name


class PayableCertificate(Identified, Base):
    """One certificate of one claim for one amount; the text is what the signature covers."""

    __tablename__ = "payable_certificate"
    __table_args__ = (
        UniqueConstraint("number", info=look_again()),
        UniqueConstraint("claim_id", "amount_fen", "approved_on", info=look_again()),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("length(public_key) = 32 AND length(signature) = 64", name="signature_whole"),
    )

    claim_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("claim_form.claim_id"), nullable=False)
    number: Mapped[str] = mapped_column(Name(), nullable=False)
    code: Mapped[str] = mapped_column(Name(), nullable=False, comment="random: who has seen the certificate knows it")
    payee_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    amount_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    approved_on: Mapped[date] = mapped_column(Day(), nullable=False, comment="day of the city's approval")
    issued_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person of the payee")
    text: Mapped[str] = mapped_column(Name(), nullable=False, comment="canonical JSON")
    public_key: Mapped[bytes] = mapped_column(Blob(), nullable=False)
    signature: Mapped[bytes] = mapped_column(Blob(), nullable=False, comment="Ed25519")

    @property
    def scope(self) -> Scope:
        return Scope.of(self.payee_id, pilot_id=self.pilot_id, city=self.city)
