"""Whole subsidies are what a plain reading says; and each thing that a table may hang on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from marketplace.policy.books.keys import Bps, Clause, Fen
from marketplace.policy.books.subsidy import ATTRIBUTES, Cap, Rate, Row, Subsidy
from marketplace.policy.engine.project import Expense, Project
from marketplace.policy.engine.subsidy import evaluate
from tests.policy.oracle_subsidy import DAY, SAID, Case, cases


@settings(max_examples=300, deadline=None)
@given(cases)
def test_a_whole_subsidy_is_what_a_plain_reading_says(case: Case) -> None:
    outcome, wanted = evaluate(case.rules(), case.project()), case.plain()
    assert outcome.status == ("refused" if wanted is None else "granted"), [line.en for line in outcome.lines]
    if wanted is not None and case.spent:
        assert outcome.amount_fen == wanted, [line.en for line in outcome.lines]
    assert sum(outcome.by_expense) == outcome.reached_fen and all(part >= 0 for part in outcome.by_expense)


@pytest.mark.parametrize("attribute", ATTRIBUTES)
@pytest.mark.parametrize(("known", "amount"), [("a", 6000), ("b", 4000), ("c", 77), (None, None)])
def test_a_rate_and_a_cap_may_hang_on_whatever_is_known(attribute: str, known: str | None, amount: int | None) -> None:
    """Level, batch, year, size, region, theme, industry, list and status alike; what is not known is asked."""
    rows = (Row(when={attribute: ("a",)}, bps=Bps(6000)), Row(when={attribute: ("b",)}, bps=Bps(4000)))
    rate = Rate(code="r", **SAID, rows=(*rows, Row(amount=Fen(77))))
    tops = (Row(when={attribute: ("a", "b")}, amount=Fen(5000)), Row(amount=Fen(50)))
    cap = Cap(code="c", **SAID, rows=tops)
    attributes = {} if known is None else {attribute: frozenset({known})}
    expenses = (Expense(type="software", net_fen=10_000, gross_fen=10_000),)
    asked = Project(enterprise="E", claim="C", day=DAY, expenses=expenses, attributes=attributes)
    rated = evaluate(Subsidy(clause=Clause("一"), rates={"r": rate}), asked)
    capped = evaluate(Subsidy(clause=Clause("一"), rates={"r": rate}, caps={"c": cap}), asked)
    assert (rated.status, rated.amount_fen) == ("ask" if known is None else "granted", amount)
    assert capped.amount_fen == (None if amount is None else min(amount, 5000 if known in ("a", "b") else 50))
    assert bool(capped.questions) == (known is None)
