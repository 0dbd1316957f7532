"""What was promised and what became of it: vouchers and contracts, holds, and the entries that move the money."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, one_of
from marketplace.base.ids import new_id
from marketplace.base.permissions import Scope
from marketplace.base.types import ID, Blob, Choice, Count, Day, Fen, Flag, Instant, Name, Serial, Xid
from vouchers.ledger.models.funds import ROOM, ZERO
from vouchers.ledger.states import BALANCES, MOVEMENTS, CommitmentKind, HoldState

_FALSE = text("false")


class Commitment(Base):
    """Promised money: a voucher granted to an enterprise, or a contract of direct expenditure.

    The six balances always add up to the face. They are moved by entries alone; the row is born at zero.
    """

    __tablename__ = "commitment"
    __table_args__ = (
        UniqueConstraint("id", "line_id"),
        UniqueConstraint("id", "kind"),
        ForeignKeyConstraint(["line_id", "currency"], ["budget_line.id", "budget_line.currency"]),
        ForeignKeyConstraint(["issue_batch_id", "line_id"], ["issue_batch.id", "issue_batch.line_id"]),
        one_of("kind", CommitmentKind),
        CheckConstraint("face > 0", name="face_positive"),
        CheckConstraint("length(chain) = 32", name="chain_whole"),
        CheckConstraint(
            " AND ".join(f"{b} >= 0" for b in BALANCES)
            + f" AND {' + '.join(BALANCES)} = CASE WHEN seq = 0 THEN 0 ELSE face END AND seq >= 0",
            name="face_conserved",
        ),
        Index("ix_commitment_line", "line_id", "last_day"),
        Index("ix_commitment_batch", "issue_batch_id"),
        Index("ix_commitment_pilot", "pilot_id"),
        Index(
            "ix_commitment_to_expire",
            "last_day",
            "id",
            postgresql_where=text("available > 0"),
            sqlite_where=text("available > 0"),
        ),
        ROOM,
    )

    id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True, default=new_id)
    kind: Mapped[CommitmentKind] = mapped_column(Choice(CommitmentKind), nullable=False)
    line_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    issue_batch_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    currency: Mapped[str] = mapped_column(Name(), nullable=False)
    face: Mapped[int] = mapped_column(Fen(), nullable=False)
    available: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    reserved: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    payable: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    paid: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    recalled: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    clawed: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    seq: Mapped[int] = mapped_column(Count(), nullable=False, server_default=ZERO)
    chain: Mapped[bytes] = mapped_column(Blob(), nullable=False, comment="hash of the last entry; at birth of the row")
    last_day: Mapped[date] = mapped_column(Day(), nullable=False, comment="last day for new holds, Asia/Shanghai")
    frozen: Mapped[bool] = mapped_column(Flag(), nullable=False, server_default=_FALSE, comment="no holds, no parts")

    @property
    def scope(self) -> Scope:
        return Scope.of(pilot_id=self.pilot_id, city=self.city)


class Voucher(Base):
    """The face of a commitment that an enterprise holds in its hands. Never changes."""

    __tablename__ = "voucher"
    __table_args__ = (
        UniqueConstraint("line_id", "enterprise_id", "award_no"),
        ForeignKeyConstraint(["commitment_id", "line_id"], ["commitment.id", "commitment.line_id"]),
        ForeignKeyConstraint(["commitment_id", "kind"], ["commitment.id", "commitment.kind"]),
        CheckConstraint("kind = 'voucher'", name="of_a_voucher"),
        Index("ix_voucher_enterprise", "enterprise_id", "commitment_id"),
        Index("ix_voucher_pilot", "pilot_id", "commitment_id"),
        Index("ix_voucher_city", "city", "commitment_id"),
    )

    commitment_id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True)
    kind: Mapped[str] = mapped_column(Name(), nullable=False, server_default=text("'voucher'"))
    line_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    number: Mapped[str] = mapped_column(Name(), nullable=False, unique=True, comment="bare Crockford symbols")
    enterprise_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    scheme_version_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    award_no: Mapped[int] = mapped_column(Count(), nullable=False, comment="1 for the first award of this line to it")
    issued_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)

    @property
    def scope(self) -> Scope:
        return Scope.of(self.enterprise_id, pilot_id=self.pilot_id, city=self.city)


class DirectContract(Base):
    """The face of a commitment that is spent by contract: platforms, purchased services, training. Never changes."""

    __tablename__ = "direct_contract"
    __table_args__ = (
        ForeignKeyConstraint(["commitment_id", "line_id"], ["commitment.id", "commitment.line_id"]),
        ForeignKeyConstraint(["commitment_id", "kind"], ["commitment.id", "commitment.kind"]),
        UniqueConstraint("pilot_id", "number"),
        CheckConstraint("kind = 'contract'", name="of_a_contract"),
        CheckConstraint("length(document_hash) = 32", name="document_digest_whole"),
        Index("ix_direct_contract_provider", "provider_id", "commitment_id"),
    )

    commitment_id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True)
    kind: Mapped[str] = mapped_column(Name(), nullable=False, server_default=text("'contract'"))
    line_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    city: Mapped[str] = mapped_column(Name(), nullable=False)
    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    number: Mapped[str] = mapped_column(Name(), nullable=False)
    document_hash: Mapped[bytes] = mapped_column(Blob(), nullable=False, comment="SHA-256 of the signed contract")
    signed_on: Mapped[date] = mapped_column(Day(), nullable=False)
    issued_at: Mapped[datetime] = mapped_column(Instant(), nullable=False)

    @property
    def scope(self) -> Scope:
        return Scope.of(self.provider_id, pilot_id=self.pilot_id, city=self.city)


class Hold(Base):
    """Part of a voucher set aside for one order with one provider. Born `new`; its reserve entry makes it pending."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("posted >= 0 AND released >= 0 AND posted + released <= amount", name="parts_within_amount"),
        CheckConstraint("(state = 'closed') = (posted + released = amount)", name="closed_iff_used_up"),
        one_of("state", HoldState),
        Index(
            "uq_hold_live",
            "order_id",
            "commitment_id",
            unique=True,
            postgresql_where=text("state <> 'closed'"),
            sqlite_where=text("state <> 'closed'"),
        ),
        Index("ix_hold_commitment", "commitment_id"),
        Index(
            "ix_hold_to_release",
            "last_day",
            "id",
            postgresql_where=text("state = 'pending'"),
            sqlite_where=text("state = 'pending'"),
        ),
        ROOM,
    )

    id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True, default=new_id)
    commitment_id: Mapped[uuid.UUID] = mapped_column(ID(), ForeignKey("commitment.id"), nullable=False)
    order_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    amount: Mapped[int] = mapped_column(Fen(), nullable=False)
    posted: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    released: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    state: Mapped[HoldState] = mapped_column(Choice(HoldState), nullable=False, server_default=text("'new'"))
    last_day: Mapped[date] = mapped_column(Day(), nullable=False, comment="last day on which a part may be redeemed")
    replaces: Mapped[uuid.UUID | None] = mapped_column(
        ID(), ForeignKey("hold.id"), unique=True, comment="the failed provider's hold that was transferred to this one"
    )
    last_entry: Mapped[int] = mapped_column(Count(), nullable=False, server_default=ZERO)


