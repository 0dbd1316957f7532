"""Facts of the findings."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class FindingOpened:
    finding_id: uuid.UUID
    detector: str
    subject_kind: str
    subject_id: str
    city: str


@dataclass(frozen=True)
class FindingDecided:
    finding_id: uuid.UUID
    detector: str
    subject_kind: str
    subject_id: str
    decision: str
