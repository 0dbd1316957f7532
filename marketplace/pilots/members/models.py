"""Members: the enterprises on a pilot's renovation list."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Flag, Instant, Name
from marketplace.pilots.members.states import MemberState

_LIVE = text("state <> 'withdrawn'")


class Member(Identified, Base):
    """An enterprise in a pilot: what it belongs to, where it stands, where it shall arrive (二(一), 二(二))."""

    __tablename__ = "member"
    __table_args__ = (
        one_of("state", MemberState),
        CheckConstraint("urgency > 0", name="urgency_counts_from_one"),
        CheckConstraint("state <> 'confirmed' OR confirmed_at IS NOT NULL", name="confirmed_has_a_moment"),
        CheckConstraint("(state = 'withdrawn') = (withdrawal_reason IS NOT NULL)", name="withdrawn_iff_reason"),
        Index(
            "uq_member_live_once", "programme_id", "enterprise_id",
            unique=True, info=look_again(), sqlite_where=_LIVE, postgresql_where=_LIVE,
        ),
        Index("ix_member_urgency", "pilot_id", "urgency", "created_at", "id"),
        Index("ix_member_pilot_state", "pilot_id", "state"),
        Index("ix_member_newest", "created_at", "id"),
        Index("ix_member_city", "city", "created_at", "id"),
        Index("ix_member_enterprise", "enterprise_id"),
    )  # fmt: skip

    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    programme_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("programme.id"), nullable=False)
    enterprise_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("organisation.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False, comment="of the pilot")
    chain_or_cluster: Mapped[str] = mapped_column(Name(), nullable=False)
    key_enterprise: Mapped[bool] = mapped_column(Flag(), nullable=False, comment="key one of the cluster (四(二))")
    key_link: Mapped[bool] = mapped_column(Flag(), nullable=False, comment="key link of the chain (二(一))")
    baseline_level: Mapped[str | None] = mapped_column(Name(), comment="before the renovation")
    target_level: Mapped[str] = mapped_column(
        Name(), nullable=False, comment="after it: at least what the book demands"
    )
    urgency: Mapped[int] = mapped_column(Count(), nullable=False, comment="order of need: 1 first (二(一))")
    note: Mapped[str | None] = mapped_column(Name(), comment="why this enterprise")
    state: Mapped[MemberState] = mapped_column(Choice(MemberState), nullable=False, default=MemberState.NOMINATED)
    nominated_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")
    confirmed_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person")
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant())
    withdrawal_reason: Mapped[str | None] = mapped_column(Name())

    @property
    def scope(self) -> Scope:
        return Scope.of(self.enterprise_id, pilot_id=self.pilot_id, city=self.city)
