"""Facts of settlement. Amounts in fen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class BatchMade:
    batch_id: uuid.UUID
    claims: int
    total_fen: int


@dataclass(frozen=True)
class BatchReleased:
    """One of several persons released it; another one is still to come."""

    batch_id: uuid.UUID
    total_fen: int


@dataclass(frozen=True)
class BatchApproved:
    batch_id: uuid.UUID
    total_fen: int


@dataclass(frozen=True)
class PaymentFileWritten:
    batch_id: uuid.UUID
    document_id: uuid.UUID


@dataclass(frozen=True)
class ReturnLoaded:
    """A return file was read: how many payments were confirmed, refused, left open."""

    batch_id: uuid.UUID
    paid: int
    failed: int
    unknown: int
