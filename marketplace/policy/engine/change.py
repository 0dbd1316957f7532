"""What an act would change: the same checks before it and after it, what it may not break, what it must explain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.policy.books.model import Book
from marketplace.policy.engine.facts import Addition, Facts, project
from marketplace.policy.engine.finding import Finding
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.pilot import Pilot
from marketplace.policy.engine.room import refused_category
from marketplace.policy.engine.verdict import FAIL, WARN, Check, Verdict


@dataclass(frozen=True)
class Turn:
    """One check before an act and after it."""

    before: Check
    after: Check

    @property
    def worse(self) -> bool:
        """Whether the act brings the check into its status, or leaves it there further from being met."""
        return self.after.status != self.before.status or self.after.lack > self.before.lack


@dataclass(frozen=True)
class Change:
    """Everything an act would change. `uses` stand against the category itself (四(二))."""

    before: Verdict
    after: Verdict
    turns: tuple[Turn, ...]
    uses: tuple[Finding, ...]

    @property
    def broken(self) -> tuple[Check, ...]:
        """The checks that would fail because of the act: what did not fail yet, or fails by more than before."""
        return tuple(turn.after for turn in self.turns if turn.after.status == FAIL and turn.worse)

    @property
    def warnings(self) -> tuple[Turn, ...]:
        """The early warnings that the act would raise, or make worse."""
        return tuple(turn for turn in self.turns if turn.after.status == WARN and turn.worse)


def change(book: Book, pilot: Pilot, facts: Facts, additions: Iterable[Addition]) -> Change:
    """Judge a pilot as it stands, and as if the additions had been made. Pure, like `judge`."""
    added = tuple(additions)
    uses = [finding for addition in added for finding in refused_category(book, pilot.type, addition.category)]
    before, after = judge(book, pilot, facts), judge(book, pilot, project(facts, added))
    turns = tuple(Turn(*pair) for pair in zip(before.checks, after.checks, strict=True))
    return Change(before, after, turns, tuple(uses))
