"""The pilot's money from one source, its lines, and the buckets that let many issue at once."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, Identified, one_of
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Blob, Choice, Count, Day, Fen, Instant, Name, Serial, Xid
from vouchers.ledger.states import FUND_KINDS, Share

ZERO = text("0")
ROOM = {"postgresql_with": {"fillfactor": 70}}
"""Rows that change often leave room on their page, so that an update need not touch the indexes."""


class Fund(Identified, Base):
    """What a pilot was awarded from one source: the only place where the ceiling is kept."""

    __tablename__ = "fund"
    __table_args__ = (
        UniqueConstraint("pilot_id", "source"),
        UniqueConstraint("id", "currency"),
        CheckConstraint(
            "award >= 0 AND received >= 0 AND renovation_allotted >= 0 AND other_allotted >= 0 AND paid >= 0"
            " AND recovered >= 0 AND returned >= 0 AND recovered <= paid AND interest >= 0 AND remitted >= 0"
            " AND seq >= 0",
            name="amounts_not_negative",
        ),
        CheckConstraint("received <= award", name="received_within_award"),
        CheckConstraint("ceiling_bps IS NULL OR ceiling_bps BETWEEN 0 AND 10000", name="ceiling_is_a_share"),
        CheckConstraint("other_allotted * 10000 <= ceiling_bps * award", name="other_within_ceiling"),
        CheckConstraint("renovation_allotted + other_allotted <= award", name="allotted_within_award"),
        CheckConstraint("paid - recovered <= received - returned", name="paid_within_received"),
        CheckConstraint("remitted <= interest", name="remitted_within_interest"),
        ROOM,
    )

    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False, comment="GB/T 2260 code of the prefecture city")
    source: Mapped[str] = mapped_column(Name(), nullable=False, comment="province, city, county: who gives the money")
    currency: Mapped[str] = mapped_column(Name(), nullable=False)
    ceiling_bps: Mapped[int | None] = mapped_column(Count(), comment="of the award; empty: no book governs this source")
    award: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    received: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    renovation_allotted: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    other_allotted: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    paid: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    recovered: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    returned: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    interest: Mapped[int] = mapped_column(
        Fen(), nullable=False, server_default=ZERO, comment="of the bank; no part of the award"
    )
    remitted: Mapped[int] = mapped_column(
        Fen(), nullable=False, server_default=ZERO, comment="interest that went to the treasury"
    )
    seq: Mapped[int] = mapped_column(Count(), nullable=False, server_default=ZERO)

    @property
    def scope(self) -> Scope:
        return Scope.of(pilot_id=self.pilot_id, city=self.city)


class BudgetLine(Identified, Base):
    """A fund's money for one subsidy category. Its share and category never change; its period may."""

    __tablename__ = "budget_line"
    __table_args__ = (
        UniqueConstraint("fund_id", "category"),
        UniqueConstraint("id", "currency"),
        UniqueConstraint("id", "fund_id"),
        ForeignKeyConstraint(["fund_id", "currency"], ["fund.id", "fund.currency"]),
        one_of("share", Share),
        CheckConstraint("opens_on <= closes_on", name="opens_before_it_closes"),
    )

    fund_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, index=True)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    category: Mapped[str] = mapped_column(Name(), nullable=False, comment="category code of the rule book")
    share: Mapped[Share] = mapped_column(Choice(Share), nullable=False)
    currency: Mapped[str] = mapped_column(Name(), nullable=False)
    opens_on: Mapped[date] = mapped_column(Day(), nullable=False)
    closes_on: Mapped[date] = mapped_column(Day(), nullable=False, comment="last day; money recalled later lapses")

    @property
    def scope(self) -> Scope:
        return Scope.of(pilot_id=self.pilot_id, city=self.city)


class LineBucket(Base):
    """A part of a line's money. Several buckets let several officers issue at the same time."""

    __tablename__ = "line_bucket"
    __table_args__ = (
        CheckConstraint(
            "allotted >= 0 AND available >= 0 AND committed >= 0 AND lapsed >= 0"
            " AND available + committed + lapsed = allotted AND seq >= 0",
            name="conserved",
        ),
        ROOM,
    )

    line_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("budget_line.id"), primary_key=True)
    k: Mapped[int] = mapped_column(Count(), primary_key=True, autoincrement=False)
    allotted: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    available: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    committed: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    lapsed: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    seq: Mapped[int] = mapped_column(Count(), nullable=False, server_default=ZERO)


