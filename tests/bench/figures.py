"""Figures: medians, percentiles, and the table that is printed."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table; `holds` says whether it keeps the target that its note names, where there is one."""

    name: str
    value: str
    note: str = ""
    holds: bool | None = None

    @property
    def verdict(self) -> str:
        return "" if self.holds is None else "kept" if self.holds else "MISSED"


@dataclass(frozen=True)
class Round:
    """One measured round: how many acts in how many seconds, and how long each took."""

    seconds: float
    latencies: Sequence[float]

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def rate_of(rounds: Sequence[Round]) -> float:
    return statistics.median(r.rate for r in rounds)


def throughput(name: str, rounds: Sequence[Round]) -> Figure:
    """Median rate with the slowest and fastest round, and percentiles over all of them."""
    rates = [r.rate for r in rounds]
    waits = [x * 1000 for r in rounds for x in r.latencies]
    shown = " ".join(f"p{int(s * 100)} {percentile(waits, s):.1f}" for s in (0.5, 0.95, 0.99))
    return Figure(name, f"{rate_of(rounds):,.0f}/s", f"{min(rates):,.0f} to {max(rates):,.0f}/s; ms: {shown}")


def show(title: str, figures: Iterable[Figure]) -> None:
    """Print a part of the table as soon as it is known."""
    print(f"\n{title}")
    for figure in figures:
        print(f"  {figure.name:<52} {figure.value:>12}  {figure.verdict:<6} {figure.note}".rstrip(), flush=True)
