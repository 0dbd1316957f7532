"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.record.jobs import models  # noqa: F401 - the tables must be known


def wire(house: House) -> None:
    """Nothing yet."""
