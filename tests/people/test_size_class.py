"""Size classes by 工信部联企业〔2011〕300号, at and around each limit."""

from __future__ import annotations

import pytest

from marketplace.base.errors import Refusal
from marketplace.people.organisations import industries
from marketplace.people.organisations.rules import size_class

WAN = 1_000_000
"""One 万元 in fen, counted here anew."""


@pytest.mark.parametrize(
    ("employees", "revenue_wan", "size"),
    [
        (1000, 40_000, "large"),
        (999, 40_000, "medium"),
        (1000, 39_999, "medium"),
        (300, 2_000, "medium"),
        (299, 2_000, "small"),
        (300, 1_999, "small"),
        (5_000, 1_999, "small"),
        (20, 300, "small"),
        (19, 300, "micro"),
        (20, 299, "micro"),
        (19, 100_000, "micro"),
        (0, 0, "micro"),
    ],
)
def test_a_class_needs_both_of_its_lower_limits(employees: int, revenue_wan: int, size: str) -> None:
    assert size_class("C39", employees, revenue_wan * WAN) == size


def test_one_fen_below_the_limit_is_the_class_below() -> None:
    assert size_class("C39", 300, 2_000 * WAN) == "medium"
    assert size_class("C39", 300, 2_000 * WAN - 1) == "small"


@pytest.mark.parametrize("industry", ["B06", "C13", "D46"])
def test_industry_covers_mining_manufacturing_and_utilities(industry: str) -> None:
    assert size_class(industry, 50, 400 * WAN) == "small"


@pytest.mark.parametrize(("industry", "employees", "revenue"), [("I65", 50, 1), ("C39", None, 1), ("C39", 50, None)])
def test_without_figures_or_outside_industry_there_is_no_class(
    industry: str, employees: int | None, revenue: int | None
) -> None:
    assert size_class(industry, employees, revenue) is None


def test_manufacturing_has_its_31_divisions() -> None:
    manufacturing = [code for code in industries.divisions() if code.startswith("C")]
    assert manufacturing == [f"C{number}" for number in range(13, 44)]
    assert all(all(names) for names in industries.divisions().values())


@pytest.mark.parametrize(
    ("text", "code"), [("C39", "C39"), ("c39", "C39"), ("39", "C39"), ("C3911", "C39"), ("65", "I65")]
)
def test_industry_codes_are_read_in_usual_forms(text: str, code: str) -> None:
    assert industries.check(text) == code


@pytest.mark.parametrize("text", ["", "C99", "Z", "制造业", "99"])
def test_unknown_industries_are_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        industries.check(text)
    assert refused.value.code == "industry.unknown"
