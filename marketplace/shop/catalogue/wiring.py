"""What the catalogue plugs into the house."""

from __future__ import annotations

from marketplace.base.db import TRIGGERS
from marketplace.base.house import House
from marketplace.shop.catalogue import models, permissions, triggers

if triggers.statements not in TRIGGERS:
    TRIGGERS.append(triggers.statements)


def wire(house: House) -> None:
    house.matrix.add(permissions.MATRIX)


__all__ = ["models", "wire"]
