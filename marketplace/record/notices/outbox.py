"""Speaking to the world outside: written in the act, sent after its commit, at least once, never lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, insert, literal, select

from marketplace.base.context import Context
from marketplace.base.house import Port
from marketplace.base.ids import new_id
from marketplace.base.types import ID, Count, Instant, Json, Name
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


def send(ctx: Context, topic: str, payload: Any, *, only_if: ColumnElement[bool] | None = None) -> uuid.UUID:
    """Put a message into the outbox: one INSERT in the act's transaction. Gives the message's id.

    With `only_if` the same statement asks whether anybody wants it, and writes nothing when nobody does.
    """
    message_id = new_id()
    row: dict[str, Any] = {
        "message_id": literal(message_id, ID()),
        "topic": literal(topic, Name()),
        "payload": literal(payload, Json()),
        "created_at": literal(ctx.now, Instant()),
        "next_try_at": literal(ctx.now, Instant()),
        "attempts": literal(0, Count()),
    }
    statement: Any = insert(Outbox.__table__)  # type: ignore[arg-type]
    if only_if is None:
        statement = statement.values(row)
    else:
        statement = statement.from_select(list(row), select(*row.values()).where(only_if))
    ctx.session.execute(statement)
    return message_id
