"""The words of the ledger: kinds of commitment and movement, and the states of what lies around them."""

from __future__ import annotations

from enum import StrEnum


class CommitmentKind(StrEnum):
    VOUCHER = "voucher"
    CONTRACT = "contract"


class Share(StrEnum):
    """Which side of the rule book's ceiling a line counts on."""

    RENOVATION = "renovation"
    OTHER = "other"


class HoldState(StrEnum):
    NEW = "new"
    PENDING = "pending"
    CLOSED = "closed"


class ClaimMode(StrEnum):
    DIRECT = "direct"
    REIMBURSED = "reimbursed"
    CONTRACT = "contract"


class ClaimState(StrEnum):
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    PAID = "paid"


class BatchState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"
    DONE = "done"
    CANCELLED = "cancelled"


class ItemState(StrEnum):
    OPEN = "open"
    PAID = "paid"
    FAILED = "failed"


class AttemptState(StrEnum):
    PREPARED = "prepared"
    SENT = "sent"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class OpeningState(StrEnum):
    """What became of a sheet with which a pilot came to the platform."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


BALANCES = ("available", "reserved", "payable", "paid", "recalled", "clawed")
"""What the face of a commitment is made of, at every moment."""

MOVEMENTS = (
    "issue:line>available",
    "reserve:available>reserved",
    "release:reserved>available",
    "lapse:reserved>recalled",
    "redeem:reserved>payable",
    "redeem:available>payable",
    "refund:payable>available",
    "refund:payable>recalled",
    "cut:payable>available",
    "cut:payable>recalled",
    "settle:payable>paid",
    "clawback:paid>clawed",
    "expire:available>recalled",
    "recall:available>recalled",
)
"""Every movement there is; the CHECK `entry_movement_known` knows no other."""

FUND_KINDS = (
    "award",
    "receipt",
    "allot",
    "unallot",
    "issue",
    "recall",
    "lapse",
    "pay",
    "unpay",
    "recover",
    "return",
    "close",
    "carry",
    "interest",
    "remit",
    "unreceipt",
    "unreturn",
    "uninterest",
    "unremit",
)
"""What may happen to a fund or to the buckets of its lines.

A line whose last day is over is closed (what was not issued lapses) and may be carried over into a new period. The
bank's interest is kept apart from the award and remitted to the treasury. ``un…`` takes one earlier entry back, whole.
"""

CORRECTABLE = ("receipt", "return", "interest", "remit")
"""Kinds that a person types in from a paper, so that a mistake is corrected by the entry that takes it back."""
