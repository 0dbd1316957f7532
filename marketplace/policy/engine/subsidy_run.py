"""Where the arithmetic of a subsidy stands between two steps, and how a line of it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from marketplace.base import money
from marketplace.policy.books.model import LevelScale, Silent
from marketplace.policy.books.subsidy import Row, Rule, Subsidy
from marketplace.policy.books.words import said
from marketplace.policy.engine.project import Expense, Grant, Line, Part, Project, Question
from marketplace.policy.engine.verdict import WHOLE, yuan

SomeRule = TypeVar("SomeRule", bound=Rule)
Words = tuple[str, str]
OFFICER: Words = ("经办人", "the officer in charge")


def rounded(amount: int, over: int, mode: str) -> int:
    """`amount` / `over` as a whole number, both not negative: ``down``, ``up``, ``half_up`` or ``half_even``."""
    whole, rest = divmod(amount, over)
    if mode == "down" or not rest:
        return whole
    if mode == "up":
        return whole + 1
    return whole + (2 * rest > over or (2 * rest == over and (mode == "half_up" or whole % 2 == 1)))


@dataclass
class Run:
    """What counts of each expense, from the rate on what is paid on each; lines, refusals and questions so far."""

    rules: Subsidy
    project: Project
    scale: LevelScale
    silent: Mapping[str, Silent]
    counting: list[int] = field(default_factory=list)
    paying: list[int] | None = None
    lines: list[Line] = field(default_factory=list)
    refusals: list[Line] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    @property
    def now(self) -> int:
        """The sum where the arithmetic stands, in fen."""
        return sum(self.counting if self.paying is None else self.paying)

    @property
    def eligible(self) -> int:
        """The costs that count, in fen."""
        return sum(self.counting)

    def of(self, expense: Expense) -> int:
        """An expense by the book's basis; while that is open, without tax."""
        return expense.gross_fen if self.rules.basis == "gross" else expense.net_fen

    def amount(self, fen: int) -> Words:
        """An amount as the lines show it."""
        zh, en = ("元", "yuan") if self.rules.currency == money.CURRENCY else (self.rules.currency,) * 2
        return f"{yuan(fen)} {zh}", f"{yuan(fen)} {en}"

    def share(self, fen: int, bps: int) -> int:
        """A share of an amount in the book's rounding."""
        return self.whole(fen * bps, WHOLE)

    def whole(self, amount: int, over: int) -> int:
        """`amount` / `over` in whole fen, in the book's rounding. Where that rounds to a coarser unit afterwards, the
        neighbour is taken that ends where the fraction itself would end: a tie is made by no rounding before it."""
        unit, mode = self.rules.round_to, self.rules.rounding
        if unit == 1 or mode in ("down", "up"):
            return rounded(amount, over, mode)
        below = amount // over
        return below if rounded(below, unit, mode) == rounded(amount, over * unit, mode) else below + 1

    def note(self, step: str, rule: Rule, before: int, told: Words) -> Line:
        """Keep a line about a rule; `before` is where the arithmetic stood."""
        zh, en = f"{rule.name_zh}：{told[0]}", f"{rule.name_en}: {told[1]}"
        line = Line(step, rule.code, rule.clause, before, self.now, zh, en)
        self.lines.append(line)
        return line

    def step(self, step: str, before: int, told: Words) -> None:
        """Keep a line about a step that is no single rule."""
        self.lines.append(Line(step, step, self.rules.clause, before, self.now, *told))

    def refuse(self, step: str, rule: Rule, told: Words) -> None:
        """The rule stands against the project."""
        self.refusals.append(self.note(step, rule, self.now, told))

    def ask(self, step: str, rule: Rule, told: Words, decides: Words = OFFICER) -> None:
        """A person must say it before there is an amount."""
        self.note(step, rule, self.now, (f"待定，请{decides[0]}决定。{told[0]}", f"open, for {decides[1]}: {told[1]}"))
        self.questions.append(Question(rule.code, rule.clause, *told, *decides))

    def unknown(self, step: str, rule: Rule, names: Sequence[str]) -> None:
        """Ask for what is not known of the applicant."""
        listed = "、".join(said(name, 0) for name in names), ", ".join(said(name, 1) for name in names)
        self.ask(step, rule, (f"缺少：{listed[0]}。", f"missing: {listed[1]}."))

    def spoken(self, step: str, rules: Mapping[str, SomeRule]) -> Iterator[SomeRule]:
        """The rules on which the text speaks; those on which it is silent are asked."""
        for rule in rules.values():
            if rule.silent:
                self.ask(step, rule, (rule.question_zh, rule.question_en), (rule.decides_zh, rule.decides_en))
            else:
                yield rule

    def fits(self, when: Mapping[str, tuple[str, ...]]) -> bool | list[str]:
        """Whether the project is what a condition asks; the names that are not known, where it hangs on them."""
        unknown = []
        for name, texts in when.items():
            known = self.project.attributes.get(name)
            if known is None:
                unknown.append(name)
            elif not known & set(texts):
                return False
        return unknown or True

    def row(self, step: str, rule: Rule, rows: Sequence[Row]) -> Row | None:
        """The first line of a table that fits; None after a question."""
        for row in rows:
            fits = self.fits(row.when)
            if isinstance(fits, list):
                self.unknown(step, rule, fits)
                return None
            if fits:
                return row
        self.ask(step, rule, ("表中没有适用的一档，如何处理？", "no line of the table fits: what applies?"))
        return None

    def lower(self, places: Sequence[int], limit: int) -> None:
        """Bring the sum over some expenses down (or up) to a limit, each in proportion to what it is."""
        if not places:
            return
        amounts = self.counting if self.paying is None else self.paying
        weights = [amounts[place] for place in places]
        weights = weights if sum(weights) else [max(1, self.counting[place]) for place in places]
        for place, part in zip(places, money.spread(limit, weights), strict=True):
            amounts[place] = part

    def key(self, expense: Expense, per: Sequence[str]) -> tuple[str, ...]:
        """What money of an expense is counted by."""
        return tuple(getattr(self.project if name in ("enterprise", "claim") else expense, name) for name in per)

    def groups(self, per: Sequence[str]) -> dict[tuple[str, ...], list[int]]:
        """The places of the expenses by what their money is counted by."""
        found: dict[tuple[str, ...], list[int]] = {}
        for place, expense in enumerate(self.project.expenses):
            found.setdefault(self.key(expense, per), []).append(place)
        return found

    def earlier(self, span: str, months: int = 12) -> list[Grant]:
        """The money granted before, as far as it counts on the day of the project."""
        day = self.project.day
        first = {"ever": date.min, "calendar_year": date(day.year, 1, 1), "rolling_year": _back(day, months)}[span]
        return [grant for grant in self.project.earlier if first <= grant.day <= day]


def _back(day: date, months: int) -> date:
    """The first day of the `months` that end with a day: twelve months to 30 June begin on 1 July."""
    place = day.year * 12 + day.month - 1 - months
    year, month = divmod(place, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date.fromordinal(date(year, month + 1, last).toordinal() + 1)
        except ValueError:
            continue
    raise ValueError(day)
