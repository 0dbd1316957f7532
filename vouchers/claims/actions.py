"""The verbs of a claim: submit, correct, withdraw, review; and what the settlement says of its payment."""

from __future__ import annotations

from vouchers.claims.filing import correct, submit, submit_for_contract, withdraw
from vouchers.claims.outcome import escalate, payment_failed, remind, revoke, settled
from vouchers.claims.reviewing import review

__all__ = [
    "correct",
    "payment_failed",
    "escalate",
    "remind",
    "review",
    "revoke",
    "settled",
    "submit",
    "submit_for_contract",
    "withdraw",
]
