"""What a pilot did before it came to the platform: the rows of its sheet, who prepared and who released them, and what
each contract had come to. A released opening stands in the entries like all else; its rows keep their own days."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Choice, Count, Day, Fen, Flag, Instant, Json, Name
from vouchers.ledger.states import OpeningState

_LIVING = text("state <> 'withdrawn'")
ROW_KINDS = ("committed", "released", "paid", "refund")
"""What a row of a spending sheet does with money, as the sheet's own words have it."""


class Opening(Identified, Base):
    """A sheet of past commitments and payments: one person prepares it, another releases it. Sums in fen."""

    __tablename__ = "opening"
    __table_args__ = (
        one_of("state", OpeningState),
        CheckConstraint("checker_id IS NULL OR maker_id <> checker_id", name="four_eyes"),
        CheckConstraint("state NOT IN ('returned', 'released') OR checker_id IS NOT NULL", name="decided_by_a_checker"),
        CheckConstraint(
            "(state = 'released') = (released_on IS NOT NULL AND judged IS NOT NULL)", name="released_with_its_day"
        ),
        CheckConstraint("state IN ('draft', 'withdrawn') OR note IS NOT NULL", name="submitted_with_a_note"),
        CheckConstraint("state <> 'returned' OR reason IS NOT NULL", name="returned_with_a_reason"),
        CheckConstraint("length(file_sha256) = 64 AND length(rows_sha256) = 64", name="digests_whole"),
        CheckConstraint("n > 0 AND skipped >= 0", name="not_empty"),
        CheckConstraint(
            "state IN ('draft', 'withdrawn') OR 0 <= paid AND paid <= arranged", name="paid_within_arranged"
        ),
        Index(
            "uq_opening_rows",
            "pilot_id",
            "rows_sha256",
            unique=True,
            info=look_again(),
            postgresql_where=_LIVING,
            sqlite_where=_LIVING,
        ),
        Index("ix_opening_fund", "fund_id", "state"),
        Index("ix_opening_city", "city", "id"),
    )

    fund_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("fund.id"), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    number: Mapped[str] = mapped_column(Name(), nullable=False, unique=True)
    document_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("document.id"), nullable=False)
    file_sha256: Mapped[str] = mapped_column(Name(), nullable=False, comment="of the file, in hex")
    rows_sha256: Mapped[str] = mapped_column(Name(), nullable=False, comment="of what the rows say, in hex")
    n: Mapped[int] = mapped_column(Count(), nullable=False, comment="rows")
    skipped: Mapped[int] = mapped_column(Count(), nullable=False, comment="lines of sums that were passed over")
    first_day: Mapped[date] = mapped_column(Day(), nullable=False, comment="of the rows")
    last_day: Mapped[date] = mapped_column(Day(), nullable=False, comment="of the rows")
    arranged: Mapped[int] = mapped_column(Fen(), nullable=False, comment="over its contracts, as the engine sums them")
    paid: Mapped[int] = mapped_column(Fen(), nullable=False, comment="payments less refunds")
    refunded: Mapped[int] = mapped_column(Fen(), nullable=False)
    maker_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="person")
    note: Mapped[str | None] = mapped_column(Name(), comment="the maker's word to the checker")
    submitted_at: Mapped[datetime | None] = mapped_column(Instant())
    checker_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="another person, who released or sent back")
    reason: Mapped[str | None] = mapped_column(Name(), comment="why it was sent back")
    released_on: Mapped[date | None] = mapped_column(Day(), comment="the day of its entries")
    batch_id: Mapped[uuid.UUID | None] = mapped_column(
        ID(), ForeignKey("payment_batch.id"), unique=True, comment="what it had paid; empty when nothing"
    )
    judged: Mapped[Any | None] = mapped_column(Json(), comment="what the engine said when it was released")
    state: Mapped[OpeningState] = mapped_column(Choice(OpeningState), nullable=False, server_default=text("'draft'"))

    @property
    def scope(self) -> Scope:
        return Scope.of(pilot_id=self.pilot_id, city=self.city)


class OpeningRow(Base):
    """One row of the sheet with all its columns, as it was read. Never changes; counts once its opening is released."""

    __tablename__ = "opening_row"
    __table_args__ = (
        one_of("kind", ROW_KINDS),
        CheckConstraint("amount > 0 AND number > 0", name="amount_positive"),
        CheckConstraint("(level IS NULL) = (rank IS NULL)", name="level_with_its_rank"),
        Index("ix_opening_row_enterprise", "enterprise_key"),
    )

    opening_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("opening.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Count(), primary_key=True, autoincrement=False, comment="as the sheet shows it")
    day: Mapped[date] = mapped_column(Day(), nullable=False, comment="the sheet's own date: the value day")
    kind: Mapped[str] = mapped_column(Name(), nullable=False)
    category: Mapped[str] = mapped_column(Name(), nullable=False, comment="code of the book; as written if unknown")
    renovation: Mapped[bool] = mapped_column(Flag(), nullable=False, comment="of the share with the floor")
    amount: Mapped[int] = mapped_column(Fen(), nullable=False)
    enterprise: Mapped[str] = mapped_column(Name(), nullable=False, comment="as written, may be empty")
    enterprise_key: Mapped[str] = mapped_column(Name(), nullable=False, comment="as it is compared: folded")
    provider: Mapped[str] = mapped_column(Name(), nullable=False)
    contract: Mapped[str] = mapped_column(Name(), nullable=False, comment="as written, may be empty")
    contract_key: Mapped[str] = mapped_column(Name(), nullable=False, comment="as it is compared: folded")
    invoices: Mapped[str] = mapped_column(Name(), nullable=False, comment="separated by 、")
    invoice_lost: Mapped[bool] = mapped_column(Flag(), nullable=False, comment="the sheet had lost digits of it")
    other_support: Mapped[str] = mapped_column(Name(), nullable=False)
    key_link: Mapped[bool] = mapped_column(Flag(), nullable=False)
    level: Mapped[str | None] = mapped_column(Name(), comment="on the book's scale")
    rank: Mapped[int | None] = mapped_column(Count(), comment="place of the level on the scale, from 1")
    accepted: Mapped[date | None] = mapped_column(Day())
    total: Mapped[int | None] = mapped_column(Fen(), comment="of the whole contract")


class OpeningBalance(Base):
    """What one contract within one category had come to, and the commitment that carries it on. Never changes."""

    __tablename__ = "opening_balance"
    __table_args__ = (
        CheckConstraint("0 <= paid AND paid <= arranged AND refunded >= 0", name="paid_within_arranged"),
        CheckConstraint("(commitment_id IS NULL) = (arranged = 0)", name="carried_iff_arranged"),
        UniqueConstraint("commitment_id"),
    )

    opening_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("opening.id"), primary_key=True)
    category: Mapped[str] = mapped_column(Name(), primary_key=True)
    contract_key: Mapped[str] = mapped_column(Name(), primary_key=True, comment="empty: the rows that name no contract")
    contract: Mapped[str] = mapped_column(Name(), nullable=False, comment="as its first row writes it")
    first_row: Mapped[int] = mapped_column(Count(), nullable=False)
    arranged: Mapped[int] = mapped_column(Fen(), nullable=False)
    paid: Mapped[int] = mapped_column(Fen(), nullable=False, comment="payments less refunds")
    refunded: Mapped[int] = mapped_column(Fen(), nullable=False)
    commitment_id: Mapped[uuid.UUID | None] = mapped_column(ID(), ForeignKey("commitment.id"))
