"""The national book and Nanchang's, which extends it: every boundary to the fen, and a second reading of both."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.policy.books.shelf import load
from marketplace.policy.engine import render
from marketplace.policy.engine.detect import derive
from marketplace.policy.engine.facts import Facts, Sums
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.pilot import Pilot, read
from marketplace.policy.engine.rows import Kind, Row
from tests.policy import made, oracle_city

NATIONAL, CITY = load("national-2023"), load("nanchang-2024")
WAN = 10_000 * 100
END, OVER = date(2025, 12, 31), date(2026, 1, 1)
TABLE: dict[str, Any] = {
    "name": "南昌市", "type": "city", "class": "capital", "award": "150000000.00", "received": "150000000.00",
    "batch": 1, "approved_on": "2024-01-01", "as_of": date(2025, 6, 30),
    "year1_end": "2024-12-31", "year2_end": "2025-12-31",
}  # fmt: skip


def pilot(book: Any = CITY, **changes: Any) -> Pilot:
    return read(book, TABLE | changes)


def row(number: int = 2, **cells: Any) -> Row:
    return made.row(number, **{"day": date(2024, 6, 1)} | cells)


def status(code: str, facts: Facts, base: str | None = None, book: Any = NATIONAL, **changes: Any) -> str:
    found = judge(book, pilot(book, **changes), facts).checks
    return next(check.status for check in found if (check.code, check.base) == (code, base))


@pytest.mark.parametrize("book", [NATIONAL, CITY])
@pytest.mark.parametrize(
    ("klass", "award", "told"),
    [
        ("capital", "149999999.99", "pass"), ("capital", "150000000.00", "pass"), ("capital", "150000000.01", "fail"),
        ("other", "99999999.99", "pass"), ("other", "100000000.00", "pass"), ("other", "100000000.01", "fail"),
    ],
)  # fmt: skip
def test_award(book: Any, klass: str, award: str, told: str) -> None:
    assert status("award.cap", Facts(), book=book, **{"class": klass, "award": award}) == told


@pytest.mark.parametrize(
    ("renovation", "other", "floor", "ceiling"),
    [
        (12_000 * WAN, 3_000 * WAN, "pass", "pass"),
        (12_000 * WAN - 1, 3_000 * WAN, "fail", "pass"),
        (12_000 * WAN + 1, 3_000 * WAN - 1, "pass", "pass"),
        (12_000 * WAN, 3_000 * WAN + 1, "pass", "fail"),
    ],
)
def test_four_fifths(renovation: int, other: int, floor: str, ceiling: str) -> None:
    facts = Facts({"renovation": Sums(renovation), "chain": Sums(other)})
    assert status("share.renovation.floor", facts, "award", as_of=OVER) == floor
    assert status("share.other.ceiling", facts, "award", as_of=OVER) == ceiling


def test_what_a_book_does_not_have_is_absent() -> None:
    codes = [check.code for check in judge(NATIONAL, pilot(NATIONAL), Facts()).checks]
    assert not {"received.tranche", "targets.enterprises", "targets.key_link_share", "targets.levels"} & set(codes)
    assert codes == [
        "award.cap", "committed.total", "paid.total", *["share.renovation.floor"] * 4, *["share.other.ceiling"] * 4,
    ]  # fmt: skip
    assert [check.code for check in judge(CITY, pilot(), Facts()).checks] == [*codes, "targets.levels"]
    answer = render.to_json(judge(CITY, pilot(), derive(CITY, pilot(), [row(category="楼堂馆所", total=20_000)])))
    assert [finding["code"] for finding in answer["findings"]] == ["category.unknown"]


CASES = [("1", 6000, 40 * WAN), ("2", 5000, 35 * WAN), ("3", 4000, 25 * WAN)]


@pytest.mark.parametrize(("batch", "bps", "cap"), CASES)
@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_cap_of_one_enterprise(batch: str, bps: int, cap: int, extra: int) -> None:
    where = pilot(batch=batch)
    rows = [row(amount=cap + extra, total=cap * 10), row(3, amount=1, enterprise=made.GOOD[2], total=100)]
    found = [(f.row, f.code) for f in derive(CITY, where, rows).findings]
    assert found == ([(2, "enterprise.cap")] if extra > 0 else [])


@pytest.mark.parametrize(("batch", "bps", "cap"), CASES)
@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_rate_of_one_enterprise(batch: str, bps: int, cap: int, extra: int) -> None:
    """Over two contracts of an odd number of fen: what is broken is broken on the row that goes beyond."""
    spent = [10_000_001, 20_000_002]
    limit = sum(spent) * bps // 10_000
    rows = [row(amount=1_000_000, total=spent[0]), row(3, amount=limit - 1_000_000 + extra, total=spent[1])]
    found = [(f.row, f.code) for f in derive(CITY, pilot(batch=batch), rows).findings]
    assert found == ([(3, "enterprise.rate")] if extra > 0 else [])


@pytest.mark.parametrize(
    ("step", "told"), [("一级", "fail"), ("二级", "pass"), ("三级", "pass"), ("四级", "pass"), ("2", "pass")]
)
def test_level(step: str, told: str) -> None:
    rank = CITY.level_scale.rank(step)
    done = row(level=rank, accepted=date(2024, 6, 1), total=100_000, key_link=True)
    facts = derive(CITY, pilot(), [done])
    assert status("targets.levels", facts, book=CITY) == told
    assert [finding.code for finding in facts.findings] == (["level.below_target"] if told == "fail" else [])
    verdict = judge(CITY, pilot(), facts)
    assert "二级及以上" in next(check for check in verdict.checks if check.code == "targets.levels").message_zh


@pytest.mark.parametrize(("text", "rank"), [("二级", 2), ("二", 2), (" 2 ", 2), ("4级", 4), ("5", None), ("L2", None)])
def test_levels_as_people_write_them(text: str, rank: int | None) -> None:
    assert CITY.level_scale.rank(text) == rank


def test_the_city_brings_its_own_calendar() -> None:
    assert (pilot().year1_end, pilot().year2_end) == (date(2024, 12, 31), END)


def test_what_the_text_leaves_open_is_said() -> None:
    assert set(CITY.silent) == {"prohibited", "tranches", "calendar", "basis"}
    for entry in CITY.silent.values():
        assert entry.question_zh.endswith("？") and entry.question_en.endswith("?") and entry.decides_zh


amounts = st.sampled_from([1, 25 * WAN, 25 * WAN + 1, 35 * WAN, 40 * WAN, 40 * WAN + 1]) | st.integers(1, 60 * WAN)
sheets = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["committed", "paid"]),
            "category": st.sampled_from(["renovation", "renovation", "chain", "model", "services"]),
            "amount": amounts,
            "enterprise": st.sampled_from(["", *made.GOOD[:2]]),
            "contract": st.sampled_from(["A", "B", "C"]),
            "total": st.none() | st.integers(1, 90 * WAN),
            "level": st.sampled_from([None, 1, 2, 4]),
            "accepted": st.booleans(),
        }
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([NATIONAL, CITY]), st.sampled_from(["capital", "other"]), st.sampled_from(["1", "2", "3"]),
    st.sampled_from([0, 1, 60 * WAN, 10_000 * WAN, 15_000 * WAN, 15_000 * WAN + 1]), st.booleans(), sheets,
)  # fmt: skip
def test_the_books_agree_with_a_second_reading(
    book: Any, klass: str, batch: str, award: int, over: bool, sheet: list[dict[str, Any]]
) -> None:
    yuan = f"{award // 100}.{award % 100:02d}"
    where = pilot(book, **{"class": klass, "batch": batch, "award": yuan, "as_of": OVER if over else END})
    rows = [
        Row(
            number=place, day=date(2024, 6, 1), kind=Kind(cells["kind"]), amount=cells["amount"],
            category=cells["category"], enterprise=cells["enterprise"], provider=made.GOOD[2],
            contract=cells["contract"], total=cells["total"], level=cells["level"],
            accepted=date(2024, 6, 1) if cells["accepted"] else None,
        )
        for place, cells in enumerate(sheet, start=2)
    ]  # fmt: skip
    facts = derive(book, where, rows)
    told = {c.code: c.status for c in judge(book, where, facts).checks if c.base in (None, "award")}
    categories = oracle_city.NATIONAL if book is NATIONAL else oracle_city.CITY
    wanted = oracle_city.money(klass, award, sheet, categories, over=over)
    assert {code: told[code] for code in wanted} == wanted
    found = {(rows[f.row - 2].enterprise, f.code) for f in facts.findings if f.row and f.code.startswith("enterprise.")}
    found = {entry for entry in found if entry[1] != "enterprise.missing"}
    assert found == (oracle_city.help_broken(batch, sheet) if book is CITY else set())
    if book is CITY:
        assert told["targets.levels"] == oracle_city.level(_levels(sheet), over=over)


def _levels(sheet: list[dict[str, Any]]) -> list[int | None]:
    """All acceptances are of one day: the lowest recorded level of an enterprise counts."""
    by_name: dict[str, list[int | None]] = {}
    for cells in sheet:
        if cells["accepted"] and cells["enterprise"] and cells["category"] == "renovation":
            by_name.setdefault(cells["enterprise"], []).append(cells["level"])
    return [min((step for step in steps if step), default=None) for steps in by_name.values()]
