"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.db import TRIGGERS
from marketplace.base.house import House
from vouchers.ledger import guards
from vouchers.ledger.models import commitments, funds, payments, snapshots  # noqa: F401 - the tables must be known

if guards.triggers not in TRIGGERS:
    TRIGGERS.append(guards.triggers)


def wire(house: House) -> None:
    """Nothing yet."""
