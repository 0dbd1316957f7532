"""What the sealer announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class CheckpointMade:
    """A day was closed; its checkpoint leaves the operator's reach by mail."""

    day: date
    seal_no: int
    seal_hash: bytes
