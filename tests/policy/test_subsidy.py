"""What one project gets: each thing a book can say, with made-up books and the fen on either side of each boundary."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.policy.books import shelf
from marketplace.policy.books.model import Book
from marketplace.policy.engine.project import Expense, Grant, Outcome, Project
from marketplace.policy.engine.subsidy import compute
from marketplace.policy.engine.subsidy_run import rounded
from tests.policy import oracle_city

YUAN = 100
WAN = 10_000 * YUAN
DAY = date(2025, 6, 30)
CITY = shelf.load("nanchang-2024")
HEAD = 'extends = "national-2023"\ncode = "made"\nversion = "1"\n[subsidy]\nclause = "一"\n'
RATE = '[subsidy.rates.all]\nclause = "二"\nname_zh = "比例"\nname_en = "rate"\nbps = 5000\n'


def rule(part: str, code: str = "x", **keys: str) -> str:
    """A table of the subsidy; values as TOML writes them."""
    own = "".join(f"{name} = {value}\n" for name, value in keys.items())
    return f'[subsidy.{part}.{code}]\nclause = "三"\nname_zh = "规则"\nname_en = "rule"\n{own}'


@pytest.fixture
def book(tmp_path: Path) -> Any:
    def made(*tables: str, head: str = "", rate: str = RATE) -> Book:
        file = tmp_path / "made.toml"
        file.write_text(HEAD + head + rate + "".join(tables), "utf-8")
        assert [str(mistake) for mistake in shelf.validate(file)] == []
        return shelf.read(file)

    return made


def cost(fen: int, type: str = "software", **more: Any) -> Expense:
    return Expense(**{"type": type, "net_fen": fen, "gross_fen": fen} | more)


def project(*expenses: Expense, **more: Any) -> Project:
    more["attributes"] = {name: frozenset(texts) for name, texts in more.get("attributes", {}).items()}
    return Project(**{"enterprise": "E", "claim": "C", "day": DAY, "expenses": expenses} | more)


def grant(fen: int, day: date = date(2025, 1, 5), claim: str = "old", **more: Any) -> Grant:
    return Grant(**{"day": day, "amount_fen": fen, "enterprise": "E", "claim": claim} | more)


def told(outcome: Outcome) -> tuple[str, int | None]:
    """Status and amount, after what must hold of every answer."""
    assert sum(outcome.by_expense) == outcome.reached_fen
    assert (
        (outcome.amount_fen is None) == (outcome.status == "ask") == (bool(outcome.questions) and not outcome.refusals)
    )
    assert (outcome.status == "refused") == bool(outcome.refusals)
    for line in outcome.lines:
        assert line.zh and line.en and line.clause and "{" not in line.zh
        kept = line.kept()
        assert set(kept) == {"code", "amount_fen", "values"} and kept["amount_fen"] == line.after_fen
    for question in outcome.questions:
        assert question.zh and question.en and question.decides_zh and question.decides_en
    return outcome.status, outcome.amount_fen


# ------------------------------------------------------------------ the order, rounding, currency


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("down", [0, 0, 1, 1, 2]), ("up", [0, 1, 1, 2, 2]), ("half_up", [0, 1, 1, 2, 2]), ("half_even", [0, 0, 1, 2, 2])],
)
def test_rounding(book: Any, mode: str, expected: list[int]) -> None:
    made = book(head=f'rounding = "{mode}"\n')
    assert [told(compute(made, project(cost(fen))))[1] for fen in (0, 1, 2, 3, 4)] == expected


@given(st.integers(0, 10**6), st.integers(1, 10**4))
def test_rounding_is_what_the_words_mean(amount: int, over: int) -> None:
    exact = Fraction(amount, over)
    assert rounded(amount, over, "down") == exact.__floor__()
    assert rounded(amount, over, "up") == exact.__ceil__()
    assert rounded(amount, over, "half_even") == round(exact)
    assert rounded(amount, over, "half_up") == (exact + Fraction(1, 2)).__floor__()


@pytest.mark.parametrize(
    ("mode", "cost_fen", "fen"),
    [("down", 200_199, 100_000), ("down", 200_198, 100_000), ("down", 200_200, 100_100), ("up", 200_002, 100_100),
     ("half_up", 200_099, 100_000), ("half_up", 200_100, 100_100),
     ("half_even", 200_100, 100_000), ("half_even", 200_101, 100_100), ("half_even", 200_300, 100_200)],
)  # fmt: skip
def test_whole_yuan(book: Any, mode: str, cost_fen: int, fen: int) -> None:
    made = book(head=f'rounding = "{mode}"\nround_to = "1.00"\n')
    assert told(compute(made, project(cost(cost_fen)))) == ("granted", fen)


@pytest.mark.parametrize("mode", ["half_up", "half_even"])
@pytest.mark.parametrize("unit", [1, 2, 5, 10, 50, 100])
@pytest.mark.parametrize("bps", [3333, 5000])
def test_a_unit_is_rounded_to_as_if_nothing_was_rounded_before(book: Any, mode: str, unit: int, bps: int) -> None:
    """Half of a jiao and half of half a yuan are whole fen: what ends on them by itself is no tie."""
    made = book(rate=RATE.replace("5000", str(bps)), head=f'rounding = "{mode}"\nround_to = "{unit / 100:.2f}"\n')
    for fen in range(120):
        exact = Fraction(fen * bps, 10_000 * unit)
        wanted = round(exact) if mode == "half_even" else (exact + Fraction(1, 2)).__floor__()
        assert told(compute(made, project(cost(fen)))) == ("granted", wanted * unit), fen


def test_another_currency_is_shown(book: Any) -> None:
    lines = compute(book(head='currency = "EUR"\n'), project(cost(200))).lines
    assert "1.00 EUR" in lines[-1].zh and "元" not in "".join(line.zh for line in lines)


def test_the_order_is_the_books(book: Any) -> None:
    """Cut first, then the least spend; or the other way round."""
    cut = rule("shares", cost_types='["hardware"]', most_bps="3000")
    least = rule("minimums", amount='"1000.00"')
    steps = '"costs", "{}", "{}", "rate"'
    spent = project(cost(60_000, "hardware"), cost(40_000))
    first = book(cut, least, head="order = [" + steps.format("shares", "minimum.spend") + "]\n")
    assert told(compute(first, spent)) == ("refused", 0)
    second = book(cut, least, head="order = [" + steps.format("minimum.spend", "shares") + "]\n")
    assert told(compute(second, spent)) == ("granted", 35_000)
    assert [line.step for line in compute(second, spent).lines] == [
        "start", "costs", "minimum.spend", "shares", "rate", "rate", "result",
    ]  # fmt: skip


# ------------------------------------------------------------------ rates


@pytest.mark.parametrize(
    ("attributes", "answer"),
    [
        ({"level": ["三级"], "size": ["small"]}, ("granted", 600)),
        ({"level": ["三级"], "size": ["medium"]}, ("granted", 400)),
        ({"level": ["二级"], "size": []}, ("granted", 300)),
        ({"level": ["一级"], "size": []}, ("granted", 77)),
        ({"level": ["三级"]}, ("ask", None)),
        ({}, ("ask", None)),
        ({"level": ["四级"], "size": ["small"]}, ("ask", None)),
    ],
)
def test_a_rate_by_table(book: Any, attributes: dict[str, list[str]], answer: tuple[str, int | None]) -> None:
    rows = (
        '[{ when = { level = ["三级"], size = ["micro", "small"] }, bps = 6000 }, '
        '{ when = { level = ["三级"] }, bps = 4000 }, { when = { level = ["二级"] }, bps = 3000 }, '
        '{ when = { level = ["一级"] }, amount = "0.77" }]'
    )
    made = book(rate=rule("rates", rows=rows))
    assert told(compute(made, project(cost(1000), attributes=attributes))) == answer


@pytest.mark.parametrize(
    ("spend", "paid"),
    [(0, 0), (WAN - 1, 499_999), (WAN, 500_000), (WAN + 1, 500_000), (WAN + 4, 500_001), (3 * WAN, 1_000_000),
     (3 * WAN + 10, 1_000_001)],
)  # fmt: skip
def test_marginal_slices(book: Any, spend: int, paid: int) -> None:
    slices = '[{ up_to = "10000.00", bps = 5000 }, { up_to = "30000.00", bps = 2500 }, { bps = 1000 }]'
    made = book(rate=rule("rates", slices=slices))
    assert told(compute(made, project(cost(spend)))) == ("granted", paid)


def test_rates_by_type_of_cost(book: Any) -> None:
    rates = rule("rates", "soft", cost_types='["software"]', bps="5000") + rule("rates", "rest", bps="1000")
    outcome = compute(book(rate=rates), project(cost(999), cost(1000, "hardware"), cost(11, "advice")))
    assert (told(outcome), outcome.by_expense) == (("granted", 600), (499, 100, 1))


# ------------------------------------------------------------------ what counts


@pytest.mark.parametrize(
    ("unlisted", "answer"), [("full", ("granted", 800)), ("not", ("granted", 650)), ("ask", ("ask", None))]
)
def test_costs_in_full_in_part_or_not(book: Any, unlisted: str, answer: tuple[str, int | None]) -> None:
    costs = rule("costs", "software") + rule("costs", "hardware", counts='"part"', part_bps="3000")
    costs += rule("costs", "office", counts='"not"')
    spent = [cost(1000), cost(1000, "hardware"), cost(1000, "office"), cost(300, "other")]
    assert told(compute(book(costs, head=f'unlisted = "{unlisted}"\n'), project(*spent))) == answer


def test_tax_counts_as_the_book_says(book: Any) -> None:
    taxed = project(Expense(type="software", net_fen=1000, gross_fen=1130))
    assert told(compute(book(head='basis = "net"\n'), taxed)) == ("granted", 500)
    assert told(compute(book(head='basis = "gross"\n'), taxed)) == ("granted", 565)
    silent = (
        '[silent.basis]\nclause = "三"\nquestion_zh = "含税？"\nquestion_en = "Tax?"\n'
        'decides_zh = "财政局"\ndecides_en = "finance"\n'
    )
    made = book(silent, head='basis = "silent"\n')
    outcome = compute(made, taxed)
    assert told(outcome) == ("ask", None)
    assert [(q.code, q.zh, q.decides_zh) for q in outcome.questions] == [("basis", "含税？", "财政局")]
    assert told(compute(made, project(cost(1000)))) == ("granted", 500)


@pytest.mark.parametrize(
    ("keys", "hardware", "answer"),
    [
        ({"most_bps": "3000"}, 30_000, ("granted", 50_000)),
        ({"most_bps": "3000"}, 30_001, ("granted", 49_999)),
        ({"most_bps": "3000", "effect": '"refuse"'}, 30_000, ("granted", 50_000)),
        ({"most_bps": "3000", "effect": '"refuse"'}, 30_001, ("refused", 0)),
        ({"most_bps": "3000", "base": '"counted"'}, 30_000, ("granted", 50_000)),
        ({"most_bps": "3000", "base": '"counted"'}, 50_000, ("granted", 35_714)),  # 21,428 of 71,428
        ({"least_bps": "3000", "effect": '"refuse"'}, 29_999, ("refused", 0)),
        ({"least_bps": "3000", "effect": '"refuse"'}, 30_000, ("granted", 50_000)),
        ({"most_bps": "1000", "base": '"award"'}, 20_001, ("granted", 49_999)),
    ],
)
def test_shares_of_the_project(book: Any, keys: dict[str, str], hardware: int, answer: tuple[str, int]) -> None:
    made = book(rule("shares", cost_types='["hardware"]', **keys))
    spent = [cost(hardware, "hardware"), cost(100_000 - hardware)]
    assert told(compute(made, project(*spent, award_fen=200_000))) == answer


def test_a_share_of_the_award_needs_the_award(book: Any) -> None:
    made = book(rule("shares", cost_types='["software"]', most_bps="1000", base='"award"'))
    assert told(compute(made, project(cost(1)))) == ("ask", None)


@pytest.mark.parametrize(
    ("keys", "spend", "answer"),
    [
        ({}, 99_999, ("refused", 0)), ({}, 100_000, ("granted", 50_000)), ({}, 100_001, ("granted", 50_000)),
        ({"otherwise": '"raise"'}, 99_999, ("granted", 50_000)), ({"otherwise": '"raise"'}, 1, ("granted", 50_000)),
        ({"of": '"subsidy"'}, 199_999, ("refused", 0)), ({"of": '"subsidy"'}, 200_000, ("granted", 100_000)),
        ({"of": '"subsidy"', "otherwise": '"raise"'}, 199_999, ("granted", 100_000)),
    ],
)  # fmt: skip
def test_minimum(book: Any, keys: dict[str, str], spend: int, answer: tuple[str, int]) -> None:
    made = book(rule("minimums", amount='"1000.00"', **keys))
    assert told(compute(made, project(cost(spend)))) == answer


# ------------------------------------------------------------------ caps


@pytest.mark.parametrize("left", [-1, 0, 1])
@pytest.mark.parametrize("per", ["enterprise", "contract", "category", "item", "provider", "claim"])
def test_caps_of_every_scope(book: Any, per: str, left: int) -> None:
    made = book(rule("caps", per=f'["{per}"]', amount='"100.00"'))
    mine = {name: "same" for name in ("contract", "category", "item", "provider")}
    before = grant(4_000, claim="C", **mine)
    foreign = {name: "else" for name in mine} | {"enterprise": "F", "claim": "D"}
    spent = project(cost(2 * (6_000 + left), **mine), earlier=(before, grant(9_999, **foreign)))
    assert told(compute(made, spent)) == ("granted", min(6_000, 6_000 + left))


def test_a_provider_is_counted_over_all_enterprises(book: Any) -> None:
    made = book(rule("caps", per='["provider"]', amount='"100.00"'))
    other = grant(9_999, enterprise="F", provider="P")
    assert told(compute(made, project(cost(1000, provider="P"), earlier=(other,)))) == ("granted", 1)
    both = book(rule("caps", per='["enterprise", "provider"]', amount='"100.00"'))
    assert told(compute(both, project(cost(1000, provider="P"), earlier=(other,)))) == ("granted", 500)
    assert told(compute(made, project(cost(1000)))) == ("ask", None)


def test_the_smallest_cap_wins(book: Any) -> None:
    caps = [rule("caps", f"c{n}", per=f'["{per}"]', amount=f'"{yuan}.00"')
            for n, (per, yuan) in enumerate((("enterprise", 30), ("contract", 20), ("claim", 40)))]  # fmt: skip
    for order in (caps, caps[::-1]):
        outcome = compute(book(*order), project(cost(20_000, contract="A")))
        assert told(outcome) == ("granted", 2_000)
    parts = compute(book(*caps), project(cost(20_000, contract="A"), cost(20_000, contract="B")))
    assert (told(parts), parts.by_expense) == (("granted", 3_000), (1_500, 1_500))
    assert {line.code for line in parts.lines if line.step == "caps"} == {"c0", "c1", "c2"}


@pytest.mark.parametrize(
    ("span", "day", "counts"),
    [
        ("calendar_year", date(2025, 1, 1), True), ("calendar_year", date(2024, 12, 31), False),
        ("rolling_year", date(2024, 7, 1), True), ("rolling_year", date(2024, 6, 30), False),
        ("rolling_year", date(2025, 6, 30), True), ("rolling_year", date(2025, 7, 1), False),
        ("ever", date(2001, 1, 1), True),
    ],
)  # fmt: skip
def test_years(book: Any, span: str, day: date, counts: bool) -> None:
    made = book(rule("caps", span=f'"{span}"', amount='"100.00"'))
    outcome = compute(made, project(cost(20_000), earlier=(grant(9_000, day),)))
    assert told(outcome) == ("granted", 1_000 if counts else 10_000)


@pytest.mark.parametrize(
    ("on", "months", "first"),
    [
        (date(2024, 2, 29), 12, date(2023, 3, 1)), (date(2025, 2, 28), 12, date(2024, 2, 29)),
        (date(2025, 3, 31), 1, date(2025, 3, 1)), (date(2025, 1, 15), 3, date(2024, 10, 16)),
    ],
)  # fmt: skip
def test_rolling_months(book: Any, on: date, months: int, first: date) -> None:
    made = book(rule("caps", span='"rolling_year"', months=str(months), amount='"1.00"'))
    for day, paid in ((first, 0), (date.fromordinal(first.toordinal() - 1), 100)):
        assert told(compute(made, project(cost(500), day=on, earlier=(grant(100, day),)))) == ("granted", paid)


@pytest.mark.parametrize(("spend", "paid"), [(22_000, 11_000), (22_002, 11_000), (21_998, 10_999)])
def test_an_average_over_all_enterprises(book: Any, spend: int, paid: int) -> None:
    """Two others had 70 and 120 yuan: within an average of 100 this one may have 110."""
    made = book(rule("caps", average="true", amount='"100.00"'))
    others = (grant(7_000, enterprise="F"), grant(12_000, enterprise="G"))
    assert told(compute(made, project(cost(spend), earlier=others))) == ("granted", paid)


def test_a_cap_by_table(book: Any) -> None:
    rows = '[{ when = { theme = ["chain"] }, amount = "9.00" }, { amount = "5.00" }]'
    made = book(rule("caps", rows=rows))
    for theme, paid in ((["chain"], 900), ([], 500)):
        assert told(compute(made, project(cost(9_999), attributes={"theme": theme}))) == ("granted", paid)


# ------------------------------------------------------------------ bonuses


@pytest.mark.parametrize(
    ("inside", "keys", "status", "answer"),
    [
        ("true", {"bps": "1000"}, ["star"], 5_500), ("false", {"bps": "1000"}, ["star"], 6_500),
        ("true", {"amount": '"3.00"'}, ["star"], 5_300), ("false", {"amount": '"3.00"'}, ["star"], 5_300),
        ("false", {"amount": '"3.00"'}, [], 5_000), ("false", {"amount": '"3.00"'}, None, None),
    ],
)  # fmt: skip
def test_bonus(book: Any, inside: str, keys: dict[str, str], status: list[str] | None, answer: int | None) -> None:
    cap = rule("caps", amount='"55.00"') if "bps" in keys else ""
    made = book(rule("bonuses", when='{ status = ["star"] }', inside_cap=inside, **keys), cap)
    known = {} if status is None else {"status": status}
    outcome = compute(made, project(cost(10_000), attributes=known))
    expected = 6_000 if answer == 6_500 else answer  # 50 + 10 above a cap of 55 that holds the 50
    assert told(outcome)[1] == expected


# ------------------------------------------------------------------ windows


MOMENTS = [
    # opens, its day inside, closes, its day inside, moment, answer
    ("2024-01-01", True, "2024-12-31", True, date(2024, 1, 1), "granted"),
    ("2024-01-01", True, "2024-12-31", True, date(2023, 12, 31), "refused"),
    ("2024-01-01", True, "2024-12-31", True, date(2024, 12, 31), "granted"),
    ("2024-01-01", True, "2024-12-31", True, datetime(2024, 12, 31, 23, 59, 59), "granted"),
    ("2024-01-01", True, "2024-12-31", True, date(2025, 1, 1), "refused"),
    ("2024-01-01", False, "2024-12-31", True, date(2024, 1, 1), "refused"),
    ("2024-01-01", False, "2024-12-31", True, datetime(2024, 1, 1, 12), "refused"),
    ("2024-01-01", False, "2024-12-31", True, date(2024, 1, 2), "granted"),
    ("2024-01-01", True, "2024-12-31", False, date(2024, 12, 31), "refused"),
    ("2024-01-01", True, "2024-12-31", False, date(2024, 12, 30), "granted"),
    (None, True, "2024-12-31T17:00:00", True, datetime(2024, 12, 31, 17), "granted"),
    (None, True, "2024-12-31T17:00:00", False, datetime(2024, 12, 31, 17), "refused"),
    (None, True, "2024-12-31T17:00:00", False, datetime(2024, 12, 31, 16, 59, 59), "granted"),
    (None, True, "2024-12-31T17:00:00", True, datetime(2024, 12, 31, 17, 0, 1), "refused"),
    (None, True, "2024-12-31T17:00:00", True, date(2024, 12, 31), "ask"),
    (None, True, "2024-12-31T17:00:00", True, date(2024, 12, 30), "granted"),
    ("2024-01-01T09:00:00", True, None, True, datetime(2024, 1, 1, 8, 59, 59), "refused"),
    ("2024-01-01T09:00:00", True, None, True, date(2024, 1, 1), "ask"),
]  # fmt: skip


@pytest.mark.parametrize(("opens", "opens_in", "closes", "closes_in", "moment", "answer"), MOMENTS)
@pytest.mark.parametrize("name", ["contract", "invoice", "payment", "acceptance", "application"])
def test_windows(
    book: Any,
    name: str,
    opens: str | None,
    opens_in: bool,
    closes: str | None,
    closes_in: bool,
    moment: Any,
    answer: str,
) -> None:
    keys = {"moment": f'"{name}"', "opens_inside": str(opens_in).lower(), "closes_inside": str(closes_in).lower()}
    keys |= {} if opens is None else {"opens": opens}
    keys |= {} if closes is None else {"closes": closes}
    made = book(rule("windows", **keys))
    assert told(compute(made, project(cost(100), moments={name: [moment]})))[0] == answer
    assert told(compute(made, project(cost(100, moments={name: moment}))))[0] == answer
    assert told(compute(made, project(cost(100))))[0] == "ask"


@pytest.mark.parametrize(
    ("on", "moment", "answer"),
    [
        (date(2024, 11, 30), date(2025, 1, 1), "refused"), (date(2024, 12, 1), date(2025, 1, 1), "granted"),
        (date(2024, 12, 1), date(2025, 3, 31), "granted"), (date(2024, 12, 1), date(2025, 4, 1), "refused"),
        (date(2025, 3, 1), date(2025, 6, 30), "granted"), (date(2025, 3, 1), date(2025, 7, 1), "refused"),
    ],
)  # fmt: skip
def test_a_window_that_was_prolonged_later(book: Any, on: date, moment: date, answer: str) -> None:
    extensions = (
        '[{ announced = 2024-12-01, closes = 2025-03-31, clause = "延期一" }, '
        '{ announced = 2025-03-01, closes = 2025-06-30, clause = "延期二" }]'
    )
    made = book(rule("windows", moment='"contract"', closes="2024-12-31", extensions=extensions))
    outcome = compute(made, project(cost(100), day=on, moments={"contract": [moment]}))
    assert told(outcome)[0] == answer
    if answer == "granted":
        assert "延期" in next(line.zh for line in outcome.lines if line.step == "windows")


def test_costs_outside_a_window_are_left_out(book: Any) -> None:
    made = book(rule("windows", moment='"invoice"', opens="2024-01-01", effect='"exclude"'))
    spent = [cost(100, moments={"invoice": date(2023, 12, 31)}), cost(300, moments={"invoice": date(2024, 1, 1)})]
    outcome = compute(made, project(*spent))
    assert (told(outcome), outcome.by_expense) == (("granted", 150), (0, 150))
    assert told(compute(made, project(*spent, cost(50))))[0] == "ask"


# ------------------------------------------------------------------ gates and counts


@pytest.mark.parametrize(
    ("keys", "known", "answer"),
    [
        ({"attribute": '"level"', "at_least": '"二级"'}, ["二级"], "granted"),
        ({"attribute": '"level"', "at_least": '"二级"'}, ["一级"], "refused"),
        ({"attribute": '"level"', "at_least": '"二级"'}, ["四级"], "granted"),
        ({"attribute": '"level"', "at_least": '"二级"'}, [], "refused"),
        ({"attribute": '"level"', "at_least": '"二级"'}, None, "ask"),
        ({"attribute": '"size"', "allowed": '["small", "micro"]'}, ["micro"], "granted"),
        ({"attribute": '"size"', "allowed": '["small", "micro"]'}, ["large"], "refused"),
        ({"attribute": '"industry"', "allowed": '["C", "D44"]', "by_prefix": "true"}, ["C39"], "granted"),
        ({"attribute": '"industry"', "allowed": '["C", "D44"]', "by_prefix": "true"}, ["D45"], "refused"),
        ({"attribute": '"industry"', "allowed": '["C"]'}, ["C39"], "refused"),
        ({"attribute": '"list"', "allowed": '["试点名单"]', "forbidden": '["失信名单"]'}, ["试点名单"], "granted"),
        ({"attribute": '"list"', "allowed": '["试点名单"]', "forbidden": '["失信名单"]'}, ["试点名单", "失信名单"], "refused"),
        ({"attribute": '"status"', "forbidden": '["suspended"]'}, [], "granted"),
        ({"attribute": '"status"', "forbidden": '["suspended"]'}, ["suspended"], "refused"),
        ({"attribute": '"status"', "forbidden": '["suspended"]'}, None, "ask"),
    ],
)  # fmt: skip
def test_gates(book: Any, keys: dict[str, str], known: list[str] | None, answer: str) -> None:
    attributes = {} if known is None else {keys["attribute"].strip('"'): known}
    outcome = compute(book(rule("gates", **keys)), project(cost(100), attributes=attributes))
    assert told(outcome)[0] == answer
    if answer == "refused":
        assert [line.code for line in outcome.refusals] == ["x"]
        assert "rate" not in {line.step for line in outcome.lines}


def test_all_gates_are_looked_at(book: Any) -> None:
    gates = [rule("gates", code, attribute=f'"{code}"', allowed='["yes"]') for code in ("size", "theme", "region")]
    known = {"size": ["no"], "theme": ["yes"], "region": ["no"]}
    outcome = compute(book(*gates), project(cost(100), attributes=known))
    assert [line.code for line in outcome.refusals] == ["size", "region"]


@pytest.mark.parametrize(
    ("keys", "earlier", "answer"),
    [
        ({"most": "2"}, ["a"], "granted"),
        ({"most": "2"}, ["a", "b"], "refused"),
        ({"most": "2"}, ["a", "a", "C"], "granted"),
        ({"most": "1", "span": '"calendar_year"'}, ["a"], "refused"),
        ({"most": "1", "per": '["contract"]'}, ["a"], "refused"),
    ],
)
def test_how_many(book: Any, keys: dict[str, str], earlier: list[str], answer: str) -> None:
    made = book(rule("counts", **keys))
    grants = tuple(grant(1, claim=claim, contract="K") for claim in earlier)
    assert told(compute(made, project(cost(100, contract="K"), earlier=grants)))[0] == answer
    if "per" in keys:
        assert told(compute(made, project(cost(100, contract="L"), earlier=grants)))[0] == "granted"
        assert told(compute(made, project(cost(100), earlier=grants)))[0] == "ask"
    if "span" in keys:
        old = (grant(1, date(2024, 12, 31)),)
        assert told(compute(made, project(cost(100), earlier=old)))[0] == "granted"


# ------------------------------------------------------------------ instalments, goals, silence


def test_instalments(book: Any) -> None:
    parts = rule("instalments", "first", share_bps="3333", waits='"nothing"')
    parts += rule("instalments", "second", share_bps="3333", waits='"event"', event='"acceptance"')
    parts += rule("instalments", "third", share_bps="3334", waits='"count"', event='"renovated"', reached="3")
    made = book(parts)
    for reached, due in (
        ({}, [True, False, False]), ({"acceptance": 1}, [True, True, False]), ({"renovated": 2}, [True, False, False]),
        ({"acceptance": 1, "renovated": 3}, [True, True, True]),
    ):  # fmt: skip
        outcome = compute(made, project(cost(2003), reached=reached))
        assert told(outcome) == ("granted", 1001)
        assert [part.due for part in outcome.parts] == due
        assert [part.amount_fen for part in outcome.parts] == [334, 333, 334]


@pytest.mark.parametrize(
    ("measures", "on", "status"),
    [
        ({"cloud": 10}, DAY, "pass"), ({"cloud": 9}, DAY, "open"), ({"cloud": 9}, date(2025, 7, 1), "fail"),
        ({}, date(2025, 7, 1), "unknown"),
    ],
)  # fmt: skip
def test_goals_change_no_amount(book: Any, measures: dict[str, int], on: date, status: str) -> None:
    made = book(rule("goals", measure='"cloud"', at_least="10", by="2025-06-30"))
    outcome = compute(made, project(cost(100), measures=measures, day=on))
    assert (told(outcome), [goal.status for goal in outcome.goals]) == (("granted", 50), [status])


ASKED = {
    "silent": "true", "question_zh": '"多少？"', "question_en": '"How much?"',
    "decides_zh": '"财政局"', "decides_en": '"finance bureau"',
}  # fmt: skip


@pytest.mark.parametrize(
    ("part", "keys"),
    [
        ("gates", {"attribute": '"size"'}), ("windows", {"moment": '"contract"'}), ("counts", {}),
        ("shares", {}), ("minimums", {}), ("minimums", {"of": '"subsidy"'}), ("bonuses", {}), ("caps", {}),
        ("instalments", {"share_bps": "10000", "waits": '"nothing"'}),
    ],
)  # fmt: skip
def test_silence_reaches_a_person(book: Any, part: str, keys: dict[str, str]) -> None:
    outcome = compute(book(rule(part, **keys, **ASKED)), project(cost(100)))
    assert told(outcome) == ("ask", None)
    assert outcome.reached_fen == 50
    (question,) = outcome.questions
    assert (question.zh, question.en, question.decides_zh) == ("多少？", "How much?", "财政局")
    assert any("待定，请财政局决定。多少？" in line.zh for line in outcome.lines)


def test_a_silent_rate_and_a_silent_type_of_cost(book: Any) -> None:
    outcome = compute(book(rate=rule("rates", **ASKED)), project(cost(100)))
    assert (told(outcome), outcome.reached_fen) == (("ask", None), 0)
    costs = rule("costs", "software") + rule("costs", "hardware", **ASKED)
    assert told(compute(book(costs), project(cost(100), cost(100, "hardware")))) == ("ask", None)


# ------------------------------------------------------------------ Nanchang, and what is told of a draft


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["1", "2", "3"]), st.sampled_from([1, 2, 3, 4]),
    st.sampled_from([1, 2, 62_500_000, 66_666_666, 66_666_667, 70_000_001]) | st.integers(0, 10**9),
    st.integers(0, 50 * WAN),
)  # fmt: skip
def test_nanchang_against_a_plain_reading(batch: str, level: int, spend: int, before: int) -> None:
    known = {"level": [CITY.level_scale.levels[level - 1]], "batch": [batch]}
    outcome = compute(CITY, project(cost(spend), attributes=known, earlier=(grant(before),)))
    percent, most = oracle_city.HELP[batch]
    wanted = min(spend * percent // 100, max(0, most - before)) if level >= oracle_city.WANTED else 0
    assert told(outcome) == ("granted" if level >= oracle_city.WANTED else "refused", wanted)


def test_no_amount_without_rules() -> None:
    with pytest.raises(ValueError, match="jiangxi-2023"):
        compute(shelf.load("jiangxi-2023"), project(cost(100)))


def test_nothing_spent(book: Any) -> None:
    made = book(rule("caps", amount='"1.00"'), rule("shares", cost_types='["software"]', most_bps="3000"))
    assert told(compute(made, project())) == ("granted", 0)
    assert told(compute(made, project(cost(0)))) == ("granted", 0)


@pytest.mark.parametrize(
    ("tables", "head", "key", "message"),
    [
        ([rule("caps")], "", "subsidy.caps.x", "exactly one of amount, rows"),
        ([rule("caps", amount='"1.00"', per='["town"]')], "", "subsidy.caps.x.per.0", "must be one of"),
        ([rule("caps", amount='"1.00"', per="[]")], "", "subsidy.caps.x.per", "counted together"),
        ([rule("caps", rows='[{ amount = "1.00" }, { amount = "2.00" }]')], "", "subsidy.caps.x.rows.0", "never reached"),
        ([rule("caps", rows="[{ bps = 1 }]")], "", "subsidy.caps.x.rows.0", "exactly one of amount"),
        ([rule("caps", amount='"1.00"')], 'order = ["rate"]\n', "subsidy.order", 'leaves out "caps"'),
        ([rule("caps", amount='"1.00"')], 'order = ["caps", "rate"]\n', "subsidy.order.0", 'after "rate"'),
        ([], 'order = ["rate", "rate"]\n', "subsidy.order.1", "twice"),
        ([], 'order = ["rates"]\n', "subsidy.order.0", "must be one of"),
        ([], 'rounding = "off"\n', "subsidy.rounding", "must be one of"),
        ([], 'round_to = "0.00"\n', "subsidy.round_to", "at least 0.01"),
        ([], 'currency = "yuan"\n', "subsidy.currency", "three capital"),
        ([], 'basis = "silent"\n', "subsidy.basis", "[silent.basis]"),
        ([rule("caps", amount='"1.00"')], 'rounding = "up"\nround_to = "1.00"\n', "subsidy.order", "go above"),
        ([rule("rates", "y", bps="1")], "", "subsidy.rates.y", "already paid"),
        ([rule("rates", "y", cost_types='["a"]')], "", "subsidy.rates.y", "exactly one of bps, rows, slices"),
        ([rule("rates", "y", cost_types='["a"]', bps="1"), rule("costs", "b")], "", "subsidy.rates.y.cost_types.0", "not under"),
        ([rule("rates", "y", cost_types='["a"]', slices="[{ bps = 1 }, { bps = 2 }]")], "", "subsidy.rates.y.slices.0.up_to", "missing"),
        ([rule("gates", attribute='"size"')], "", "subsidy.gates.x", "neither"),
        ([rule("gates", attribute='"level"', at_least='"五级"')], "", "subsidy.gates.x.at_least", "no step"),
        ([rule("gates", attribute='"level"', allowed='["L6"]')], "", "subsidy.gates.x.allowed.0", "no step"),
        ([rule("windows", moment='"contract"')], "", "subsidy.windows.x", "neither a beginning"),
        ([rule("windows", moment='"contract"', opens="2024-01-02", closes="2024-01-01")], "", "subsidy.windows.x.closes", "before opens"),
        ([rule("windows", moment='"contract"', opens="2024-01-02T00:00:00Z")], "", "subsidy.windows.x.opens", "without zone"),
        ([rule("counts")], "", "subsidy.counts.x.most", "missing"),
        ([rule("costs", counts='"part"')], "", "subsidy.costs.x.part_bps", "in part"),
        ([rule("shares", cost_types='["a"]', least_bps="1")], "", "subsidy.shares.x.effect", "must be refuse"),
        ([rule("minimums")], "", "subsidy.minimums.x.amount", "missing"),
        ([rule("bonuses", bps="1", when='{ mood = ["good"] }')], "", "subsidy.bonuses.x.when.mood", "nothing that is known"),
        ([rule("bonuses", bps="1", amount='"1.00"')], "", "subsidy.bonuses.x.amount", "exactly one"),
        ([rule("instalments", share_bps="9999", waits='"nothing"')], "", "subsidy.instalments", "sum to 10000"),
        ([rule("instalments", share_bps="10000", waits='"event"')], "", "subsidy.instalments.x.event", "needed"),
        ([rule("goals", measure='"a"')], "", "subsidy.goals.x.at_least", "missing"),
        ([rule("caps", silent="true")], "", "subsidy.caps.x.question_zh", "names its question"),
        ([rule("caps", amount="100")], "", "subsidy.caps.x.amount", "as a text"),
    ],
)  # fmt: skip
def test_mistakes_are_named_with_line_and_key(
    tmp_path: Path, tables: list[str], head: str, key: str, message: str
) -> None:
    text = HEAD + head + RATE + "".join(tables)
    (tmp_path / "made.toml").write_text(text, "utf-8")
    mistakes = shelf.validate(tmp_path / "made.toml")
    matching = [mistake for mistake in mistakes if mistake.key == key and message in mistake.message]
    assert matching, mistakes
    line = text.split("\n")[matching[0].line - 1]
    assert any(part in line for part in key.split(".")), (line, key)
