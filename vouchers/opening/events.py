"""Facts of opening entries. Amounts in fen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class OpeningSubmitted:
    opening_id: uuid.UUID
    rows: int
    arranged_fen: int
    paid_fen: int


@dataclass(frozen=True)
class OpeningReturned:
    opening_id: uuid.UUID


@dataclass(frozen=True)
class OpeningReleased:
    """What a pilot brought along is in the books."""

    opening_id: uuid.UUID
    pilot_id: uuid.UUID
    rows: int
    arranged_fen: int
    paid_fen: int
