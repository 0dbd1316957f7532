"""Every status of every check, and the fen on either side of each boundary."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from marketplace.policy.engine import render
from marketplace.policy.engine.facts import (
    Addition,
    Enterprises,
    Facts,
    Outcome,
    Position,
    Sums,
    counted,
    project,
    sums_of,
)
from marketplace.policy.engine.judge import judge
from tests.policy import made

YUAN = 100
MILLION = 1_000_000 * YUAN
OVER = date(2025, 11, 1)
COUNTY = {"type": "county", "pilot_class": "county_3", "award": 8 * MILLION, "received": 4 * MILLION}


def facts(renovation: Any = (0, 0), other: Any = (0, 0), outside: Any = (0, 0), **counts: int) -> Facts:
    sums = {"renovation": Sums(*renovation), "saas": Sums(*other), "unknown": Sums(*outside)}
    return Facts(by_category=sums, enterprises=Enterprises(**counts))


def check(code: str, given: Facts, base: str | None = None, **pilot: Any) -> dict[str, Any]:
    verdict = judge(made.BOOK, made.pilot(**pilot), given)
    found = next(entry for entry in verdict.checks if (entry.code, entry.base) == (code, base))
    return render.check_row(found)


@pytest.mark.parametrize(
    ("kind", "pilot_class", "award", "status"),
    [
        ("zone", "national_zone", 10 * MILLION, "pass"),
        ("zone", "national_zone", 10 * MILLION - 1, "pass"),
        ("zone", "national_zone", 10 * MILLION + 1, "fail"),
        ("zone", "provincial_zone", 8 * MILLION, "pass"),
        ("zone", "provincial_zone", 8 * MILLION + 1, "fail"),
        ("county", "county_1", 10 * MILLION, "pass"),
        ("county", "county_1", 10 * MILLION + 1, "fail"),
        ("county", "county_2", 10 * MILLION, "pass"),
        ("county", "county_2", 10 * MILLION + 1, "fail"),
        ("county", "county_3", 8 * MILLION, "pass"),
        ("county", "county_3", 8 * MILLION + 1, "fail"),
    ],
)
def test_award_cap(kind: str, pilot_class: str, award: int, status: str) -> None:
    answer = check("award.cap", facts(), type=kind, pilot_class=pilot_class, award=award)
    assert answer["status"] == status
    assert answer["clause"] == "四(一)"
    assert (answer["base"], answer["amount"], answer["limit_share"], answer["actual_share"]) == (None,) * 4


@pytest.mark.parametrize(
    ("award", "received", "as_of", "limit", "status"),
    [
        (10 * MILLION, 5 * MILLION, date(2024, 10, 31), "5000000.00", "pass"),
        (10 * MILLION, 5 * MILLION + 1, date(2024, 10, 31), "5000000.00", "fail"),
        (10 * MILLION, 5 * MILLION - 1, date(2024, 10, 31), "5000000.00", "pass"),
        (10 * MILLION, 5 * MILLION + 1, date(2024, 11, 1), "10000000.00", "pass"),
        (10 * MILLION, 10 * MILLION, date(2024, 11, 1), "10000000.00", "pass"),
        (10 * MILLION, 10 * MILLION + 1, date(2024, 11, 1), "10000000.00", "fail"),
        (3, 1, date(2024, 1, 1), "0.01", "pass"),
        (3, 2, date(2024, 1, 1), "0.01", "fail"),
    ],
)
def test_tranche(award: int, received: int, as_of: date, limit: str, status: str) -> None:
    answer = check("received.tranche", facts(), award=award, received=received, as_of=as_of)
    assert (answer["limit"], answer["status"]) == (limit, status)


@pytest.mark.parametrize(("extra", "status"), [(-1, "pass"), (0, "pass"), (1, "fail")])
def test_totals(extra: int, status: str) -> None:
    given = facts(renovation=(7 * MILLION + extra, 4 * MILLION + extra), outside=(3 * MILLION, 1 * MILLION))
    assert check("committed.total", given)["status"] == status
    assert check("paid.total", given)["status"] == status


@pytest.mark.parametrize(
    ("renovation", "outside", "as_of", "status"),
    [
        (7 * MILLION, 3 * MILLION, OVER, "pass"),
        (7 * MILLION - 1, 3 * MILLION, date(2025, 10, 31), "open"),  # one fen is left, and is needed
        (7 * MILLION - 1, 3 * MILLION + 1, date(2024, 1, 1), "fail"),  # nothing is left that could reach it
        (0, 3 * MILLION, date(2025, 10, 31), "open"),
        (0, 3 * MILLION + 1, date(2024, 1, 1), "fail"),
        (7 * MILLION - 1, 0, OVER, "fail"),
        (7 * MILLION, 9 * MILLION, OVER, "pass"),
    ],
)
def test_floor_of_the_award(renovation: int, outside: int, as_of: date, status: str) -> None:
    for given in (facts((renovation, 0), (outside, 0)), facts((renovation, 0), outside=(outside, 0))):
        answer = check("share.renovation.floor", given, "award", as_of=as_of)
        assert answer["status"] == status
        assert (answer["limit"], answer["limit_share"], answer["amount"]) == ("7000000.00", "0.7000", "10000000.00")


def test_shares_are_cut_and_limits_rounded() -> None:
    given = facts((6_999_999, 0), (2_999_999, 0))
    floor = check("share.renovation.floor", given, "award", award=9_999_999)
    assert (floor["limit"], floor["actual_share"], floor["status"]) == ("70000.00", "0.6999", "open")
    ceiling = check("share.other.ceiling", given, "award", award=9_999_999)
    assert (ceiling["limit"], ceiling["actual_share"], ceiling["status"]) == ("29999.99", "0.2999", "pass")


@pytest.mark.parametrize(
    ("renovation", "other", "as_of", "status"),
    [
        (350_000_000, 0, date(2024, 1, 1), "pass"),
        (349_999_999, 150_000_000, date(2024, 1, 1), "open"),
        (349_999_999, 150_000_001, date(2024, 1, 1), "warn"),
        (349_999_999, 150_000_000, OVER, "warn"),
    ],
)
def test_floor_of_the_money_received(renovation: int, other: int, as_of: date, status: str) -> None:
    given = facts((0, renovation), (0, other))
    assert check("share.renovation.floor", given, "received", as_of=as_of)["status"] == status


@pytest.mark.parametrize(("base", "place"), [("committed", 0), ("paid", 1)])
@pytest.mark.parametrize(("renovation", "floor", "ceiling"), [(700, "pass", "pass"), (699, "warn", "warn")])
def test_ratio_of_the_day(base: str, place: int, renovation: int, floor: str, ceiling: str) -> None:
    both = [[0, 0], [0, 0]]
    both[0][place], both[1][place] = renovation, 1000 - renovation
    given = facts(*both)
    assert check("share.renovation.floor", given, base, as_of=OVER)["status"] == floor
    assert check("share.other.ceiling", given, base)["status"] == ceiling


@pytest.mark.parametrize(("other", "award", "received"), [(299_999_999, "pass", "warn"), (300_000_000, "pass", "warn")])
def test_ceiling_passes_or_fails_on_the_award_alone(other: int, award: str, received: str) -> None:
    assert check("share.other.ceiling", facts(other=(other, other)), "award")["status"] == award
    assert check("share.other.ceiling", facts(other=(other, other)), "received")["status"] == received
    assert check("share.other.ceiling", facts(other=(300_000_001, 0)), "award")["status"] == "fail"
    assert check("share.other.ceiling", facts(other=(0, 150_000_000)), "received")["status"] == "pass"
    assert check("share.other.ceiling", facts(other=(0, 150_000_001)), "received")["status"] == "warn"


@pytest.mark.parametrize(("renovation", "status"), [(640_000_000, "pass"), (639_999_999, "fail")])
def test_a_county_keeps_four_fifths(renovation: int, status: str) -> None:
    given = facts((renovation, 0), (160_000_000, 0))
    assert check("share.renovation.floor", given, "award", as_of=OVER, **COUNTY)["status"] == status
    assert check("share.other.ceiling", given, "award", **COUNTY)["status"] == "pass"
    assert check("share.other.ceiling", facts(other=(160_000_001, 0)), "award", **COUNTY)["status"] == "fail"


def test_a_base_that_is_not_positive_stays_open() -> None:
    verdict = judge(made.BOOK, made.pilot(award=0, received=0, as_of=OVER), facts((0, -5), (0, 3)))
    shares = [render.check_row(entry) for entry in verdict.checks if entry.base]
    assert len(shares) == 8
    for answer in shares:
        assert (answer["status"], answer["limit"], answer["actual_share"]) == ("open", "0.00", None)
    assert [answer["actual"] for answer in shares] == ["0.00", "-0.05", "0.00", "-0.05", "0.00", "0.03", "0.00", "0.03"]


@pytest.mark.parametrize(
    ("pilot", "renovated", "status"),
    [
        ({}, 40, "pass"),
        ({}, 39, "open"),
        ({"as_of": date(2025, 10, 31)}, 39, "open"),
        ({"as_of": OVER}, 39, "fail"),
        (COUNTY, 30, "pass"),
        (COUNTY, 29, "open"),
        (COUNTY | {"pilot_class": "county_2"}, 39, "open"),
        (COUNTY | {"pilot_class": "county_2"}, 40, "pass"),
    ],
)
def test_number_of_enterprises(pilot: dict[str, Any], renovated: int, status: str) -> None:
    answer = check("targets.enterprises", facts(selected=60, unknown_level=renovated), **pilot)
    assert (answer["actual"], answer["status"]) == (renovated, status)
    assert isinstance(answer["limit"], int)


@pytest.mark.parametrize(
    ("selected", "key_link", "as_of", "limit", "status"),
    [
        (40, 4, OVER, 4, "pass"),
        (40, 3, OVER, 4, "fail"),
        (41, 4, date(2024, 1, 1), 5, "open"),
        (41, 5, OVER, 5, "pass"),
        (0, 0, date(2025, 10, 31), 0, "open"),
        (0, 0, OVER, 0, "fail"),
    ],
)
def test_key_links(selected: int, key_link: int, as_of: date, limit: int, status: str) -> None:
    answer = check("targets.key_link_share", facts(selected=selected, key_link=key_link), as_of=as_of)
    assert (answer["limit"], answer["actual"], answer["status"]) == (limit, key_link, status)
    assert (answer["base"], answer["limit_share"]) == (None, "0.1000")
    assert answer["clause"] == "二(一)"


@pytest.mark.parametrize(
    ("counts", "as_of", "status"),
    [
        ({"at_level": 2}, OVER, "pass"),
        ({"at_level": 2, "unknown_level": 1}, date(2025, 10, 31), "open"),
        ({"at_level": 2, "unknown_level": 1}, OVER, "fail"),
        ({"at_level": 2, "below_level": 1}, date(2024, 1, 1), "fail"),
        ({}, date(2025, 10, 31), "open"),
        ({}, OVER, "fail"),
    ],
)
def test_levels(counts: dict[str, int], as_of: date, status: str) -> None:
    assert check("targets.levels", facts(selected=9, **counts), as_of=as_of)["status"] == status


@pytest.mark.parametrize(
    ("outcome", "place"),
    [
        (Outcome(True, True, 7), "at_level"),
        (Outcome(True, True, 6), "below_level"),
        (Outcome(False, True, 6), "at_level"),
        (Outcome(False, True, 5), "below_level"),
        (Outcome(False, True, None), "unknown_level"),
    ],
)
def test_level_outcomes(outcome: Outcome, place: str) -> None:
    assert getattr(counted(made.BOOK, [outcome, Outcome(False)]), place) == 1
    assert counted(made.BOOK, [outcome, Outcome(False)]).selected == 2


def test_answer_keeps_every_key_and_the_order_of_the_book() -> None:
    answer = render.to_json(judge(made.BOOK, made.pilot(), facts((100, 50))))
    assert list(answer) == ["book", "book_version", "pilot", "as_of", "verdict", "totals", "checks", "findings"]
    assert set(answer["pilot"]) == {
        "name", "type", "class", "award", "received", "batch", "approved_on", "as_of", "year1_end", "year2_end",
    }  # fmt: skip
    assert list(answer["totals"]["by_category"]) == ["renovation", "platform", "saas", "network", "training", "unknown"]
    assert [entry["code"] for entry in answer["checks"]] == [
        "award.cap", "received.tranche", "committed.total", "paid.total",
        *["share.renovation.floor"] * 4, *["share.other.ceiling"] * 4,
        "targets.enterprises", "targets.key_link_share", "targets.levels",
    ]  # fmt: skip
    assert [entry["base"] for entry in answer["checks"][4:12]] == ["award", "received", "committed", "paid"] * 2
    for entry in answer["checks"]:
        assert set(entry) == {
            "code", "clause", "base", "amount", "limit", "actual", "limit_share", "actual_share", "status", "message",
        }  # fmt: skip
    assert answer["verdict"] == "pass"  # an early warning of 100 % renovation is none, and open is no failure


def test_english_messages() -> None:
    answer = render.to_json(judge(made.BOOK, made.pilot(), facts((100, 50))), "en")
    assert answer["checks"][4]["message"].startswith("Renovation arranged 1.00 yuan / award 10,000,000.00 yuan = 0.00%")


def test_projection_adds_what_is_asked_and_nothing_else() -> None:
    before = facts((600, 100), selected=3)
    after = project(before, [Addition("saas", arranged=50), Addition("renovation", paid=20), Addition("saas", paid=5)])
    assert after.by_category == {"renovation": Sums(600, 120), "saas": Sums(50, 5), "unknown": Sums()}
    assert after.enterprises == before.enterprises
    assert before.by_category["saas"] == Sums()


def test_positions_take_the_larger_of_commitment_and_payment() -> None:
    positions = [Position("saas", 100, 60), Position("saas", 10, 60), Position("renovation", 0, -5)]
    assert sums_of(positions) == {"saas": Sums(160, 120), "renovation": Sums(0, -5)}
