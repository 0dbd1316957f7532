"""What becomes known in the course of a public notice."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class NoticePublished:
    notice_id: uuid.UUID
    subject_kind: str
    subject_id: uuid.UUID


@dataclass(frozen=True)
class NoticeCleared:
    """The last day has passed and no objection is open: the subject may be decided."""

    notice_id: uuid.UUID
    subject_kind: str
    subject_id: uuid.UUID


@dataclass(frozen=True)
class NoticeWithdrawn:
    """The authority took the notice back; nothing may be decided on it."""

    notice_id: uuid.UUID
    subject_kind: str
    subject_id: uuid.UUID


@dataclass(frozen=True)
class ObjectionUpheld:
    """An objection holds. With `item_id` that entry is struck and the notice goes on; without, the notice stops."""

    objection_id: uuid.UUID
    notice_id: uuid.UUID
    subject_kind: str
    subject_id: uuid.UUID
    item_id: uuid.UUID | None
    reason: str
