"""Where a pilot lies: the pilots are a later chapter, which answers through this port."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from marketplace.base.context import Context
from marketplace.base.house import Port


@dataclass(frozen=True)
class Place:
    """The county or zone of a pilot, its prefecture city, and what people call it."""

    region: str
    city: str
    name: str = ""


PILOT_PLACES: Port[Callable[[Context, uuid.UUID], Place | None]] = Port("places of pilots")


def place_of_pilot(ctx: Context, pilot_id: uuid.UUID) -> Place | None:
    """Where a pilot lies, or None when no such pilot is known."""
    for find in ctx.house.all(PILOT_PLACES):
        place = find(ctx, pilot_id)
        if place is not None:
            return place
    return None
