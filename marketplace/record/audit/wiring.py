"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House


def wire(house: House) -> None:
    """Nothing yet."""
