"""What happens to a call."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class CallPublished:
    call_id: uuid.UUID
    city: str
    opens_on: date
    closes_on: date


@dataclass(frozen=True)
class CallClosed:
    call_id: uuid.UUID
    city: str


@dataclass(frozen=True)
class CallCancelled:
    call_id: uuid.UUID
    city: str
    reason: str
