"""Topic `sms`: ``{"to", "text"}`` as JSON to the gateway of ``MARKETPLACE_SMS_URL``, with the message id."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from marketplace.record.notices.outbox import Message

TIMEOUT = 20


def ready(settings: Any) -> bool:
    """Whether a gateway is set; until then messages wait."""
    return bool(settings.sms_url)


def send(settings: Any, message: Message) -> None:
    """Hand one short message over; any answer but 2xx is a failure."""
    if urlsplit(settings.sms_url).scheme not in ("http", "https"):
        raise ValueError("MARKETPLACE_SMS_URL must be an http(s) address")
    body = {"id": str(message.message_id), "to": message.payload["to"], "text": message.payload["text"]}
    request = Request(  # noqa: S310 - the scheme was checked
        settings.sms_url,
        data=json.dumps(body, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json", "Idempotency-Key": str(message.message_id)},
        method="POST",
    )
    with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
        if not 200 <= answer.status < 300:
            raise OSError(f"the gateway answered {answer.status}")
