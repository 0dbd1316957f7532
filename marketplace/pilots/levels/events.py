"""Facts of the levels."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class LevelRecorded:
    record_id: uuid.UUID
    enterprise_id: uuid.UUID
    scale: str
    value: str
    assessed_on: date
