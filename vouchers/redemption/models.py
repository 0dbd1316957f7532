"""The code of an order: one row for each order, renewed whenever the enterprise asks for another."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified
from marketplace.base.keys import look_again
from marketplace.base.types import ID, Instant, Name


class RedemptionCode(Identified, Base):
    """A code that an enterprise shows to the provider of one order; never the code itself, only its keyed digest."""

    __tablename__ = "redemption_code"
    __table_args__ = (
        UniqueConstraint("order_id", info=look_again()),
        # Two live codes of one provider must not be the same number; the second asks for another.
        UniqueConstraint("provider_id", "digest", info=look_again()),
        CheckConstraint("length(digest) = 64", name="digest_is_sha256_hex"),
        CheckConstraint("(used_at IS NULL) = (used_by IS NULL)", name="used_by_and_when"),
        CheckConstraint("used_at IS NULL OR used_at < ends_at", name="used_before_its_end"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("shop_order.id"), nullable=False)
    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    nonce: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="with the installation's secret, the code")
    digest: Mapped[str] = mapped_column(Name(), nullable=False, comment="keyed; another for each provider")
    person_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="of the enterprise, who shows it")
    assignment_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    ends_at: Mapped[datetime] = mapped_column(Instant(), nullable=False, comment="a minute after it was made")
    used_at: Mapped[datetime | None] = mapped_column(Instant())
    used_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person of the provider")
