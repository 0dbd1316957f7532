"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.db import TRIGGERS
from marketplace.base.house import House
from marketplace.record.audit import models, triggers  # noqa: F401 - the tables must be known

if triggers.statements not in TRIGGERS:
    TRIGGERS.append(triggers.statements)


def wire(house: House) -> None:
    """Nothing yet."""
