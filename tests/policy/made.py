"""Pilots and rows for the tests of the engine."""

from __future__ import annotations

from datetime import date
from typing import Any

from marketplace.policy.books.shelf import load
from marketplace.policy.engine.pilot import Pilot
from marketplace.policy.engine.rows import Kind, Row

BOOK = load("jiangxi-2023")
GOOD = ("91350100M000100Y43", "91110000101623741K", "911101066976941872")
YEAR1, YEAR2 = date(2024, 10, 31), date(2025, 10, 31)


def pilot(**changes: Any) -> Pilot:
    """A national zone of the first batch with an award of ten million yuan, in the middle of year 1."""
    facts: dict[str, Any] = {
        "name": "示范开发区",
        "type": "zone",
        "pilot_class": "national_zone",
        "award": 1_000_000_000,
        "received": 500_000_000,
        "batch": "2023",
        "approved_on": date(2023, 11, 1),
        "as_of": date(2024, 6, 30),
        "year1_end": YEAR1,
        "year2_end": YEAR2,
    }
    return Pilot(**facts | changes)


def row(number: int = 2, **changes: Any) -> Row:
    """A commitment of 100 yuan for renovation inside the period, with nothing against it."""
    cells: dict[str, Any] = {
        "number": number,
        "day": date(2024, 3, 1),
        "kind": Kind.COMMITTED,
        "amount": 10_000,
        "category": "renovation",
        "enterprise": GOOD[0],
        "provider": GOOD[1],
        "contract": f"HT-{number}",
    }
    return Row(**cells | changes)
