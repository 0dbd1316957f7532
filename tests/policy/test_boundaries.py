"""Every check at the fen on either side of its limit, and every act that asks first: expected values stand by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.base import money
from marketplace.base.errors import ReasonNeeded, Refusal
from marketplace.policy.engine.change import Change, change
from marketplace.policy.engine.detect import derive
from marketplace.policy.engine.facts import Addition, Enterprises, Facts, Sums, project
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.refusal import refuse_change
from marketplace.policy.engine.render import check_row, to_json
from marketplace.policy.engine.rows import Kind, Row
from tests.policy import made

IN_YEAR1, AFTER_YEAR1, OVER = date(2024, 10, 31), date(2024, 11, 1), date(2025, 11, 1)
"""The last day of year 1 is inside it; the period is over on the day after its last."""
FLOOR, CEILING = "share.renovation.floor", "share.other.ceiling"


def fen(text: str) -> int:
    return money.parse(text) if text != "0" else 0


@dataclass(frozen=True)
class Case:
    """What one check must answer. Money is yuan as people write it: arranged and paid for renovation and for platform.

    A national zone of ten million with half of it received, unless `pilot` says otherwise.
    """

    check: str
    base: str | None
    status: str
    limit: str | int
    actual: str | int
    share: str | None = None
    renovation: tuple[str, str] = ("0", "0")
    other: tuple[str, str] = ("0", "0")
    as_of: date = IN_YEAR1
    counts: Enterprises = Enterprises()
    pilot: tuple[tuple[str, Any], ...] = ()


def award(amount: str, **more: Any) -> tuple[tuple[str, Any], ...]:
    return (("award", fen(amount)), *more.items())


def received(amount: str) -> tuple[tuple[str, Any], ...]:
    return (("received", fen(amount)),)


PROVINCIAL = (("pilot_class", "provincial_zone"),)
COUNTY = (("type", "county"), ("pilot_class", "county_3"), ("award", 800_000_000))

CASES = [
    # 四(一): the cap of a class
    Case("award.cap", None, "pass", "10000000.00", "9999999.99", pilot=award("9999999.99")),
    Case("award.cap", None, "pass", "10000000.00", "10000000.00", pilot=award("10000000.00")),
    Case("award.cap", None, "fail", "10000000.00", "10000000.01", pilot=award("10000000.01")),
    Case("award.cap", None, "pass", "8000000.00", "8000000.00", pilot=award("8000000.00") + PROVINCIAL),
    Case("award.cap", None, "fail", "8000000.00", "8000000.01", pilot=award("8000000.01") + PROVINCIAL),
    # 四(一): half of it until year 1 has ended
    Case("received.tranche", None, "pass", "5000000.00", "4999999.99", pilot=received("4999999.99")),
    Case("received.tranche", None, "pass", "5000000.00", "5000000.00", pilot=received("5000000.00")),
    Case("received.tranche", None, "fail", "5000000.00", "5000000.01", pilot=received("5000000.01")),
    Case("received.tranche", None, "pass", "10000000.00", "5000000.01", as_of=AFTER_YEAR1, pilot=received("5000000.01")),
    Case("received.tranche", None, "pass", "10000000.00", "10000000.00", as_of=AFTER_YEAR1, pilot=received("10000000.00")),
    Case("received.tranche", None, "fail", "10000000.00", "10000000.01", as_of=AFTER_YEAR1, pilot=received("10000000.01")),
    # 四(一): no more than there is
    Case("committed.total", None, "pass", "10000000.00", "9999999.99", renovation=("9999999.99", "0")),
    Case("committed.total", None, "pass", "10000000.00", "10000000.00", renovation=("7000000.00", "0"), other=("3000000.00", "0")),
    Case("committed.total", None, "fail", "10000000.00", "10000000.01", renovation=("10000000.01", "0")),
    Case("paid.total", None, "pass", "5000000.00", "4999999.99", renovation=("4999999.99", "4999999.99")),
    Case("paid.total", None, "pass", "5000000.00", "5000000.00", renovation=("5000000.00", "5000000.00")),
    Case("paid.total", None, "fail", "5000000.00", "5000000.01", renovation=("5000000.01", "5000000.01")),
    # 四(二): at least 70 % of the award for renovation; open while what is left can still reach it
    Case(FLOOR, "award", "open", "7000000.00", "6999999.99", "0.6999", renovation=("6999999.99", "0")),
    Case(FLOOR, "award", "pass", "7000000.00", "7000000.00", "0.7000", renovation=("7000000.00", "0")),
    Case(FLOOR, "award", "pass", "7000000.00", "7000000.01", "0.7000", renovation=("7000000.01", "0")),
    Case(FLOOR, "award", "open", "7000000.00", "0.00", "0.0000", other=("2999999.99", "0")),
    Case(FLOOR, "award", "open", "7000000.00", "0.00", "0.0000", other=("3000000.00", "0")),
    Case(FLOOR, "award", "fail", "7000000.00", "0.00", "0.0000", other=("3000000.01", "0")),
    Case(FLOOR, "award", "fail", "7000000.00", "6999999.99", "0.6999", renovation=("6999999.99", "0"), as_of=OVER),
    Case(FLOOR, "award", "pass", "7000000.00", "7000000.00", "0.7000", renovation=("7000000.00", "0"), as_of=OVER),
    Case(FLOOR, "award", "open", "6400000.00", "6399999.99", "0.7999", renovation=("6399999.99", "0"), pilot=COUNTY),
    Case(FLOOR, "award", "pass", "6400000.00", "6400000.00", "0.8000", renovation=("6400000.00", "0"), pilot=COUNTY),
    Case(FLOOR, "award", "fail", "6400000.00", "0.00", "0.0000", other=("1600000.01", "0"), pilot=COUNTY),
    Case(FLOOR, "received", "open", "3500000.00", "3499999.99", "0.6999", renovation=("0", "3499999.99")),
    Case(FLOOR, "received", "pass", "3500000.00", "3500000.00", "0.7000", renovation=("0", "3500000.00")),
    Case(FLOOR, "received", "pass", "3500000.00", "3500000.01", "0.7000", renovation=("0", "3500000.01")),
    Case(FLOOR, "received", "open", "3500000.00", "0.00", "0.0000", other=("0", "1500000.00")),
    Case(FLOOR, "received", "warn", "3500000.00", "0.00", "0.0000", other=("0", "1500000.01")),
    Case(FLOOR, "received", "warn", "3500000.00", "3499999.99", "0.6999", renovation=("0", "3499999.99"), as_of=OVER),
    Case(FLOOR, "committed", "open", "0.00", "0.00", None),
    Case(FLOOR, "committed", "pass", "6999999.98", "6999999.99", "0.7000", renovation=("6999999.99", "0"), other=("2999999.98", "0")),
    Case(FLOOR, "committed", "pass", "7000000.00", "7000000.00", "0.7000", renovation=("7000000.00", "0"), other=("3000000.00", "0")),
    Case(FLOOR, "committed", "warn", "7000000.01", "7000000.00", "0.6999", renovation=("7000000.00", "0"), other=("3000000.01", "0")),
    Case(FLOOR, "paid", "open", "0.00", "0.00", None),
    Case(FLOOR, "paid", "pass", "3500000.00", "3500000.00", "0.7000", renovation=("0", "3500000.00"), other=("0", "1500000.00")),
    Case(FLOOR, "paid", "warn", "3500000.00", "3499999.99", "0.6999", renovation=("0", "3499999.99"), other=("0", "1500000.00")),
    # 四(二): at most 30 % for all other uses
    Case(CEILING, "award", "pass", "3000000.00", "2999999.99", "0.2999", other=("2999999.99", "0")),
    Case(CEILING, "award", "pass", "3000000.00", "3000000.00", "0.3000", other=("3000000.00", "0")),
    Case(CEILING, "award", "fail", "3000000.00", "3000000.01", "0.3000", other=("3000000.01", "0")),
    Case(CEILING, "award", "pass", "1600000.00", "1600000.00", "0.2000", other=("1600000.00", "0"), pilot=COUNTY),
    Case(CEILING, "award", "fail", "1600000.00", "1600000.01", "0.2000", other=("1600000.01", "0"), pilot=COUNTY),
    Case(CEILING, "award", "open", "0.00", "0.00", None, pilot=(("award", 0), ("received", 0))),
    Case(CEILING, "received", "pass", "1500000.00", "1499999.99", "0.2999", other=("0", "1499999.99")),
    Case(CEILING, "received", "pass", "1500000.00", "1500000.00", "0.3000", other=("0", "1500000.00")),
    Case(CEILING, "received", "warn", "1500000.00", "1500000.01", "0.3000", other=("0", "1500000.01")),
    Case(CEILING, "received", "open", "0.00", "0.00", None, pilot=received("0")),
    Case(CEILING, "committed", "open", "0.00", "0.00", None),
    Case(CEILING, "committed", "pass", "3000000.00", "2999999.99", "0.2999", renovation=("7000000.01", "0"), other=("2999999.99", "0")),
    Case(CEILING, "committed", "pass", "3000000.00", "3000000.00", "0.3000", renovation=("7000000.00", "0"), other=("3000000.00", "0")),
    Case(CEILING, "committed", "warn", "3000000.00", "3000000.01", "0.3000", renovation=("6999999.99", "0"), other=("3000000.01", "0")),
    Case(CEILING, "paid", "open", "0.00", "0.00", None),
    Case(CEILING, "paid", "pass", "1500000.00", "1500000.00", "0.3000", renovation=("0", "3500000.00"), other=("0", "1500000.00")),
    Case(CEILING, "paid", "warn", "1500000.00", "1500000.01", "0.3000", renovation=("0", "3499999.99"), other=("0", "1500000.01")),
    # 二(二), 二(一): what is counted
    Case("targets.enterprises", None, "open", 40, 39, counts=Enterprises(39, 0, 39)),
    Case("targets.enterprises", None, "pass", 40, 40, counts=Enterprises(40, 0, 40)),
    Case("targets.enterprises", None, "open", 40, 39, counts=Enterprises(39, 0, 39), as_of=date(2025, 10, 31)),
    Case("targets.enterprises", None, "fail", 40, 39, counts=Enterprises(39, 0, 39), as_of=OVER),
    Case("targets.enterprises", None, "pass", 30, 30, counts=Enterprises(30, 0, 30), pilot=COUNTY),
    Case("targets.key_link_share", None, "open", 4, 3, "0.0750", counts=Enterprises(40, 3)),
    Case("targets.key_link_share", None, "pass", 4, 4, "0.1000", counts=Enterprises(40, 4)),
    Case("targets.key_link_share", None, "open", 5, 4, "0.0975", counts=Enterprises(41, 4)),
    Case("targets.key_link_share", None, "fail", 5, 4, "0.0975", counts=Enterprises(41, 4), as_of=OVER),
    Case("targets.key_link_share", None, "open", 0, 0, None),
    Case("targets.levels", None, "open", 0, 0),
    Case("targets.levels", None, "pass", 2, 2, counts=Enterprises(2, 0, 2)),
    Case("targets.levels", None, "open", 2, 1, counts=Enterprises(2, 0, 1, 0, 1)),
    Case("targets.levels", None, "fail", 2, 1, counts=Enterprises(2, 0, 1, 1)),
    Case("targets.levels", None, "fail", 2, 1, counts=Enterprises(2, 0, 1, 0, 1), as_of=OVER),
]  # fmt: skip


def answer(case: Case) -> dict[str, Any]:
    """What the engine says to a case."""
    pilot = made.pilot(**{"as_of": case.as_of} | dict(case.pilot))
    by_category = {
        "renovation": Sums(*(fen(text) for text in case.renovation)),
        "platform": Sums(*(fen(text) for text in case.other)),
    }
    verdict = judge(made.BOOK, pilot, Facts(by_category=by_category, enterprises=case.counts))
    [found] = [row for row in map(check_row, verdict.checks) if (row["code"], row["base"]) == (case.check, case.base)]
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.check}-{c.base}-{c.actual}-{c.status}-{CASES.index(c)}")
def test_the_fen_on_either_side(case: Case) -> None:
    found = answer(case)
    assert (found["status"], found["limit"], found["actual"]) == (case.status, case.limit, case.actual)
    assert found["actual_share"] == case.share
    assert found["clause"] in {"四(一)", "四(二)", "二(一)", "二(二)"}


MAY_BE: dict[tuple[str, str | None], set[str]] = {
    ("award.cap", None): {"pass", "fail"},
    ("received.tranche", None): {"pass", "fail"},
    ("committed.total", None): {"pass", "fail"},
    ("paid.total", None): {"pass", "fail"},
    (FLOOR, "award"): {"pass", "open", "fail"},
    (FLOOR, "received"): {"pass", "open", "warn"},
    (FLOOR, "committed"): {"pass", "open", "warn"},
    (FLOOR, "paid"): {"pass", "open", "warn"},
    (CEILING, "award"): {"pass", "open", "fail"},
    (CEILING, "received"): {"pass", "open", "warn"},
    (CEILING, "committed"): {"pass", "open", "warn"},
    (CEILING, "paid"): {"pass", "open", "warn"},
    ("targets.enterprises", None): {"pass", "open", "fail"},
    ("targets.key_link_share", None): {"pass", "open", "fail"},
    ("targets.levels", None): {"pass", "open", "fail"},
}
"""What the rules allow each check to answer, in the order of the answer: early warnings never fail, limits never warn."""


def test_the_table_reaches_every_status_of_every_check() -> None:
    reached: dict[tuple[str, str | None], set[str]] = {}
    for case in CASES:
        reached.setdefault((case.check, case.base), set()).add(answer(case)["status"])
    assert reached == MAY_BE


def test_the_table_knows_every_check_of_the_book() -> None:
    checks = judge(made.BOOK, made.pilot(), Facts()).checks
    assert [(check.code, check.base) for check in checks] == list(MAY_BE)


# ---------------------------------------------------------------- acts that ask first

PLATFORM, RENOVATION = "platform", "renovation"


@dataclass(frozen=True)
class Asked:
    """An act of so many yuan in a category, on what is arranged and paid already, and what it must answer.

    `refused` are codes of what it would break, `warned` the bases of what it must explain; the gates of issuing,
    ordering and contracts add what is arranged, that of payments what is paid.
    """

    act: str
    category: str
    amount: str
    refused: tuple[str, ...] = ()
    warned: tuple[tuple[str, str], ...] = ()
    arranged: tuple[str, str] = ("0", "0")
    paid: tuple[str, str] = ("0", "0")


FULL = ("6000000.00", "2000000.00")
"""Renovation and platform so far: a million of either is left below ceiling and award."""
W = ((FLOOR, "committed"), (CEILING, "committed"))

ASKED = [
    *(
        asked
        for act in ("issue", "order", "contract")
        for asked in (
            Asked(act, PLATFORM, "571428.57", (), (), FULL),  # 2571428.57 of 8571428.57 is below 30 % by a fraction
            Asked(act, PLATFORM, "571428.58", (), W, FULL),
            Asked(act, PLATFORM, "999999.99", (), W, FULL),
            Asked(act, PLATFORM, "1000000.00", (), W, FULL),
            Asked(act, PLATFORM, "1000000.01", (FLOOR, CEILING), W, FULL),
            Asked(act, RENOVATION, "1999999.99", (), (), FULL),
            Asked(act, RENOVATION, "2000000.00", (), (), FULL),
            Asked(act, RENOVATION, "2000000.01", ("committed.total",), (), FULL),
            Asked(act, "welfare", "0.01", ("use.prohibited",), (), FULL),
            Asked(act, "services", "0.01", ("category.not_for_pilot_type",), (), FULL),
            Asked(act, "nonsense", "0.01", ("category.unknown",), (), FULL),
        )
    ),
    # the ceiling of the money received: 1,500,000.00 of five million; of the money paid: 30 %
    Asked("payment", PLATFORM, "499999.99", (), (), FULL, ("3500000.00", "1000000.00")),
    Asked("payment", PLATFORM, "500000.00", (), (), FULL, ("3500000.00", "1000000.00")),
    Asked(
        "payment", PLATFORM, "500000.01", ("paid.total",),
        ((FLOOR, "paid"), (CEILING, "received"), (CEILING, "paid")),
        FULL, ("3500000.00", "1000000.00"),
    ),
    Asked("payment", PLATFORM, "428571.42", (), (), FULL, ("1000000.00", "0")),
    Asked("payment", PLATFORM, "428571.43", (), ((FLOOR, "paid"), (CEILING, "paid")), FULL, ("1000000.00", "0")),
    Asked("payment", RENOVATION, "999999.99", (), (), FULL, ("4000000.00", "0")),
    Asked("payment", RENOVATION, "1000000.00", (), (), FULL, ("4000000.00", "0")),
    Asked("payment", RENOVATION, "1000000.01", ("paid.total",), (), FULL, ("4000000.00", "0")),
]  # fmt: skip


def foreseen(asked: Asked) -> Change:
    facts = Facts(
        by_category={
            RENOVATION: Sums(fen(asked.arranged[0]), fen(asked.paid[0])),
            PLATFORM: Sums(fen(asked.arranged[1]), fen(asked.paid[1])),
        }
    )
    name = "paid" if asked.act == "payment" else "arranged"
    return change(made.BOOK, made.pilot(), facts, [Addition(asked.category, **{name: fen(asked.amount)})])


@pytest.mark.parametrize("asked", ASKED, ids=lambda a: f"{a.act}-{a.category}-{a.amount}-{ASKED.index(a)}")
def test_an_act_at_the_fen_on_either_side(asked: Asked) -> None:
    found = foreseen(asked)
    broken = [finding.code for finding in found.uses] + [check.code for check in found.broken]
    if not found.uses:
        assert tuple((turn.after.code, turn.after.base) for turn in found.warnings) == asked.warned
    assert tuple(broken[: len(asked.refused)]) == asked.refused
    assert bool(broken) == bool(asked.refused)
    if asked.refused:
        with pytest.raises(Refusal) as refused:
            refuse_change(found, reason="有理由也不行")
        assert refused.value.code == asked.refused[0]
        assert refused.value.clause in {"四(一)", "四(二)"}
    elif asked.warned:
        with pytest.raises(ReasonNeeded) as needed:
            refuse_change(found, reason=" ")
        assert [(w["code"], w["base"]) for w in needed.value.warnings] == list(asked.warned)
        refuse_change(found, reason="本月先建平台")
    else:
        refuse_change(found, reason="")


def test_a_refusal_shows_base_limit_actual_and_the_arithmetic() -> None:
    asked = Asked("issue", PLATFORM, "1000000.01", arranged=FULL)
    with pytest.raises(Refusal) as refused:
        refuse_change(foreseen(asked), reason="", field="face")
    values = refused.value.text.values
    assert (refused.value.code, refused.value.clause, refused.value.field) == (FLOOR, "四(二)", "face")
    assert (values["base"], values["amount"], values["limit"]) == ("award", "10000000.00", "7000000.00")
    assert "3,000,000.01 元 ÷ 奖补资金总额 10,000,000.00 元 = 30.00%" in str(refused.value.text)


def test_what_failed_before_stops_only_what_makes_it_worse() -> None:
    before = Facts(by_category={PLATFORM: Sums(fen("3000000.01"), 0), RENOVATION: Sums(fen("1000000.00"), 0)})

    def broken(category: str, **amounts: int) -> list[str]:
        found = change(made.BOOK, made.pilot(), before, [Addition(category, **amounts)])
        return [check.code for check in found.broken]

    assert broken(PLATFORM, arranged=1) == [FLOOR, CEILING]
    assert broken(RENOVATION, arranged=1) == []
    assert broken(PLATFORM, paid=1) == []
    assert broken(PLATFORM, arranged=-1) == [], "giving a fen back heals it"


def test_a_warning_that_grows_no_worse_asks_for_nothing() -> None:
    before = Facts(by_category={PLATFORM: Sums(fen("2000000.00"), 0), RENOVATION: Sums(fen("1000000.00"), 0)})

    def warned(category: str) -> list[str | None]:
        found = change(made.BOOK, made.pilot(), before, [Addition(category, arranged=100)])
        return [turn.after.base for turn in found.warnings]

    assert warned(PLATFORM) == ["committed", "committed"]
    assert warned(RENOVATION) == []


# ---------------------------------------------------------------- whatever the rows are

amounts = st.integers(min_value=1, max_value=300_000_000)
rows = st.lists(
    st.builds(
        lambda kind, category, contract, amount, who, day, accepted, level: made.row(
            kind=kind,
            category=category,
            contract=contract,
            amount=amount,
            enterprise=made.GOOD[who],
            provider=made.GOOD[(who + 1) % 3],
            day=date(2024, 1, 1) + timedelta(days=day),
            accepted=None if accepted is None else date(2024, 2, 1) + timedelta(days=accepted),
            level=level,
        ),
        st.sampled_from(list(Kind)),
        st.sampled_from(["renovation", "platform", "saas", "welfare", "services", "???"]),
        st.sampled_from(["", "HT-1", "HT-2"]),
        amounts,
        st.integers(min_value=0, max_value=2),
        st.integers(min_value=0, max_value=170),
        st.none() | st.integers(min_value=0, max_value=120),
        st.none() | st.integers(min_value=1, max_value=10),
    ),
    max_size=8,
)


def numbered(found: list[Row]) -> list[Row]:
    return [
        Row(**{name: getattr(row, name) for name in Row.__slots__} | {"number": n}) for n, row in enumerate(found, 2)
    ]


def told(found: list[Row]) -> dict[str, Any]:
    verdict = judge(made.BOOK, made.pilot(), derive(made.BOOK, made.pilot(), numbered(found)))
    said = to_json(verdict)
    return said | {"findings": sorted(finding["code"] for finding in said["findings"])}


@settings(max_examples=60, deadline=None)
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(found: list[Row], random: Any) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert told(shuffled) == told(found)


@settings(max_examples=60, deadline=None)
@given(rows, st.data())
def test_a_row_in_two_parts_changes_no_total_and_no_check(found: list[Row], data: Any) -> None:
    whole = [row for row in found if row.amount > 1]
    if not whole:
        return
    row = data.draw(st.sampled_from(whole))
    part = data.draw(st.integers(min_value=1, max_value=row.amount - 1))
    place = next(n for n, other in enumerate(found) if other is row)
    cells = {name: getattr(row, name) for name in Row.__slots__}
    halves = [Row(**cells | {"amount": part}), Row(**cells | {"amount": row.amount - part})]
    split = told([*found[:place], *halves, *found[place + 1 :]])
    before = told(found)
    assert split["checks"] == before["checks"]
    assert split["totals"] | {"rows": 0} == before["totals"] | {"rows": 0}


@settings(max_examples=60, deadline=None)
@given(rows, st.sampled_from(["renovation", "platform", "saas"]), amounts)
def test_a_projection_is_the_sheet_with_one_commitment_more(found: list[Row], category: str, amount: int) -> None:
    before = derive(made.BOOK, made.pilot(), numbered(found))
    more = made.row(category=category, contract="HT-9", amount=amount, enterprise="")
    after = derive(made.BOOK, made.pilot(), numbered([*found, more]))
    assert project(before, [Addition(category, arranged=amount)]).by_category == after.by_category
    foreseen_ = change(made.BOOK, made.pilot(), before, [Addition(category, arranged=amount)])
    judged = judge(made.BOOK, made.pilot(), after)
    money_checks = [check_row(check) for check in judged.checks if not check.counts]
    assert [check_row(check) for check in foreseen_.after.checks if not check.counts] == money_checks
