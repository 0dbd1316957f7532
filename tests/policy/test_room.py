"""What may still be arranged: the fen that fits passes, the next one fails."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.policy.engine.facts import Addition, Facts, Sums, project
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.room import allot, room
from tests.policy import made

amounts = st.integers(0, 700_000_000)


def failing(pilot: object, facts: Facts) -> set[tuple[str, str | None]]:
    return {(check.code, check.base) for check in judge(made.BOOK, pilot, facts).failed}  # type: ignore[arg-type]


@given(st.sampled_from(["renovation", "saas", "network"]), amounts, amounts, amounts, st.integers(0, 1_000_000_001))
def test_room_ends_where_the_judge_begins_to_fail(
    category: str, renovation: int, saas: int, unknown: int, award: int
) -> None:
    facts = Facts({"renovation": Sums(renovation), "saas": Sums(saas), "unknown": Sums(unknown)})
    pilot = made.pilot(award=award)
    before, left = failing(pilot, facts), room(made.BOOK, pilot, facts, category)
    if award > 0:
        assert failing(pilot, project(facts, [Addition(category, left.fen)])) <= before
    if not before and award > 0:
        beyond = failing(pilot, project(facts, [Addition(category, left.fen + 1)]))
        assert left.code in {code for code, _ in beyond}


def test_the_specific_rule_is_named_with_its_arithmetic() -> None:
    left = room(made.BOOK, made.pilot(), Facts({"saas": Sums(100_000_000)}), "platform")
    assert (left.fen, left.code, left.clause) == (200_000_000, "share.other.ceiling", "四(二)")
    assert "3,000,000.00 − 1,000,000.00 = 2,000,000.00 元（四(二)）" in left.reason_zh
    assert "3,000,000.00 − 1,000,000.00 = 2,000,000.00 yuan" in left.reason_en


def test_unrecognised_money_takes_from_the_room_of_other_uses() -> None:
    left = room(made.BOOK, made.pilot(), Facts({"unknown": Sums(250_000_000)}), "saas")
    assert (left.fen, left.code) == (50_000_000, "share.renovation.floor")


@pytest.mark.parametrize(
    ("category", "code"),
    [("services", "category.not_for_pilot_type"), ("welfare", "use.prohibited"), ("gifts", "category.unknown")],
)
def test_no_room_for_what_is_no_category_of_the_type(category: str, code: str) -> None:
    left = room(made.BOOK, made.pilot(), Facts(), category)
    assert (left.fen, left.code) == (0, code)
    assert allot(made.BOOK, made.pilot(), Facts(), category, 1)


def test_allotment_is_refused_with_the_room() -> None:
    assert allot(made.BOOK, made.pilot(), Facts(), "saas", 300_000_000) == []
    (finding,) = allot(made.BOOK, made.pilot(), Facts(), "saas", 300_000_001)
    assert (finding.code, finding.clause, finding.row) == ("allotment.exceeds_room", "四(二)", None)
    assert "拟安排“SaaS应用” 3,000,000.01 元，最多还可安排 3,000,000.00 元" in finding.message_zh
    assert "at most 3,000,000.00 yuan" in finding.message_en
