"""How many tests there are and how long they take, from the reports of the last ``make test``."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from tests.bench.figures import Figure

RESULTS = Path(__file__).resolve().parent.parent.parent / "var" / "test-results"
PARTS = {"1": "side by side", "2": "on PostgreSQL", "3": "in Chromium"}


def measure() -> list[Figure]:
    """One line per part that has run."""
    found = [_part(report) for report in sorted(RESULTS.glob("*.xml"))]
    return found or [Figure("the suite", "not run", "`make test` leaves its results in var/test-results")]


def _part(report: Path) -> Figure:
    suites = list(ElementTree.parse(report).iter("testsuite"))

    def total(name: str) -> float:
        return sum(float(suite.get(name, 0)) for suite in suites)

    bad = total("failures") + total("errors")
    title = PARTS.get(report.stem, report.stem)
    return Figure(
        f"tests {title}",
        f"{total('tests'):.0f}",
        f"{bad:.0f} failed, {total('skipped'):.0f} skipped, {total('time'):.0f} s of work",
    )
