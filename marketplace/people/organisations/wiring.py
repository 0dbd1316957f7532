"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.people.organisations import models  # noqa: F401


def wire(house: House) -> None:
    """Nothing yet."""
