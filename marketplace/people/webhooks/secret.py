"""Secrets and signatures, as the Standard Webhooks specification has them.

A secret is derived, not stored: whoever reads the database alone cannot sign.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from datetime import datetime, timedelta

from marketplace.people.webhooks.models import Webhook

OVERLAP = timedelta(hours=24)
"""So long after a change of secret messages bear the signature of the one before as well."""
PREFIX = "whsec_"


def of(key: str, webhook_id: uuid.UUID, version: int) -> str:
    """The secret of a version as its owner gets it: ``whsec_`` and 32 bytes in base64."""
    made = hmac.digest(key.encode(), f"webhook:{webhook_id}:{version}".encode(), hashlib.sha256)
    return PREFIX + base64.b64encode(made).decode()


def living(key: str, webhook: Webhook, now: datetime) -> list[str]:
    """The secrets that sign now, the present one first."""
    versions = [webhook.secret_version]
    if webhook.rotated_at is not None and now < webhook.rotated_at + OVERLAP:
        versions.append(webhook.secret_version - 1)
    return [of(key, webhook.id, version) for version in versions]


def headers(secrets: list[str], message_id: uuid.UUID, moment: datetime, body: bytes) -> dict[str, str]:
    """``webhook-id``, ``webhook-timestamp`` (seconds) and ``webhook-signature`` of one attempt."""
    stamp = int(moment.timestamp())
    signed = f"{message_id}.{stamp}.".encode() + body
    marks = []
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix(PREFIX))
        marks.append("v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode())
    return {"webhook-id": str(message_id), "webhook-timestamp": str(stamp), "webhook-signature": " ".join(marks)}
