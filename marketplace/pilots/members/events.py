"""Facts of the memberships."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class MemberNominated:
    member_id: uuid.UUID
    pilot_id: uuid.UUID
    enterprise_id: uuid.UUID


@dataclass(frozen=True)
class MemberConfirmed:
    """The city put the enterprise on the renovation list."""

    member_id: uuid.UUID
    pilot_id: uuid.UUID
    enterprise_id: uuid.UUID
    key_link: bool


@dataclass(frozen=True)
class MemberWithdrawn:
    member_id: uuid.UUID
    pilot_id: uuid.UUID
    enterprise_id: uuid.UUID
