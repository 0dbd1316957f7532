"""Facts of adjustments, told inside the act. Amounts in fen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class AdjustmentProposed:
    """Proposed by one person of finance; another one has to book it."""

    adjustment_id: uuid.UUID


@dataclass(frozen=True)
class AdjustmentBooked:
    """The entries are in the ledger."""

    adjustment_id: uuid.UUID
    pilot_id: uuid.UUID
    amount_fen: int


@dataclass(frozen=True)
class AdjustmentDeclined:
    adjustment_id: uuid.UUID
    reason: str
