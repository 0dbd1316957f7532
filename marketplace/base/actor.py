"""Who acts: a person under exactly one assignment."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from marketplace.base.roles import Role


@dataclass(frozen=True)
class Actor:
    """A person acting under exactly one assignment. Maker and checker are compared by `person_id`.

    `assignment_id` and `role` are None together: somebody who signed in but acts for nobody yet.
    """

    person_id: uuid.UUID
    assignment_id: uuid.UUID | None
    role: Role | None
    organisation_id: uuid.UUID | None = None
    pilot_id: uuid.UUID | None = None
    region: str | None = None
    name: str = ""
    organisation_name: str = ""
    permissions: frozenset[str] | None = None
    """When a token narrows what the assignment may do: the codes it carries; None is no narrowing."""
