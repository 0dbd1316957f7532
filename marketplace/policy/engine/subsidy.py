"""What one project gets under a book: pure arithmetic in the order that the book gives, every line of it kept.

Money is integer fen and rounded as the book says. What the text or the file leaves open becomes a question to a person:
while one is open there is no amount.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from marketplace.policy.books.keys import NONE
from marketplace.policy.books.model import NO_SCALE, Book, LevelScale, Silent
from marketplace.policy.books.subsidy import Subsidy
from marketplace.policy.engine import subsidy_amounts as amounts
from marketplace.policy.engine import subsidy_conditions as conditions
from marketplace.policy.engine.project import ASK, GRANTED, REFUSED, Goal, Outcome, Project, Question
from marketplace.policy.engine.subsidy_run import Run


def compute(book: Book, project: Project) -> Outcome:
    """What the project gets under `book.subsidy`. Raises `ValueError` for a book without one."""
    if book.subsidy is None:
        raise ValueError(f"the book {book.code} does not say how a subsidy is computed")
    return evaluate(book.subsidy, project, scale=book.level_scale, silent=book.silent)


def evaluate(
    rules: Subsidy, project: Project, *, scale: LevelScale = NO_SCALE, silent: Mapping[str, Silent] = NONE
) -> Outcome:
    """What the project gets under the rules of a book, or under terms that are written as such rules.

    Takes the steps in the order that the rules give. Ends with the first step that refuses, after all rules of that
    step were looked at.
    """
    run = Run(rules, project, scale, silent)
    run.counting = [run.of(expense) for expense in project.expenses]
    zh, en = run.amount(run.now)
    run.step("start", run.now, (f"申报费用 {zh}。", f"costs of {en}."))
    _ask_basis(run)
    for step in rules.order:
        _STEPS[step](run)
        if run.refusals:
            break
    return _outcome(run)


_STEPS: dict[str, Callable[[Run], None]] = {
    "gates": conditions.gates,
    "windows": conditions.windows,
    "counts": conditions.counts,
    "costs": conditions.costs,
    "shares": conditions.shares,
    "minimum.spend": partial(conditions.least, step="minimum.spend", of="spend"),
    "rate": amounts.rates,
    "bonus.inside": partial(amounts.bonuses, step="bonus.inside", inside=True),
    "minimum.subsidy": partial(conditions.least, step="minimum.subsidy", of="subsidy"),
    "caps": amounts.caps,
    "bonus.outside": partial(amounts.bonuses, step="bonus.outside", inside=False),
    "round": amounts.whole,
    "tranches": amounts.instalments,
}


def _ask_basis(run: Run) -> None:
    """Whether tax counts is asked where the text is silent and it makes a difference."""
    differs = any(expense.net_fen != expense.gross_fen for expense in run.project.expenses)
    if run.rules.basis == "silent" and differs:
        asked = run.silent["basis"]
        told = asked.question_zh, asked.question_en, asked.decides_zh, asked.decides_en
        run.questions.append(Question(asked.code, asked.clause, *told))
        run.step("basis", run.now, (f"待定，请{told[2]}决定。{told[0]}", f"open, for {told[3]}: {told[1]}"))


def _outcome(run: Run) -> Outcome:
    paid = [0] * len(run.counting) if run.refusals or run.paying is None else run.paying
    reached = sum(paid)
    status = REFUSED if run.refusals else ASK if run.questions else GRANTED
    amount = None if status == ASK else reached
    if status == GRANTED:
        zh, en = run.amount(reached)
        run.step("result", reached, (f"补贴 {zh}。", f"a subsidy of {en}."))
    return Outcome(
        status, amount, reached, tuple(paid), tuple(run.lines), tuple(run.refusals), tuple(run.questions),
        tuple(run.parts) if status == GRANTED else (), tuple(_goals(run)),
    )  # fmt: skip


def _goals(run: Run) -> Iterator[Goal]:
    for rule in run.rules.goals.values():
        actual, least = run.project.measures.get(rule.measure), rule.at_least or 0
        late = rule.by is not None and run.project.day > rule.by
        status = "pass" if actual is not None and actual >= least else "fail" if late else "open"
        if rule.silent or actual is None:
            status = "unknown"
        yield Goal(rule.code, rule.clause, status, actual, least)
