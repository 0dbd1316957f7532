"""Facts of acceptance."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class RenovationAccepted:
    """The renovation passed: the enterprise counts as renovated from `accepted_on`."""

    acceptance_id: uuid.UUID
    order_id: uuid.UUID
    enterprise_id: uuid.UUID
    provider_id: uuid.UUID
    pilot_id: uuid.UUID
    accepted_on: date
    level: str
    rank: int


@dataclass(frozen=True)
class RenovationNotAccepted:
    """To be mended and judged again, or failed for good (`final`)."""

    acceptance_id: uuid.UUID
    order_id: uuid.UUID
    enterprise_id: uuid.UUID
    provider_id: uuid.UUID
    final: bool
    reason: str
