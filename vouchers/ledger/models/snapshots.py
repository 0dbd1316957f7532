"""What came together on each day, so that a report need not add up every entry there ever was.

Derived from the entries alone and made anew whenever it is lost; `ledger verify` compares the two.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

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


class FundSnapshot(Base):
    """The sum of one kind of a fund's movements on one day, over the fund entries up to the horizon."""

    __tablename__ = "fund_snapshot"

    fund_id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True)
    part_id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True, comment="the line, or the fund where none moves")
    kind: Mapped[str] = mapped_column(Name(), primary_key=True)
    day: Mapped[date] = mapped_column(Day(), primary_key=True)
    amount: Mapped[int] = mapped_column(Fen(), nullable=False)


class SpenderSnapshot(Base):
    """The first day on which an enterprise's vouchers of one line were set aside for an order, up to the horizon."""

    __tablename__ = "spender_snapshot"

    line_id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True)
    enterprise_id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True)
    first_day: Mapped[date] = mapped_column(Day(), nullable=False)


class SnapshotHorizon(Base):
    """How far the sums of a table reach: to `floor_id`, and beyond it to what was final at `reached`; nothing after.

    `reached` is a transaction number on PostgreSQL, where a low id may be committed late, and an id in SQLite. Both
    are first values that are not covered. Another cluster begins its transaction numbers anew: then the sums are too.
    """

    __tablename__ = "snapshot_horizon"

    source: Mapped[str] = mapped_column(Name(), primary_key=True, comment="the table that was summed")
    cluster: Mapped[str] = mapped_column(Name(), nullable=False, comment="system identifier of the database cluster")
    floor_id: Mapped[int] = mapped_column(Count(), nullable=False, comment="the last id when the sums were begun")
    reached: Mapped[int] = mapped_column(Count(), nullable=False)
    at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
