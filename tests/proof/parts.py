"""What a proof is made of: parts with a target for every figure, cut into pieces that each fit into nine minutes.

A piece counts; its counts are kept in ``docs/proof``, so that a long proof goes on where it stopped. The figures of a
part are drawn from the counts of all its pieces, and one that has not run yet is said to be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.support.postgres import Cluster

Counts = Mapping[str, float]
"""What a piece counted; names that begin with ``max `` or ``min `` keep the extreme of all pieces, others add up."""

LONGEST = 540.0
"""Seconds that a piece may take."""


@dataclass(frozen=True)
class Figure:
    """One line of the page: what was counted, how much, what it should be, and whether it is."""

    name: str
    value: str
    target: str = ""
    good: bool = True


@dataclass(frozen=True)
class Piece:
    """One stretch of work, with a name that stands for it in ``docs/proof``."""

    name: str
    run: Callable[[], Counts]


@dataclass(frozen=True)
class Part:
    """One proof.

    `pieces` are the long form, each with servers of its own; `short` is the same with the smallest numbers that still
    could fail, on a server that runs; `figures` turns counts into lines with their targets.
    """

    code: str
    title: str
    method: str
    pieces: Sequence[Piece]
    short: Callable[[Cluster], Counts]
    figures: Callable[[Counts], Sequence[Figure]]
    notes: Sequence[str] = field(default_factory=tuple)


def together(all_counts: Sequence[Counts]) -> dict[str, float]:
    """The counts of several pieces as one."""
    made: dict[str, float] = {}
    for counts in all_counts:
        for name, value in counts.items():
            if name not in made:
                made[name] = value
            elif name.startswith("max "):
                made[name] = max(made[name], value)
            elif name.startswith("min "):
                made[name] = min(made[name], value)
            else:
                made[name] += value
    return made


def count(counts: Counts, name: str) -> str:
    """A count as it is printed: whole numbers with separators."""
    value = counts.get(name, 0)
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def none(counts: Counts, name: str, said: str) -> Figure:
    """A figure that must be nothing."""
    return Figure(said, count(counts, name), "0", not counts.get(name, 0))


def some(counts: Counts, name: str, said: str, least: int = 1) -> Figure:
    """A figure that shows that there was something to find."""
    return Figure(said, count(counts, name), f"at least {least:,}", counts.get(name, 0) >= least)
