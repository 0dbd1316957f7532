"""Facts of the sanctions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class BanImposed:
    """Somebody may not apply any more; `subject_id` is a region code or an organisation's id as text."""

    ban_id: uuid.UUID
    subject_kind: str
    subject_id: str
    from_day: date
    until_day: date
    clause: str


@dataclass(frozen=True)
class BanLifted:
    ban_id: uuid.UUID
    subject_kind: str
    subject_id: str
