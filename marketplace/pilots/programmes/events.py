"""Facts of programmes, pilots and tranches. Money is in fen, days are calendar days in Asia/Shanghai."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PilotNominated:
    pilot_id: uuid.UUID
    city: str
    region: str


@dataclass(frozen=True)
class PilotApproved:
    """The plan is approved and the award set, within the cap of its class (四(一))."""

    pilot_id: uuid.UUID
    city: str
    edition_id: uuid.UUID
    award_fen: int
    day: date


@dataclass(frozen=True)
class PilotSuspended:
    pilot_id: uuid.UUID
    city: str
    day: date


@dataclass(frozen=True)
class PilotResumed:
    pilot_id: uuid.UUID
    city: str
    day: date


@dataclass(frozen=True)
class PilotClosed:
    pilot_id: uuid.UUID
    city: str
    day: date


@dataclass(frozen=True)
class TrancheReleased:
    """The province's finance department sent the money on its way."""

    pilot_id: uuid.UUID
    tranche_id: uuid.UUID
    number: int
    amount_fen: int
    day: date


@dataclass(frozen=True)
class TrancheReceived:
    """A finance officer saw the money on the account; `reference` is the bank's."""

    pilot_id: uuid.UUID
    tranche_id: uuid.UUID
    amount_fen: int
    day: date
    reference: str


@dataclass(frozen=True)
class MidTermEvaluated:
    pilot_id: uuid.UUID
    grade: str
    day: date


@dataclass(frozen=True)
class PlanChangeApproved:
    pilot_id: uuid.UUID
    change_id: uuid.UUID
