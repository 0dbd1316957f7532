"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.shop.roster import models  # noqa: F401 - the tables must be known
from marketplace.shop.roster.permissions import MATRIX


def wire(house: House) -> None:
    """Permissions."""
    house.matrix.add(MATRIX)
