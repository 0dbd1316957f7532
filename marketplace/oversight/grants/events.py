"""Facts of the lists of other programmes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class GrantListBroughtIn:
    list_id: uuid.UUID
    region: str
    rows: int


@dataclass(frozen=True)
class GrantListWithdrawn:
    list_id: uuid.UUID
    region: str
