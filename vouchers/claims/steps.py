"""Whether a verb is open to a claim; the ledger itself moves the state."""

from __future__ import annotations

from types import SimpleNamespace

from vouchers.claims.states import CLAIM
from vouchers.ledger.models.payments import Claim


def require_move(claim: Claim, verb: str) -> None:
    """Refuse, with its present state and what is needed, a verb that a claim does not allow now."""
    CLAIM.move(SimpleNamespace(state=claim.state), verb)
