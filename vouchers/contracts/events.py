"""Facts of contracts, told inside the act. Amounts in fen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class ContractRecorded:
    """Recorded by one officer; another one has to confirm it."""

    contract_id: uuid.UUID
    pilot_id: uuid.UUID


@dataclass(frozen=True)
class ContractConfirmed:
    """The money is promised."""

    contract_id: uuid.UUID
    pilot_id: uuid.UUID
    category: str
    amount_fen: int


@dataclass(frozen=True)
class ContractDeclined:
    contract_id: uuid.UUID
    reason: str


@dataclass(frozen=True)
class PartAccepted:
    """A part was delivered and accepted: it may be invoiced and claimed."""

    contract_id: uuid.UUID
    part_id: uuid.UUID
    redemption_id: int
    amount_fen: int


@dataclass(frozen=True)
class ContractReduced:
    """Promised money was given back to its line."""

    contract_id: uuid.UUID
    amount_fen: int
    reason: str
