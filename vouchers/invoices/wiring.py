"""What invoices plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from vouchers.invoices import models, permissions


def wire(house: House) -> None:
    house.matrix.add(permissions.MATRIX)


__all__ = ["models", "wire"]
