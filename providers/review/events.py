"""What a selection ends with."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class SelectionDecided:
    """The list of a call is final: these applications were chosen."""

    call_id: uuid.UUID
    city: str
    application_ids: tuple[uuid.UUID, ...]
