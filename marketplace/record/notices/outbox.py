"""Speaking to the world outside: written in the act, sent after its commit, at least once, never lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from marketplace.base.context import Context
from marketplace.base.house import Port
from marketplace.base.ids import new_id
from marketplace.record.notices.models import Outbox


@dataclass(frozen=True)
class Message:
    """One row of the outbox on its way; its `message_id` is the same at every attempt, so receivers drop doubles."""

    id: int
    message_id: uuid.UUID
    topic: str
    payload: Any
    attempts: int


@dataclass(frozen=True)
class Handler:
    """Who delivers a topic.

    `send(settings, message)` speaks to the outside with no transaction open, and raises when it was not taken.
    `inside(ctx, message)` is an act of our own database instead, done together with the mark that it is done.
    While `ready(settings)` says no, messages of the topic wait without an attempt. `label` is what people read.
    """

    topic: str
    send: Callable[[Any, Message], None] | None = None
    inside: Callable[[Context, Message], None] | None = None
    ready: Callable[[Any], bool] = lambda settings: True
    label: str = ""


OUTBOX_HANDLERS: Port[Handler] = Port("outbox handlers")


def send(ctx: Context, topic: str, payload: Any) -> uuid.UUID:
    """Put a message into the outbox: one INSERT in the act's transaction. Gives the message's id."""
    message_id = new_id()
    ctx.session.execute(
        insert(Outbox.__table__).values(  # type: ignore[arg-type]
            message_id=message_id,
            topic=topic,
            payload=payload,
            created_at=ctx.now,
            next_try_at=ctx.now,
            attempts=0,
        )
    )
    return message_id
