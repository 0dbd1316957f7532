"""What happened, in numbers: one shape for a spending sheet, a live pilot and a projection. Money is fen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from marketplace.policy.books.model import Book, PilotType
from marketplace.policy.engine.finding import Finding

UNKNOWN = "unknown"
"""The category under which money of no recognisable use is summed."""


@dataclass(frozen=True)
class Sums:
    """Arranged (per contract the larger of net commitments and net payments) and paid (net of refunds), in fen."""

    arranged: int = 0
    paid: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.arranged + other.arranged, self.paid + other.paid)


@dataclass(frozen=True)
class Enterprises:
    """Counts: selected, key links among them, the renovated by what is known of their level (二(一), 二(二))."""

    selected: int = 0
    key_link: int = 0
    at_level: int = 0
    below_level: int = 0
    unknown_level: int = 0

    @property
    def renovated(self) -> int:
        """Enterprises accepted on or before the day of the judgement."""
        return self.at_level + self.below_level + self.unknown_level


@dataclass(frozen=True)
class Facts:
    """All that the judge needs to know. `by_category` may hold foreign, prohibited and ``unknown`` codes as well."""

    by_category: Mapping[str, Sums] = field(default_factory=dict)
    refunded: int = 0
    enterprises: Enterprises = Enterprises()
    findings: tuple[Finding, ...] = ()
    rows: int = 0
    skipped_rows: int = 0

    @property
    def total(self) -> Sums:
        """Over every category, the unrecognised ones included."""
        return sum(self.by_category.values(), Sums())

    def bucket(self, kind: PilotType, name: str) -> Sums:
        """Over the categories of the type that stand in this bucket: ``renovation`` or ``other`` (四(二))."""
        return sum((sums for code, sums in self.by_category.items() if kind.bucket(code) == name), Sums())


@dataclass(frozen=True)
class Position:
    """One contract within one category: commitments less releases, payments less refunds, in fen."""

    category: str
    committed: int = 0
    paid: int = 0

    @property
    def arranged(self) -> int:
        """The larger of the two."""
        return max(self.committed, self.paid)


@dataclass(frozen=True)
class Outcome:
    """One selected enterprise. `level` is its place on the book's scale (from 1), None when none is recorded."""

    key_link: bool
    renovated: bool = False
    level: int | None = None


@dataclass(frozen=True)
class Addition:
    """Money to be added in thought, in fen; negative amounts take away."""

    category: str
    arranged: int = 0
    paid: int = 0


def sums_of(positions: Iterable[Position]) -> dict[str, Sums]:
    """Sums by category over contracts: what a ledger aggregates, one position per category and contract."""
    totals: dict[str, Sums] = {}
    for position in positions:
        added = Sums(position.arranged, position.paid)
        totals[position.category] = totals.get(position.category, Sums()) + added
    return totals


def target_level(book: Book, key_link: bool) -> int:
    """The place on the scale that an enterprise must reach (二(二)); 0 where the book asks no level."""
    own = book.targets.key_link_level if key_link else ""
    wanted = own or book.targets.other_level
    return book.level_scale.levels.index(wanted) + 1 if wanted else 0


def counted(book: Book, outcomes: Iterable[Outcome]) -> Enterprises:
    """The counts over the selected enterprises of a pilot."""
    selected = key_link = at_level = below = unknown = 0
    for outcome in outcomes:
        selected += 1
        key_link += outcome.key_link
        if not outcome.renovated:
            continue
        if outcome.level is None:
            unknown += 1
        elif outcome.level >= target_level(book, outcome.key_link):
            at_level += 1
        else:
            below += 1
    return Enterprises(selected, key_link, at_level, below, unknown)


def project(facts: Facts, additions: Iterable[Addition]) -> Facts:
    """The facts as if the additions had been arranged and paid as well; findings and counts stay as they are."""
    totals = dict(facts.by_category)
    for addition in additions:
        added = Sums(addition.arranged, addition.paid)
        totals[addition.category] = totals.get(addition.category, Sums()) + added
    return replace(facts, by_category=totals)
