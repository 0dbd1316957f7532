"""Facts of schemes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class SchemePublished:
    version_id: uuid.UUID
    scheme_id: uuid.UUID
    pilot_id: uuid.UUID
