"""Counting attempts in the database, so that several servers count together."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import case, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from marketplace.base.context import Context
from marketplace.base.errors import Throttled
from marketplace.base.networks import network
from marketplace.people.accounts.models import Throttle
from marketplace.people.accounts.rules import Limit

__all__ = ["count", "forget", "forgive", "key_of", "network"]


def key_of(kind: str, subject: str) -> str:
    """The row of one account or address; a digest, because what people mistype as a phone may be a password."""
    return f"{kind}:{hashlib.sha256(subject.encode()).hexdigest()}"


def count(ctx: Context, kind: str, subject: str, limit: Limit) -> None:
    """Count one attempt in one statement, or refuse with the seconds left until the window ends (`Throttled`)."""
    insert: Any = sqlite.insert if ctx.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    over = Throttle.window_ends <= ctx.now
    statement = (
        insert(Throttle)
        .values(key=key_of(kind, subject), attempts=1, window_ends=ctx.now + limit.window)
        .on_conflict_do_update(
            index_elements=[Throttle.key],
            set_={
                "attempts": case((over, 1), else_=Throttle.attempts + 1),
                "window_ends": case((over, ctx.now + limit.window), else_=Throttle.window_ends),
            },
        )
        .returning(Throttle.attempts, Throttle.window_ends)
    )
    attempts, window_ends = ctx.session.execute(statement).one()
    if attempts > limit.attempts:
        raise Throttled(max(1, int((window_ends - ctx.now + timedelta(milliseconds=999)).total_seconds())))


def forget(ctx: Context, kind: str, subject: str) -> None:
    """Begin anew after a success."""
    ctx.session.execute(delete(Throttle).where(Throttle.key == key_of(kind, subject)))


def forgive(ctx: Context, kind: str, subject: str) -> None:
    """Take one counted attempt back after it succeeded: what was tried in vain before stays counted."""
    statement = update(Throttle).where(Throttle.key == key_of(kind, subject), Throttle.attempts > 0)
    ctx.session.execute(statement.values(attempts=Throttle.attempts - 1))
