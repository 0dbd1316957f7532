"""What a code is, how long it lives, and how often it may be guessed."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from datetime import timedelta

from marketplace.people.accounts.rules import Limit

LIFE = timedelta(seconds=60)
"""From the making of a code on; at its last instant it is over."""
DIGITS = 8
PREFIX = "DTC1"
"""Begins the text of a code's QR, so that a camera tells it from a voucher's."""

FROM_ONE_ADDRESS = Limit(60, timedelta(minutes=10))
FROM_ONE_PROVIDER = Limit(20, timedelta(minutes=10))
"""Vain attempts. A code is one of a hundred million, lives a minute, and only its own provider can use it."""
MADE_FOR_ONE_ORDER = Limit(20, timedelta(minutes=10))
FRAMES_OF_ONE_PERSON = Limit(240, timedelta(minutes=1))
"""Pictures of a camera that a person has read; a page sends fewer than two a second."""
ASKED_OF_ONE_ORDER = Limit(3, timedelta(hours=1))


def digits(secret: str, nonce: uuid.UUID) -> str:
    """The code behind a nonce. Only who holds the installation's secret can tell it; the database can't."""
    made = hmac.digest(secret.encode(), b"redemption code\n" + nonce.bytes, "sha256")
    return f"{int.from_bytes(made[:16]) % 10**DIGITS:0{DIGITS}d}"


def digest(secret: str, provider_id: uuid.UUID, code: str) -> str:
    """What stands in the database in a code's place: keyed, and different for each provider."""
    said = b"redemption digest\n" + provider_id.bytes + code.encode()
    return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


def qr_text(code: str) -> str:
    """What the QR of a code says."""
    return f"{PREFIX}.{code}"


def as_code(text: str) -> str | None:
    """The digits of a code as somebody typed or scanned them; None when it is none."""
    bare = text.strip().removeprefix(PREFIX + ".").replace(" ", "").replace("-", "")
    return bare if len(bare) == DIGITS and bare.isascii() and bare.isdecimal() else None
