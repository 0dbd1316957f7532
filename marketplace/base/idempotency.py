"""The same key means the same act: an answer is kept with what it answered, in the act's own transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.context import Context
from marketplace.base.db import Base
from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.base.types import Blob, Count, Instant, Json, Name, canonical


class IdempotencyRecord(Base):
    """One answered request, kept for 30 days (ledger entries keep their own keys for ever)."""

    __tablename__ = "idempotency_record"

    scope: Mapped[str] = mapped_column(Name(), primary_key=True, comment="who asked: organisation or person")
    key: Mapped[str] = mapped_column(Name(), primary_key=True, comment="made by the client before it clicked")
    request_hash: Mapped[bytes] = mapped_column(Blob(), nullable=False)
    status: Mapped[int] = mapped_column(Count(), nullable=False)
    body: Mapped[Any] = mapped_column(Json(), nullable=False)
    created_at: Mapped[datetime] = mapped_column(Instant(), nullable=False, index=True)


@dataclass(frozen=True)
class Request:
    """What identifies a request: its scope, the client's key, and a digest of what it asks."""

    scope: str
    key: str
    digest: bytes


def digest(method: str, path: str, body: Any) -> bytes:
    """SHA-256 over the canonical form of a request."""
    return hashlib.sha256(canonical([method, path, body]).encode()).digest()


def find(ctx: Context, request: Request) -> IdempotencyRecord | None:
    """The earlier answer to this very request; refuses a key that was used for another one."""
    record = ctx.session.scalars(
        select(IdempotencyRecord).where(IdempotencyRecord.scope == request.scope, IdempotencyRecord.key == request.key)
    ).one_or_none()
    if record is not None and record.request_hash != request.digest:
        refusal = Refusal("idempotency.other_request", N_("此幂等键已用于另一个请求。"), field="Idempotency-Key")
        refusal.status = 422
        raise refusal
    return record


def keep(ctx: Context, request: Request, status: int, body: Any) -> None:
    """Keep the answer. A rival that answered first makes this fail as a duplicate, and the act is run again."""
    ctx.session.execute(
        insert(IdempotencyRecord).values(
            scope=request.scope,
            key=request.key,
            request_hash=request.digest,
            status=status,
            body=body,
            created_at=ctx.now,
        )
    )
