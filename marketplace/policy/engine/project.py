"""One project that asks for a subsidy: what is known of it, and the answer line by line. Money is fen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from marketplace.policy.books.keys import Moment

GRANTED, REFUSED, ASK = "granted", "refused", "ask"


@dataclass(frozen=True, kw_only=True)
class Expense:
    """One cost of the project: its type, its amounts, and what it is counted by. `moments` are its own days."""

    type: str
    net_fen: int
    gross_fen: int
    category: str = ""
    item: str = ""
    contract: str = ""
    provider: str = ""
    moments: Mapping[str, Moment] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Money that was granted earlier, for what counts over several projects."""

    day: date
    amount_fen: int
    enterprise: str
    claim: str
    category: str = ""
    item: str = ""
    contract: str = ""
    provider: str = ""


@dataclass(frozen=True, kw_only=True)
class Project:
    """What is known when a subsidy is computed on `day`.

    `attributes` hold texts by name (level, size, batch, list …): a name that is absent is unknown, one without texts is
    known to be nothing. `moments` are the project's days by name; `reached` says how often an event has happened;
    `measures` are numbers for targets; `award_fen` is the award of the pilot, where a rule hangs on it.
    """

    enterprise: str
    claim: str
    day: date
    expenses: tuple[Expense, ...]
    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    moments: Mapping[str, Sequence[Moment]] = field(default_factory=dict)
    earlier: tuple[Grant, ...] = ()
    award_fen: int | None = None
    reached: Mapping[str, int] = field(default_factory=dict)
    measures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """One line of the arithmetic: the step, the rule with its clause, what was before and after it, and why."""

    step: str
    code: str
    clause: str
    before_fen: int
    after_fen: int
    zh: str
    en: str

    def kept(self) -> dict[str, Any]:
        """The line as a kept trace holds it: code, amount in fen, and what its sentence needs."""
        values = {"step": self.step, "clause": self.clause, "before_fen": self.before_fen, "zh": self.zh, "en": self.en}
        return {"code": self.code, "amount_fen": self.after_fen, "values": values}


@dataclass(frozen=True)
class Question:
    """What a person must say before the amount can be known, and who."""

    code: str
    clause: str
    zh: str
    en: str
    decides_zh: str
    decides_en: str


@dataclass(frozen=True)
class Part:
    """One instalment: its amount in fen, and whether what it waits for has come."""

    code: str
    amount_fen: int
    due: bool


@dataclass(frozen=True)
class Goal:
    """One target apart from money: ``pass``, ``open``, ``fail``, or ``unknown`` where nobody has measured it."""

    code: str
    clause: str
    status: str
    actual: int | None
    at_least: int


@dataclass(frozen=True)
class Outcome:
    """What a project gets.

    `amount_fen` is None while a question is open and 0 after a refusal; `reached_fen` is how far the arithmetic came.
    `by_expense` spreads it over the expenses; it sums to `reached_fen`.
    """

    status: str
    amount_fen: int | None
    reached_fen: int
    by_expense: tuple[int, ...]
    lines: tuple[Line, ...]
    refusals: tuple[Line, ...] = ()
    questions: tuple[Question, ...] = ()
    parts: tuple[Part, ...] = ()
    goals: tuple[Goal, ...] = ()
