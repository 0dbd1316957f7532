"""The outbox from outside: put something in, deliver, look what waits, and an ear that hears it."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select

from marketplace.record.notices import delivery, outbox
from marketplace.record.notices.models import Outbox
from marketplace.record.notices.outbox import OUTBOX_HANDLERS, Handler, Message

LETTER = {"to": "owner@example.org", "subject": "您好", "body": "服务券已发放。\n.\nVoucher issued.\n"}


def waiting(platform: Any) -> list[Outbox]:
    return platform.act(lambda ctx: list(ctx.session.scalars(select(Outbox).order_by(Outbox.id))))


def deliver(platform: Any) -> str:
    return delivery.deliver(platform.act)


def put(platform: Any, topic: str, payload: Any) -> uuid.UUID:
    return platform.act(lambda ctx: outbox.send(ctx, topic, payload))


class Ear:
    """A handler that hears everything, and can be told to fail."""

    def __init__(self, platform: Any, topic: str = "test"):
        self.heard: list[Message] = []
        self.fault: Exception | None = None
        self.is_ready = True
        platform.house.add(OUTBOX_HANDLERS, Handler(topic, send=self.send, ready=lambda settings: self.is_ready))

    def send(self, settings: Any, message: Message) -> None:
        self.heard.append(message)
        if self.fault is not None:
            raise self.fault