class IssueBatch(Identified, Base):
    """One act of issuing: how much was to be issued, how much money was set aside for it, how much came out."""

    __tablename__ = "issue_batch"
    __table_args__ = (
        UniqueConstraint("idem_scope", "idem_key"),
        UniqueConstraint("id", "line_id"),
        CheckConstraint("n > 0 AND total > 0", name="not_empty"),
        CheckConstraint("0 <= issued AND issued <= funded AND funded <= total", name="issued_is_funded"),
        CheckConstraint("length(req_hash) = 32", name="request_digest_whole"),
    )

    line_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("budget_line.id"), nullable=False, index=True)
    idem_scope: Mapped[str] = mapped_column(Name(), nullable=False)
    idem_key: Mapped[str] = mapped_column(Name(), nullable=False)
    req_hash: Mapped[bytes] = mapped_column(Blob(), nullable=False)
    file_sha256: Mapped[bytes | None] = mapped_column(Blob(), comment="of the sheet that was uploaded")
    n: Mapped[int] = mapped_column(Count(), nullable=False)
    total: Mapped[int] = mapped_column(Fen(), nullable=False)
    funded: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    issued: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)


class FundEntry(Base):
    """One movement of a fund, of a bucket, or of both. Append-only; a trigger carries it out."""

    __tablename__ = "fund_entry"
    __table_args__ = (
        UniqueConstraint("fund_id", "seq"),
        UniqueConstraint("line_id", "k", "bseq"),
        UniqueConstraint("idem_scope", "idem_key"),
        ForeignKeyConstraint(["batch_id", "fund_id"], ["payment_batch.id", "payment_batch.fund_id"]),
        one_of("kind", FUND_KINDS),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "(kind IN ('issue', 'recall', 'lapse', 'close', 'carry')) = (seq IS NULL)", name="fund_seq_iff_fund_moves"
        ),
        CheckConstraint(
            "(kind IN ('allot', 'unallot', 'issue', 'recall', 'lapse', 'close', 'carry'))"
            " = (bseq IS NOT NULL AND line_id IS NOT NULL AND k IS NOT NULL)"
            " AND (line_id IS NULL) = (bseq IS NULL) AND (k IS NULL) = (bseq IS NULL)",
            name="bucket_iff_bucket_moves",
        ),
        CheckConstraint("(kind = 'issue') = (issue_batch_id IS NOT NULL)", name="issue_names_its_batch"),
        CheckConstraint("(kind IN ('pay', 'unpay')) = (batch_id IS NOT NULL)", name="payment_names_its_batch"),
        CheckConstraint(
            "(kind IN ('recall', 'lapse', 'recover')) = (entry_id IS NOT NULL)", name="return_names_its_entry"
        ),
        CheckConstraint(
            "(idem_scope IS NULL) = (idem_key IS NULL) AND (idem_key IS NULL) = (req_hash IS NULL)",
            name="key_with_its_digest",
        ),
        CheckConstraint(
            "(kind IN ('unreceipt', 'unreturn', 'uninterest', 'unremit')) = (corrects IS NOT NULL)",
            name="correction_names_its_entry",
        ),
        UniqueConstraint("corrects"),
        Index("ix_fund_entry_position", "xid", "id"),
        Index(
            "uq_fund_entry_paid_once",
            "batch_id",
            unique=True,
            postgresql_where=text("kind = 'pay'"),
            sqlite_where=text("kind = 'pay'"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Serial(), Identity(always=True), primary_key=True)
    xid: Mapped[int | None] = mapped_column(Xid(), comment="the writing transaction on PostgreSQL")
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    fund_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    seq: Mapped[int | None] = mapped_column(Count(), comment="place among the movements of the fund itself")
    kind: Mapped[str] = mapped_column(Name(), nullable=False)
    line_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    k: Mapped[int | None] = mapped_column(Count())
    bseq: Mapped[int | None] = mapped_column(Count(), comment="place among the movements of the bucket")
    issue_batch_id: Mapped[uuid.UUID | None] = mapped_column(ID(), index=True)
    batch_id: Mapped[uuid.UUID | None] = mapped_column(ID(), index=True)
    entry_id: Mapped[int | None] = mapped_column(Count(), index=True, comment="the movement of a commitment behind it")
    corrects: Mapped[int | None] = mapped_column(
        Count(), ForeignKey("fund_entry.id"), comment="the entry that is taken back, whole"
    )
    amount: Mapped[int] = mapped_column(Fen(), nullable=False)
    reference: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="what it follows from: award, tranche, document")
    idem_scope: Mapped[str | None] = mapped_column(Name())
    idem_key: Mapped[str | None] = mapped_column(Name())
    req_hash: Mapped[bytes | None] = mapped_column(Blob())
    person_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="the nil UUID: the platform itself")
    assignment_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    day: Mapped[date] = mapped_column(Day(), nullable=False)
    at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
