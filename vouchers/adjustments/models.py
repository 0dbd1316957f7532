"""What one person proposes to book at the end of a year, or to take back, and what another made of it."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Fen, Instant, Name
from vouchers.adjustments.states import AdjustmentState, Kind

_LIVING = text("state IN ('proposed', 'booked')")
_WAITING = text("state = 'proposed'")


class Adjustment(Identified, Base):
    """One adjustment of a fund. `amount_fen` is what both persons agreed on; nothing else is ever booked."""

    __tablename__ = "adjustment"
    __table_args__ = (
        one_of("kind", Kind),
        one_of("state", AdjustmentState),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("reason <> ''", name="has_its_reason"),
        CheckConstraint("(kind IN ('close', 'carry')) = (line_id IS NOT NULL)", name="line_iff_of_a_line"),
        CheckConstraint("(kind = 'carry') = (closes_on IS NOT NULL)", name="new_period_iff_carried"),
        CheckConstraint("(kind = 'correct') = (entry_id IS NOT NULL)", name="entry_iff_corrected"),
        CheckConstraint(
            "(kind IN ('interest', 'remit', 'return')) = (happened_on IS NOT NULL AND bank_reference <> '')",
            name="bank_paper_iff_at_bank",
        ),
        CheckConstraint("(state = 'proposed') = (decided_by IS NULL)", name="proposed_iff_undecided"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_by_and_when"),
        CheckConstraint(
            "state NOT IN ('booked', 'corrected', 'declined') OR decided_by <> proposed_by", name="four_eyes"
        ),
        CheckConstraint("state NOT IN ('declined', 'withdrawn') OR answer <> ''", name="a_no_has_its_reason"),
        Index(
            "uq_adjustment_line_waiting", "line_id",
            unique=True, info=look_again(), sqlite_where=_WAITING, postgresql_where=_WAITING,
        ),
        Index(
            "uq_adjustment_entry", "entry_id",
            unique=True, info=look_again(), sqlite_where=_LIVING, postgresql_where=_LIVING,
        ),
        Index(
            "uq_adjustment_bank_reference", "fund_id", "bank_reference",
            unique=True, info=look_again(),
            sqlite_where=text("state IN ('proposed', 'booked') AND bank_reference <> ''"),
            postgresql_where=text("state IN ('proposed', 'booked') AND bank_reference <> ''"),
        ),
        Index("ix_adjustment_pilot_newest", "pilot_id", "created_at", "id"),
        Index("ix_adjustment_city_newest", "city", "created_at", "id"),
    )  # fmt: skip

    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("pilot.id"), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    fund_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("fund.id"), nullable=False)
    kind: Mapped[Kind] = mapped_column(Choice(Kind), nullable=False)
    line_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("budget_line.id"))
    closes_on: Mapped[date | None] = mapped_column(Day(), comment="last day of the new period")
    entry_id: Mapped[int | None] = mapped_column(
        Count(), ForeignKey("fund_entry.id"), comment="the movement that is taken back"
    )
    amount_fen: Mapped[int] = mapped_column(Fen(), nullable=False)
    happened_on: Mapped[date | None] = mapped_column(Day(), comment="the bank's day")
    bank_reference: Mapped[str] = mapped_column(Name(), nullable=False, default="")
    document_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("document.id"), comment="the bank's paper")
    reason: Mapped[str] = mapped_column(Name(), nullable=False)
    state: Mapped[AdjustmentState] = mapped_column(Choice(AdjustmentState), nullable=False)
    proposed_by: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person")
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="person: another one, or who withdrew it")
    decided_at: Mapped[datetime | None] = mapped_column(Instant())
    answer: Mapped[str] = mapped_column(Name(), nullable=False, default="", comment="of the second person")

    @property
    def scope(self) -> Scope:
        return Scope.of(pilot_id=self.pilot_id, city=self.city)
