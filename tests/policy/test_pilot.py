"""The description of a pilot: every key is needed, and the book's calendar cannot be contradicted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from marketplace.policy.engine.pilot import Unusable, read
from tests.policy import made

TABLE: dict[str, Any] = {
    "name": "示范县",
    "type": "county",
    "class": "county_3",
    "award": "8000000.00",
    "received": "4,000,000.00",
    "batch": 2023,
    "approved_on": "2023-11-01",
    "as_of": date(2024, 6, 30),
}
UNCHARTED = {"batch": "2031", "year1_end": "2032-10-31", "year2_end": date(2033, 10, 31)}


def test_read() -> None:
    pilot = read(made.BOOK, TABLE)
    assert (pilot.award, pilot.received, pilot.batch) == (800_000_000, 400_000_000, "2023")
    assert (pilot.approved_on, pilot.as_of) == (date(2023, 11, 1), date(2024, 6, 30))
    assert (pilot.year1_end, pilot.year2_end) == (made.YEAR1, made.YEAR2)


def test_a_batch_without_calendar_brings_its_own() -> None:
    pilot = read(made.BOOK, TABLE | UNCHARTED)
    assert (pilot.year1_end, pilot.year2_end) == (date(2032, 10, 31), date(2033, 10, 31))


@pytest.mark.parametrize("key", list(TABLE))
def test_every_key_is_needed(key: str) -> None:
    with pytest.raises(Unusable, match=f"^{key}: missing$"):
        read(made.BOOK, {name: value for name, value in TABLE.items() if name != key})


@pytest.mark.parametrize("key", ["year1_end", "year2_end"])
def test_an_uncharted_batch_needs_both_year_ends(key: str) -> None:
    with pytest.raises(Unusable, match=f"^{key}: missing$"):
        read(made.BOOK, {name: value for name, value in (TABLE | UNCHARTED).items() if name != key})


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "town"},
        {"class": "national_zone"},
        {"award": 8000000.0},
        {"award": True},
        {"award": "-1"},
        {"award": "8e6"},
        {"received": "4000000.001"},
        {"received": float("nan")},
        {"batch": 2023.0},
        {"batch": ""},
        {"name": ""},
        {"approved_on": "2023-02-30"},
        {"approved_on": "soon"},
        {"as_of": datetime(2024, 6, 30, 12)},
        {"as_of": 20240630},
        {"year1_end": "2024-10-30"},
        {"year2_end": date(2025, 11, 1)},
        UNCHARTED | {"year2_end": "2032-10-31"},
    ],
)
def test_unusable(changes: dict[str, Any]) -> None:
    with pytest.raises(Unusable) as fault:
        read(made.BOOK, TABLE | changes)
    assert "\n" not in str(fault.value)


def test_the_calendar_may_be_repeated() -> None:
    assert read(made.BOOK, TABLE | {"year1_end": "2024-10-31", "year2_end": made.YEAR2}).year1_end == made.YEAR1
