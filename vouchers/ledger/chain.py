"""The hash chain of a commitment: what each entry says, and where the chain begins."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

_BIRTH = b"voucher-marketplace/commitment/1"
_ENTRY = b"voucher-marketplace/entry/1"

BORN = ("id", "kind", "line_id", "issue_batch_id", "pilot_id", "city", "currency", "face", "last_day")
"""What the seed of a chain binds of the commitment's own row."""
VOUCHER = ("number", "enterprise_id", "scheme_version_id", "award_no")
CONTRACT = ("provider_id", "number", "document_hash", "signed_on")

ENTRY = (
    "pilot_id",
    "commitment_id",
    "seq",
    "kind",
    "src",
    "dst",
    "amount",
    "hold_id",
    "redemption_id",
    "provider_id",
    "attempt_id",
    "idem_scope",
    "idem_key",
    "req_hash",
    "person_id",
    "assignment_id",
    "day",
    "at",
)
"""The hashed fields of an entry, in this order. None of them is personal data: people appear as random ids."""


def seed(commitment: Mapping[str, Any], face: Mapping[str, Any]) -> bytes:
    """The chain at birth: binds the commitment and its voucher or contract, so that neither can change unseen."""
    names = VOUCHER if str(commitment["kind"]) == "voucher" else CONTRACT
    return _digest(_BIRTH, [*(commitment[n] for n in BORN), *(face[n] for n in names)], b"")


def link(entry: Mapping[str, Any], prev_hash: bytes) -> bytes:
    """The hash of one entry after another."""
    return _digest(_ENTRY, [entry.get(name) for name in ENTRY], prev_hash)


def _digest(tag: bytes, fields: Iterable[Any], prev_hash: bytes) -> bytes:
    """SHA-256 over the tag, each field with its length before it, and the hash before."""
    parts = [tag]
    for field in fields:
        if type(field) is uuid.UUID:
            parts += (_SIXTEEN, field.bytes)
        elif field is None:
            parts.append(_NOTHING)
        elif type(field) is bytes:
            parts += (len(field).to_bytes(4, "big"), field)
        else:
            parts.append(_said(type(field).__name__, field))
    parts.append(prev_hash)
    return hashlib.sha256(b"".join(parts)).digest()


_NOTHING, _SIXTEEN = b"\xff\xff\xff\xff", (16).to_bytes(4, "big")


@lru_cache(maxsize=4096)
def _said(kind: str, value: Any) -> bytes:
    """A value with its length before it. Kinds, days, moments and places come again and again in one act.

    `kind` keeps values apart that are equal and not the same, such as 1 and True.
    """
    plain = _plain(value)
    return len(plain).to_bytes(4, "big") + plain


def _plain(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, uuid.UUID):
        return value.bytes
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
    if isinstance(value, date):
        return value.isoformat().encode()
    return str(value).encode()
