"""What came together on each day, so that a report need not add up every entry there ever was."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base
from marketplace.base.types import ID, Choice, Count, Day, Fen, Instant, Name
from vouchers.ledger.states import CommitmentKind


class BalanceSnapshot(Base):
    """The sum of one movement on one line on one day, over the entries up to the horizon."""

    __tablename__ = "balance_snapshot"

    line_id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True)
    kind: Mapped[CommitmentKind] = mapped_column(Choice(CommitmentKind), primary_key=True)
    day: Mapped[date] = mapped_column(Day(), primary_key=True)
    src: Mapped[str] = mapped_column(Name(), primary_key=True)
    dst: Mapped[str] = mapped_column(Name(), primary_key=True)
    amount: Mapped[int] = mapped_column(Fen(), nullable=False)


class BalanceHorizon(Base):
    """How far the snapshots reach: every entry with an id up to this one is in them, none after it."""

    __tablename__ = "balance_horizon"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(Count(), primary_key=True, autoincrement=False)
    reached: Mapped[int] = mapped_column(Count(), nullable=False)
    at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
