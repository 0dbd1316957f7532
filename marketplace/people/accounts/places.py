"""Where a pilot lies: the pilots are a later chapter, which answers through this port."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from marketplace.base.context import Context
from marketplace.base.house import Port


@dataclass(frozen=True)
class Place:
    """A pilot as accounts see it: its county or zone, its prefecture city, and what people call it."""

    region: str
    city: str
    name: str


@dataclass(frozen=True)
class PilotDirectory:
    """`find(ctx, pilot_id)` gives any pilot; `choices(ctx)` (id, name) of those that whoever looks may staff."""

    find: Callable[[Context, uuid.UUID], Place | None]
    choices: Callable[[Context], Iterable[tuple[uuid.UUID, str]]]


PILOTS: Port[PilotDirectory] = Port("directory of pilots")


def place_of_pilot(ctx: Context, pilot_id: uuid.UUID) -> Place | None:
    """Where a pilot lies, or None when no such pilot is known."""
    for directory in ctx.house.all(PILOTS):
        place = directory.find(ctx, pilot_id)
        if place is not None:
            return place
    return None


def choices(ctx: Context) -> list[tuple[uuid.UUID, str]]:
    """(id, name) of the pilots that whoever looks may give officers to."""
    return [choice for directory in ctx.house.all(PILOTS) for choice in directory.choices(ctx)]
