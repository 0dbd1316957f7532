"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.people.organisations import actions  # noqa: F401
from marketplace.people.organisations.permissions import MATRIX


def wire(house: House) -> None:
    """Permissions and pages of organisations."""
    house.matrix.add(MATRIX)
