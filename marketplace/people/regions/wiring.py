"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import REFERENCE, House
from marketplace.people.regions import actions
from marketplace.people.regions.permissions import MATRIX


def wire(house: House) -> None:
    """Permissions and the reference data of places."""
    house.matrix.add(MATRIX)
    house.add(REFERENCE, actions.load_reference)
