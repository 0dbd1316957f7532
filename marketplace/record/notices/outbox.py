"""Speaking to the world outside: written in the act, sent after its commit, at least once, never lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, literal, select, union_all

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


AT_ONCE = 20
"""Rows of one INSERT: most acts have one or two, and a round letter makes no statement without end."""


def send(ctx: Context, topic: str, payload: Any, *, only_if: ColumnElement[bool] | None = None) -> uuid.UUID:
    """Put a message into the outbox. Gives the message's id.

    The messages of an act are written in its transaction, just before the commit: one INSERT for them all, in the
    order in which they were sent. With `only_if` that statement also asks whether anybody wants the message, and
    writes no row when nobody does.
    """
    message_id = new_id()
    row = select(
        literal(message_id, ID()).label("message_id"),
        literal(topic, Name()).label("topic"),
        literal(payload, Json()).label("payload"),
        literal(ctx.now, Instant()).label("created_at"),
        literal(ctx.now, Instant()).label("next_try_at"),
        literal(0, Count()).label("attempts"),
    )
    ctx.keep(_write, row if only_if is None else row.where(only_if))
    return message_id


def _write(ctx: Context, rows: list[Select[Any]]) -> None:
    columns = rows[0].selected_columns.keys()
    for start in range(0, len(rows), AT_ONCE):
        some = union_all(*rows[start : start + AT_ONCE])
        ctx.session.execute(insert(Outbox.__table__).from_select(columns, some))  # type: ignore[arg-type]