class Entry(Base):
    """One movement of money within a commitment, chained to the one before. Append-only; a trigger carries it out."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("commitment_id", "seq"),
        UniqueConstraint("idem_scope", "idem_key"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "kind || ':' || src || '>' || dst IN (" + ", ".join(f"'{m}'" for m in MOVEMENTS) + ")",
            name="movement_known",
        ),
        CheckConstraint("(kind = 'issue') = (seq = 1)", name="issue_comes_first"),
        CheckConstraint("(src = 'reserved' OR dst = 'reserved') = (hold_id IS NOT NULL)", name="reserved_iff_hold"),
        CheckConstraint(
            "(kind IN ('refund', 'cut', 'settle', 'clawback')) = (redemption_id IS NOT NULL)", name="part_iff_reversed"
        ),
        CheckConstraint("(kind IN ('reserve', 'redeem')) = (provider_id IS NOT NULL)", name="provider_iff_spent"),
        CheckConstraint("(kind = 'settle') = (attempt_id IS NOT NULL)", name="settled_iff_attempt"),
        CheckConstraint(
            "(idem_scope IS NULL) = (idem_key IS NULL) AND (idem_key IS NULL) = (req_hash IS NULL)",
            name="key_with_its_digest",
        ),
        CheckConstraint("length(hash) = 32 AND length(prev_hash) = 32", name="chain_whole"),
        Index("ix_entry_position", "xid", "id"),
        Index(
            "uq_entry_settled_once",
            "redemption_id",
            "attempt_id",
            unique=True,
            postgresql_where=text("kind = 'settle'"),
            sqlite_where=text("kind = 'settle'"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Serial(), Identity(always=True), primary_key=True)
    xid: Mapped[int | None] = mapped_column(Xid(), comment="the writing transaction on PostgreSQL")
    pilot_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    commitment_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    seq: Mapped[int] = mapped_column(Count(), nullable=False)
    kind: Mapped[str] = mapped_column(Name(), nullable=False)
    src: Mapped[str] = mapped_column(Name(), nullable=False)
    dst: Mapped[str] = mapped_column(Name(), nullable=False)
    amount: Mapped[int] = mapped_column(Fen(), nullable=False)
    hold_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    redemption_id: Mapped[int | None] = mapped_column(Count(), comment="the part that is refunded, cut or settled")
    provider_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    attempt_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="the confirmed payment behind a settle")
    idem_scope: Mapped[str | None] = mapped_column(Name(), comment="who asked; only the first entry of an act has it")
    idem_key: Mapped[str | None] = mapped_column(Name())
    req_hash: Mapped[bytes | None] = mapped_column(Blob())
    person_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False, comment="the nil UUID: the platform itself")
    assignment_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    day: Mapped[date] = mapped_column(Day(), nullable=False)
    at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    prev_hash: Mapped[bytes] = mapped_column(Blob(), nullable=False)
    hash: Mapped[bytes] = mapped_column(Blob(), nullable=False)


class Redemption(Base):
    """A part of a commitment that was delivered and confirmed. Written by the trigger of its redeem entry."""

    __tablename__ = "redemption"
    __table_args__ = (
        UniqueConstraint("entry_id", "commitment_id"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "refunded >= 0 AND settled >= 0 AND clawed >= 0 AND refunded + settled <= amount AND clawed <= settled",
            name="parts_within_amount",
        ),
        Index(
            "ix_redemption_owed",
            "provider_id",
            "entry_id",
            postgresql_where=text("refunded + settled < amount"),
            sqlite_where=text("refunded + settled < amount"),
        ),
        Index("ix_redemption_commitment", "commitment_id"),
        Index("ix_redemption_hold", "hold_id"),
    )

    entry_id: Mapped[int] = mapped_column(Serial(), primary_key=True, autoincrement=False)
    commitment_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    hold_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="empty for a contract")
    provider_id: Mapped[uuid.UUID] = mapped_column(ID(), nullable=False)
    amount: Mapped[int] = mapped_column(Fen(), nullable=False)
    refunded: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    settled: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    clawed: Mapped[int] = mapped_column(Fen(), nullable=False, server_default=ZERO)
    last_entry: Mapped[int] = mapped_column(Count(), nullable=False)
