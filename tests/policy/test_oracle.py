"""The engine and a second reading of the rules agree on anything one can put on a sheet."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.policy.engine import render
from marketplace.policy.engine.detect import derive
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.rows import Kind, Row
from tests.policy import made, oracle

DAYS = [
    date(2023, 10, 31), date(2023, 11, 1), date(2024, 3, 1), date(2024, 6, 30), date(2024, 7, 1), date(2024, 10, 31),
    date(2024, 11, 1), date(2025, 10, 31), date(2025, 11, 1), date(2026, 2, 1),
]  # fmt: skip
CLASSES = [
    ("zone", "national_zone"), ("zone", "provincial_zone"),
    ("county", "county_1"), ("county", "county_2"), ("county", "county_3"),
]  # fmt: skip
PARTIES = ["", *made.GOOD, made.GOOD[0].lower(), "91350100M000100Y44", "１２３"]
AMOUNTS = st.sampled_from([1, 99, 100, 299_999_999, 300_000_000, 300_000_001, 700_000_000, 699_999_999]) | st.integers(
    1, 1_200_000_000
)


def some(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


pilots = st.builds(
    lambda where, award, received, as_of: {
        "type": where[0], "class": where[1], "award": award, "received": received, "as_of": as_of,
        "approved_on": date(2023, 11, 1),
    },
    some(*CLASSES),
    some(0, 1, 3, 999_999_999, 1_000_000_000, 1_000_000_001, 800_000_000),
    some(0, 1, 400_000_000, 500_000_000, 500_000_001, 800_000_000, 1_000_000_000),
    st.sampled_from(DAYS),
)  # fmt: skip
rows = st.lists(
    st.fixed_dictionaries(
        {
            "day": st.sampled_from(DAYS),
            "kind": some("committed", "released", "paid", "refund"),
            "category": some(
                "renovation", "企业数字化改造", "Platform", "saas", "ＳａａＳ应用", "network", "综合服务", "人员福利",
                "", "unknown", "别的",
            ),
            "amount": AMOUNTS,
            "enterprise": st.sampled_from(PARTIES),
            "provider": st.sampled_from(PARTIES),
            "contract": some("", "", "A", "a", "B", " Ｂ "),
            "invoices": st.lists(
                some("12345678", "24312000000136634917", "24922000000012341234", "X1"), max_size=2, unique=True
            ),
            "other_support": some("", "", "无", "None", "市级配套", "省级财政资金", "中央中小企业专项资金"),
            "key_link": st.booleans(),
            "level": some(None, 5, 6, 7, 10),
            "accepted": st.none() | st.sampled_from(DAYS),
        }
    ),
    max_size=9,
)  # fmt: skip


def engine_pilot(facts: dict[str, Any]) -> Any:
    rest = {key: value for key, value in facts.items() if key != "class"}
    return made.pilot(pilot_class=facts["class"], **rest)


def engine_row(cells: dict[str, Any]) -> Row:
    rest = {key: value for key, value in cells.items() if key not in ("row", "kind", "invoices")}
    return Row(number=cells["row"], kind=Kind(cells["kind"]), invoices=tuple(cells["invoices"]), **rest)


def judged(pilot: dict[str, Any], cells: list[dict[str, Any]]) -> Any:
    where = engine_pilot(pilot)
    return judge(made.BOOK, where, derive(made.BOOK, where, [engine_row(row) for row in cells]))


def shares(bps: int | None) -> Fraction | None:
    return None if bps is None else Fraction(bps, 10_000)


@settings(max_examples=600, deadline=None)
@given(pilots, rows, st.data())
def test_engine_agrees_with_the_second_reading(pilot: dict[str, Any], cells: list[dict[str, Any]], data: Any) -> None:
    if cells and data.draw(st.booleans()):  # repeat some row in full, or all but one cell
        cells = [*cells, dict(data.draw(st.sampled_from(cells)))]
    for number, row in enumerate(cells, start=2):
        row["row"] = number
    verdict = judged(pilot, cells)
    assert [
        (c.code, c.base, c.amount, c.limit, c.actual, shares(c.limit_share), shares(c.actual_share), c.status)
        for c in verdict.checks
    ] == oracle.checks(pilot, cells)
    assert [(f.row, f.code) for f in verdict.findings] == oracle.findings(pilot, cells)
    assert verdict.status == oracle.verdict(pilot, cells)
    by_category = oracle.sums(pilot, cells)
    assert {code: (s.arranged, s.paid) for code, s in verdict.facts.by_category.items()} == by_category
    shuffled = list(cells)
    random.Random(1).shuffle(shuffled)
    assert render.to_json(judged(pilot, shuffled)) == render.to_json(verdict)
    for check in verdict.checks:
        assert check.message_zh and check.message_en and check.clause
    for finding in verdict.findings:
        assert finding.message_zh and finding.message_en and finding.clause
