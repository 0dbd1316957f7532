"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from providers.calls import models  # noqa: F401 - the tables must be known
from providers.calls.permissions import MATRIX


def wire(house: House) -> None:
    """Permissions."""
    house.matrix.add(MATRIX)
