"""Facts of the editions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class BookPublished:
    """A rule book has a new edition; what was made under an older one keeps it."""

    edition_id: uuid.UUID
    code: str
    version: str
