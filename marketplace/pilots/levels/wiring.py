"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.pilots.levels import models  # noqa: F401 - its tables belong to the metadata


def wire(house: House) -> None:
    """Nothing but its tables yet."""
