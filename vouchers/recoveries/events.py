"""Facts of recoveries, told inside the act. Amounts in fen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class RecoveryOpened:
    """Whoever was paid may answer now."""

    recovery_id: uuid.UUID


@dataclass(frozen=True)
class RecoveryAnswered:
    recovery_id: uuid.UUID


@dataclass(frozen=True)
class RecoveryDemanded:
    """Another officer agreed: the money is to be paid back."""

    recovery_id: uuid.UUID


@dataclass(frozen=True)
class RecoveryDropped:
    recovery_id: uuid.UUID


@dataclass(frozen=True)
class RecoveryReceived:
    """Money came in; `left_fen` is what is still owed."""

    recovery_id: uuid.UUID
    amount_fen: int
    left_fen: int
    bank_reference: str
