"""Rows that are written once: acts, looks at protected things, seals over both, and the day's checkpoints."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base
from marketplace.base.types import ID, Blob, Count, Day, Instant, Json, Name, Serial, Xid


class AuditRow(Base):
    """One act: who did what to which thing, under which assignment. Append-only and sealed: no personal data in it."""

    __tablename__ = "audit_row"
    __table_args__ = (
        Index("ix_audit_row_position", "xid", "id"),
        Index("ix_audit_row_object", "kind", "object_id", "id"),
        Index("ix_audit_row_person", "person_id", "id"),
        Index("ix_audit_row_verb", "verb", "id"),
        Index("ix_audit_row_at", "at"),
    )

    id: Mapped[int] = mapped_column(Serial(), primary_key=True)
    xid: Mapped[int | None] = mapped_column(Xid(), comment="the writing transaction on PostgreSQL")
    at: Mapped[datetime] = mapped_column(Instant(), nullable=False, comment="ctx.now of the act")
    person_id: Mapped[uuid.UUID | None] = mapped_column(ID(), comment="empty: a visitor or the platform itself")
    assignment_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    role: Mapped[str] = mapped_column(Name(), nullable=False, comment="role code, or visitor, or platform")
    request_id: Mapped[str] = mapped_column(Name(), nullable=False)
    verb: Mapped[str] = mapped_column(Name(), nullable=False, comment="kind.past_participle, like voucher.reserved")
    kind: Mapped[str] = mapped_column(Name(), nullable=False, comment="table of the object")
    object_id: Mapped[str] = mapped_column(Name(), nullable=False)
    pilot_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    city: Mapped[str | None] = mapped_column(Name())
    facts: Mapped[Any] = mapped_column(Json(), nullable=False, comment="amounts in fen, ids, states")


class AccessRow(Base):
    """One look at something protected: a sealed dossier, unmasked personal data. Append-only, sealed."""

    __tablename__ = "access_row"
    __table_args__ = (
        Index("ix_access_row_position", "xid", "id"),
        Index("ix_access_row_object", "kind", "object_id", "id"),
        Index("ix_access_row_person", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(Serial(), primary_key=True)
    xid: Mapped[int | None] = mapped_column(Xid(), comment="the writing transaction on PostgreSQL")
    at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    assignment_id: Mapped[uuid.UUID | None] = mapped_column(ID())
    role: Mapped[str] = mapped_column(Name(), nullable=False)
    request_id: Mapped[str] = mapped_column(Name(), nullable=False)
    kind: Mapped[str] = mapped_column(Name(), nullable=False)
    object_id: Mapped[str] = mapped_column(Name(), nullable=False)
    reason: Mapped[str] = mapped_column(Name(), nullable=False, comment="why it was opened: a code or a sentence")


class Seal(Base):
    """A signed Merkle root over the next rows of one sealed table, chained to the seal before it, whatever its table.

    Positions are (xid, id) on PostgreSQL and (0, id) in SQLite. `floor_id` and `epoch` change when the database was
    restored into another cluster, whose transaction numbers begin again.
    """

    __tablename__ = "seal"
    __table_args__ = (
        UniqueConstraint("source", "tree_size"),
        CheckConstraint("n > 0 AND tree_size >= n", name="covers_rows"),
        CheckConstraint("length(root) = 32 AND length(hash) = 32 AND length(prev_hash) = 32", name="digests_whole"),
    )

    no: Mapped[int] = mapped_column(Serial(), primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(Name(), nullable=False, comment="the sealed table")
    epoch: Mapped[int] = mapped_column(Count(), nullable=False, comment="rises with each restore into a new cluster")
    cluster: Mapped[str] = mapped_column(Name(), nullable=False, comment="system identifier of the database cluster")
    floor_id: Mapped[int] = mapped_column(Count(), nullable=False, comment="last id of the epochs before")
    lo_xid: Mapped[int] = mapped_column(Count(), nullable=False, comment="rows after this position …")
    lo_id: Mapped[int] = mapped_column(Count(), nullable=False)
    hi_xid: Mapped[int] = mapped_column(Count(), nullable=False, comment="… up to and including this one")
    hi_id: Mapped[int] = mapped_column(Count(), nullable=False)
    top_id: Mapped[int] = mapped_column(Count(), nullable=False, comment="highest id sealed so far")
    n: Mapped[int] = mapped_column(Count(), nullable=False, comment="rows under this seal")
    tree_size: Mapped[int] = mapped_column(Count(), nullable=False, comment="rows of the table sealed so far")
    root: Mapped[bytes] = mapped_column(Blob(), nullable=False, comment="RFC 6962 tree hash over all rows so far")
    leaves: Mapped[bytes] = mapped_column(Blob(), nullable=False, comment="the n leaf hashes, to name a changed row")
    frontier: Mapped[bytes] = mapped_column(Blob(), nullable=False, comment="roots of the full subtrees, left to right")
    at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    prev_hash: Mapped[bytes] = mapped_column(Blob(), nullable=False)
    hash: Mapped[bytes] = mapped_column(Blob(), nullable=False, unique=True)
    public_key: Mapped[bytes] = mapped_column(Blob(), nullable=False, comment="Ed25519")
    signature: Mapped[bytes] = mapped_column(Blob(), nullable=False, comment="Ed25519 over the hash")


class Checkpoint(Base):
    """The last seal of a day, published and sent out of the operator's reach."""

    __tablename__ = "checkpoint"

    day: Mapped[date] = mapped_column(Day(), primary_key=True, comment="the day in Asia/Shanghai that it closes")
    seal_no: Mapped[int] = mapped_column(Count(), nullable=False)
    seal_hash: Mapped[bytes] = mapped_column(Blob(), nullable=False)
    trees: Mapped[Any] = mapped_column(Json(), nullable=False, comment="table → [rows, root in hex]")
    at: Mapped[datetime] = mapped_column(Instant(), nullable=False)
    public_key: Mapped[bytes] = mapped_column(Blob(), nullable=False)
    signature: Mapped[bytes] = mapped_column(Blob(), nullable=False, comment="Ed25519 over the canonical text")
