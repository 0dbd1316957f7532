"""The deliverer: takes what waits, speaks with no transaction open, and marks what was taken.

A message is claimed by moving its next attempt five minutes away; when the deliverer dies in between, it is claimed
again after that. So a receiver may get it twice, with the same message id, but never not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import select, update

from marketplace.base.context import Context
from marketplace.record.notices.models import Outbox
from marketplace.record.notices.outbox import OUTBOX_HANDLERS, Handler, Message

log = structlog.get_logger(__name__)
BATCH = 50
BATCHES = 20
CLAIM = timedelta(minutes=5)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)


def deliver(act: Callable[..., Any]) -> str:
    """Send what is due, a batch at a time. Job `notices.deliver`; `act` runs one verb in its own transaction.

    Goes on while batches are full and everything in them was taken: where a receiver is away, the next run of the job
    comes back to it, and no run spends its whole time on waiting for it.
    """
    sent = failed = 0
    for _ in range(BATCHES):
        handlers, settings, messages = act(_claim)
        for message in messages:
            if _deliver_one(act, handlers[message.topic], settings, message):
                sent += 1
            else:
                failed += 1
        if failed or len(messages) < BATCH:
            break
    return f"{sent} sent, {failed} failed" if sent or failed else ""


def _claim(ctx: Context) -> tuple[dict[str, Handler], Any, list[Message]]:
    settings = ctx.house.settings
    handlers = {h.topic: h for h in ctx.house.all(OUTBOX_HANDLERS) if h.ready(settings)}
    rows = ctx.session.execute(
        select(Outbox.id, Outbox.message_id, Outbox.topic, Outbox.payload, Outbox.attempts)
        .where(Outbox.sent_at.is_(None), Outbox.next_try_at <= ctx.now, Outbox.topic.in_(list(handlers)))
        .order_by(Outbox.next_try_at, Outbox.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    messages = [Message(r.id, r.message_id, r.topic, r.payload, r.attempts + 1) for r in rows]
    if messages:
        ctx.session.execute(
            update(Outbox)
            .where(Outbox.id.in_([message.id for message in messages]))
            .values(next_try_at=ctx.now + CLAIM, attempts=Outbox.attempts + 1)
        )
    return handlers, settings, messages


def _deliver_one(act: Callable[..., Any], handler: Handler, settings: Any, message: Message) -> bool:
    try:
        if handler.inside is not None:
            act(partial(_done_inside, handler.inside, message))
            return True
        if handler.send is None:
            raise LookupError(f"nobody sends {handler.topic}")
        handler.send(settings, message)
    except Exception as fault:
        words = f"{type(fault).__name__}: {fault}"[:300]
        log.warning("message not taken", topic=message.topic, message_id=str(message.message_id), fault=words)
        act(lambda ctx: _mark_failed(ctx, message, words))
        return False
    act(lambda ctx: _mark_sent(ctx, message))
    return True


def _done_inside(inside: Callable[[Context, Message], None], message: Message, ctx: Context) -> None:
    inside(ctx, message)
    _mark_sent(ctx, message)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 30 s, then twice as long each time, at most six hours."""
    return min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)


def _mark_sent(ctx: Context, message: Message) -> None:
    ctx.session.execute(update(Outbox).where(Outbox.id == message.id).values(sent_at=ctx.now, last_error=None))


def _mark_failed(ctx: Context, message: Message, words: str) -> None:
    ctx.session.execute(
        update(Outbox)
        .where(Outbox.id == message.id)
        .values(last_error=words, next_try_at=ctx.now + pause(message.attempts))
    )
