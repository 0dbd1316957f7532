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
)
"""What may happen to a fund or to the buckets of its lines."""
