"""What becomes known in the course of a panel."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class PanelDrawn:
    panel_id: uuid.UUID
    subject_kind: str
    subject_id: uuid.UUID


@dataclass(frozen=True)
class Result:
    """One candidate's result; points in hundredths. `means` holds the mean per criterion over the counted sheets."""

    candidate_id: uuid.UUID
    mean: int
    spread: int
    sheets: int
    means: dict[str, int]


@dataclass(frozen=True)
class PanelClosed:
    panel_id: uuid.UUID
    subject_kind: str
    subject_id: uuid.UUID
    results: tuple[Result, ...]
