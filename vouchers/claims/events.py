"""Facts of claims. Amounts in fen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from vouchers.claims.states import Decision, Step


@dataclass(frozen=True)
class ClaimSubmitted:
    """Submitted or, after a return, corrected (`round` above 1)."""

    claim_id: uuid.UUID
    round: int
    amount_fen: int


@dataclass(frozen=True)
class ClaimReviewed:
    claim_id: uuid.UUID
    step: Step
    decision: Decision
    approved_fen: int


@dataclass(frozen=True)
class ClaimOverturned:
    """A dispute about the order was upheld. Told before the ledger ends the claim: a draft batch lets go of it."""

    claim_id: uuid.UUID
    reason: str


@dataclass(frozen=True)
class ClaimPaid:
    claim_id: uuid.UUID
    amount_fen: int
    reference: str
    paid_on: date


@dataclass(frozen=True)
class PaymentFailed:
    """The bank refused: the claim is open for another batch."""

    claim_id: uuid.UUID
    amount_fen: int
    reason: str
