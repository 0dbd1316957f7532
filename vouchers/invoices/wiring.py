"""What invoices plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from vouchers.invoices import messages, models, permissions


def wire(house: House) -> None:
    """Permissions, and messages to both sides."""
    house.matrix.add(permissions.MATRIX)
    for fact, listener in messages.SUBSCRIPTIONS.items():
        house.subscribe(fact, listener)


__all__ = ["models", "wire"]
