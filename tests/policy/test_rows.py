"""Findings on rows, one by one, where words and places matter more than sums."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from marketplace.policy.books import shelf
from marketplace.policy.books.model import Book
from marketplace.policy.engine.detect import derive
from marketplace.policy.engine.finding import Finding
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.rows import Kind, Row
from marketplace.policy.engine.uscc import fits
from tests.policy import made

NEW, OLD = "24312000000136634917", "12345678"


def found(*rows: Row, book: Book = made.BOOK, **pilot: Any) -> list[Finding]:
    where = made.pilot(**pilot)
    return list(judge(book, where, derive(book, where, list(rows))).findings)


def places(*rows: Row, **given: Any) -> list[tuple[int | None, str]]:
    return [(finding.row, finding.code) for finding in found(*rows, **given)]


def paid(number: int, **changes: Any) -> Row:
    """A payment for SaaS, so that neither acceptance nor commitment is missed."""
    return made.row(number, kind=Kind.PAID, **{"category": "saas"} | changes)


def test_a_sound_row_has_nothing_against_it() -> None:
    assert places(made.row()) == []


def test_every_finding_of_the_book_can_be_made() -> None:
    rows = [
        made.row(2, category="没有这种用途"),
        made.row(3, category="services"),
        made.row(4, category="楼堂馆所"),
        made.row(5, other_support="省级工业发展专项资金"),
        made.row(6, provider=made.GOOD[0]),
        made.row(7, category="saas", contract="A", invoices=(NEW,)),
        made.row(8, category="saas", contract="B", invoices=(NEW, "12")),
        made.row(9, day=date(2023, 10, 31)),
        made.row(10, accepted=date(2024, 2, 1), level=5),
        made.row(11, enterprise="X", provider=""),
        made.row(12, enterprise=""),
        made.row(13, contract="C"),
        made.row(14, contract="C"),
        made.row(15, kind=Kind.PAID, contract="D"),
        made.row(16, day=date(2025, 12, 1), kind=Kind.PAID, contract="A", category="saas"),
        made.row(17, kind=Kind.REFUND, contract="E"),
        made.row(18, kind=Kind.RELEASED, contract="F"),
        made.row(19, contract="C"),
    ]
    rows[12] = made.row(14, contract="C", amount=rows[11].amount)
    codes = {code for _, code in places(*rows)}
    assert codes == set(made.BOOK.findings_applied)


def test_one_number_under_two_contracts_names_the_first() -> None:
    rows = [
        paid(n, contract=c, invoices=(NEW,), amount=n) for n, c in ((2, "A"), (3, "a"), (4, "B"), (5, ""), (6, "B"))
    ]
    duplicates = [finding for finding in found(*rows) if finding.code == "invoice.duplicate"]
    assert [(finding.row, finding.values["first"]) for finding in duplicates] == [(4, 2), (6, 2)]
    assert "第 2 行" in duplicates[0].message_zh


@pytest.mark.parametrize(
    ("first", "second", "doubled"),
    [
        ({"contract": "A"}, {"contract": "B"}, True),
        ({"contract": "A"}, {"contract": ""}, False),
        ({"provider": made.GOOD[1]}, {"provider": made.GOOD[2]}, True),
        ({"enterprise": made.GOOD[0]}, {"enterprise": made.GOOD[2]}, True),
        ({"contract": "A"}, {"contract": "A", "amount": 1}, False),
        ({"contract": "A"}, {"contract": "A"}, True),  # a payment repeated in every column
        ({"contract": "A"}, {"contract": "B", "invoice_lost": True}, False),
        ({"contract": "A", "invoices": (OLD,)}, {"contract": "B", "invoices": (OLD,)}, True),
        ({"provider": made.GOOD[1], "invoices": (OLD,)}, {"provider": made.GOOD[2], "invoices": (OLD,)}, False),
        (
            {"contract": "A", "provider": "", "invoices": (OLD,)},
            {"contract": "B", "provider": "", "invoices": (OLD,)},
            False,
        ),
    ],
)
def test_duplicate_invoices(first: dict[str, Any], second: dict[str, Any], doubled: bool) -> None:
    same = {"contract": "A", "invoices": (NEW,)}
    codes = places(paid(2, **same | first), paid(3, **same | second))
    assert ((3, "invoice.duplicate") in codes) is doubled
    assert (2, "invoice.duplicate") not in codes


def test_a_repeated_row_is_no_repeated_invoice() -> None:
    assert places(made.row(2, contract="A"), made.row(3, contract="A")) == [(3, "row.repeated")]
    twice = [made.row(n, contract="A", invoices=(NEW,)) for n in (2, 3)]
    assert places(*twice) == [(3, "row.repeated")]
    lost = [paid(n, contract="A", invoices=("2431200000013660000",), invoice_lost=True) for n in (2, 3)]
    assert places(*lost) == [(2, "invoice.malformed"), (3, "invoice.malformed"), (3, "row.repeated")]


@pytest.mark.parametrize(
    "text",
    ["", "无", "否", "没有", "none", "None", "NO", "no", "-", "/", "市级配套", "县级配套、企业自筹", " 企业自筹 "],
)
def test_no_double_support(text: str) -> None:
    assert places(made.row(other_support=text)) == []


@pytest.mark.parametrize("text", ["省级财政资金", "市级配套、中央中小企业专项资金", "有", "yes"])
def test_double_support(text: str) -> None:
    (finding,) = found(made.row(other_support=text))
    assert (finding.code, finding.severity, finding.clause) == ("support.double", "fail", "四(二)")


@pytest.mark.parametrize(
    ("day", "kind", "codes"),
    [
        (date(2023, 11, 1), Kind.COMMITTED, []),
        (date(2023, 10, 31), Kind.COMMITTED, ["date.outside_period"]),
        (date(2023, 10, 31), Kind.REFUND, ["refund.exceeds_paid"]),
        (date(2025, 10, 31), Kind.PAID, []),
        (date(2025, 11, 1), Kind.PAID, ["date.outside_period"]),
        (date(2025, 11, 1), Kind.COMMITTED, ["date.outside_period"]),
    ],
)
def test_period(day: date, kind: Kind, codes: list[str]) -> None:
    row = made.row(day=day, kind=kind, category="saas")
    assert [code for _, code in places(row, as_of=date(2026, 1, 1))] == codes


def test_a_late_payment_of_a_commitment_made_in_time_only_warns() -> None:
    late = paid(3, day=date(2025, 11, 1), contract="A")
    as_of = date(2026, 1, 1)
    assert places(made.row(2, contract="a", category="saas"), late, as_of=as_of) == [(3, "paid.after_period")]
    early = made.row(2, contract="A", category="saas", day=date(2023, 10, 31))
    assert (3, "date.outside_period") in places(early, late, as_of=as_of)


def test_acceptance_before_payment() -> None:
    commitment = made.row(2, contract="A")
    payment = made.row(3, contract="A", kind=Kind.PAID, day=date(2024, 3, 1))
    accepted = made.row(4, contract="A", amount=1, accepted=date(2024, 3, 1), level=6)
    assert places(commitment, payment) == [(3, "paid.before_acceptance")]
    assert places(commitment, payment, accepted) == []
    other = made.row(4, contract="B", accepted=date(2024, 3, 1), level=6)
    assert places(commitment, payment, other) == [(3, "paid.before_acceptance")]
    late = made.row(4, contract="A", amount=1, accepted=date(2024, 3, 2), level=6)
    assert places(commitment, payment, late) == [(3, "paid.before_acceptance")]


def test_an_acceptance_after_the_closing_day_does_not_count() -> None:
    where = made.pilot(as_of=date(2024, 3, 1))
    facts = derive(made.BOOK, where, [made.row(accepted=date(2024, 3, 2), level=1)])
    assert [finding.code for finding in facts.findings] == ["date.after_as_of"]
    assert (facts.enterprises.selected, facts.enterprises.renovated) == (1, 0)


@pytest.mark.parametrize(
    ("acceptances", "low"),
    [
        ([(date(2024, 2, 1), 5), (date(2024, 3, 1), 6)], None),
        ([(date(2024, 3, 1), 6), (date(2024, 2, 1), 5)], None),
        ([(date(2024, 3, 1), 5), (date(2024, 2, 1), 9)], 2),
        ([(date(2024, 3, 1), None), (date(2024, 3, 1), 5)], 3),
        ([(date(2024, 3, 1), 6), (date(2024, 3, 1), 5)], 3),
        ([(date(2024, 3, 1), 5), (date(2024, 3, 1), 5)], 2),
        ([(date(2024, 2, 1), 5), (date(2024, 3, 1), None)], None),
    ],
)
def test_which_acceptance_counts(acceptances: list[tuple[date, int | None]], low: int | None) -> None:
    rows = [made.row(n, accepted=day, level=level) for n, (day, level) in enumerate(acceptances, start=2)]
    assert places(*rows) == ([(low, "level.below_target")] if low else [])


def test_one_yes_makes_a_key_link() -> None:
    rows = [made.row(2, accepted=date(2024, 3, 1), level=6), made.row(3, category="saas", key_link=True)]
    (finding,) = found(*rows)
    assert (finding.row, finding.code, finding.values["target"]) == (2, "level.below_target", "L7")


@pytest.mark.parametrize("code", [*made.GOOD, made.GOOD[0].lower(), "９１３５０１００M000100Y43"])
def test_sound_codes(code: str) -> None:
    assert fits(code)


@pytest.mark.parametrize(
    "code", ["91310115MA1H8R7C6D", "91350211M0000XUF46", made.GOOD[0][:-1], made.GOOD[0] + "0", "9135010OM000100Y43"]
)
def test_unsound_codes(code: str) -> None:
    assert not fits(code)
    assert places(made.row(enterprise=code)) == [(2, "uscc.invalid")]


def test_both_cells_are_told() -> None:
    assert places(made.row(enterprise="A1", provider="B1")) == [(2, "uscc.invalid")] * 2


def test_many_rows_with_one_number_are_judged_quickly() -> None:
    rows = [paid(n, contract=f"C{n}", invoices=(NEW,), enterprise="") for n in range(2, 20_002)]
    assert sum(code == "invoice.duplicate" for _, code in places(*rows)) == 19_999


@pytest.fixture
def rated(tmp_path: Path) -> Book:
    """A book with 50 % of the contracts and 3,000 yuan for one enterprise, less in its first batch."""
    draft = tmp_path / "rated.toml"
    codes = ", ".join(f'"{code}"' for code in (*made.BOOK.findings_applied, "enterprise.rate", "enterprise.cap"))
    draft.write_text(
        f"""
        extends = "jiangxi-2023"
        code = "rated"
        version = "1"
        findings_applied = [{codes}]
        [types.zone.classes.national_zone]
        enterprise_rate_bps = 5000
        enterprise_cap = "3000.00"
        [batches.2023]
        enterprise_cap = "2000.00"
        [findings."enterprise.rate"]
        clause = "七"
        severity = "fail"
        zh = "{{enterprise}} {{amount}} > {{limit}} = {{rate}} × {{total}}"
        en = "{{enterprise}} {{amount}} > {{limit}} = {{rate}} × {{total}}"
        [findings."enterprise.cap"]
        clause = "七"
        severity = "fail"
        zh = "{{enterprise}} {{amount}} > {{limit}}"
        en = "{{enterprise}} {{amount}} > {{limit}}"
        """,
        "utf-8",
    )
    return shelf.read(draft)


def test_rate_of_the_contracts(rated: Book) -> None:
    rows = [made.row(2, contract="A", amount=40_000, total=100_000), made.row(3, contract="A", amount=10_000)]
    assert places(*rows, book=rated) == []
    rows.append(made.row(4, contract="A", category="saas", amount=1))
    (finding,) = found(*rows, book=rated)
    assert (finding.row, finding.code) == (4, "enterprise.rate")
    assert finding.message_zh.endswith("500.01 > 500.00 = 50.00% × 1,000.00")
    rows.append(made.row(5, contract="A", category="saas", amount=1, kind=Kind.RELEASED))
    assert places(*rows, book=rated) == []


def test_cap_of_the_batch_before_the_class(rated: Book) -> None:
    whole = {"total": 10**9}
    rows = [made.row(2, amount=150_000, **whole), made.row(3, amount=50_000, **whole), made.row(4, amount=1, **whole)]
    assert places(*rows[:2], book=rated) == []
    assert places(*rows, book=rated) == [(4, "enterprise.cap")]
    assert places(*rows, made.row(5, amount=99_999), book=rated, batch="2030") == []
    assert places(*rows, made.row(5, amount=100_000), book=rated, batch="2030") == [(5, "enterprise.cap")]
