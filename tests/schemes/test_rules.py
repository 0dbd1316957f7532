"""The arithmetic of a subsidy against an oracle that knows only fractions, and its steps as they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.base.errors import Refusal
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders.events import CostLine
from vouchers.schemes import rules
from vouchers.schemes.states import Basis, OnShort

DAY = date(2031, 3, 12)


@dataclass
class Terms:
    basis: Basis = Basis.GROSS
    rate_bps: int = 4000
    cap_voucher_fen: int = 5_000_000
    cap_order_fen: int | None = None
    cap_enterprise_year_fen: int | None = None
    cap_provider_year_fen: int | None = None
    cost_types: tuple[str, ...] = ("software", "cloud")
    on_short: OnShort = OnShort.PARTIAL
    category: str = "renovation"


def gross(amount: int, kind: CostType = CostType.SOFTWARE, tax: int = 0) -> CostLine:
    return CostLine("x", kind, amount - tax, amount)


def compute(terms: Terms, *lines: CostLine, left: int = 10**12, used: int = 0, sold: int = 0) -> rules.Trace:
    return rules.compute(
        terms,
        lines,
        on=DAY,
        voucher_left_fen=left,
        enterprise_year_used_fen=used,
        provider_year_used_fen=sold,
    )


money = st.integers(min_value=0, max_value=10**11)
line = st.builds(
    lambda amount, share, kind: CostLine("x", kind, amount - amount * share // 100, amount),
    st.integers(min_value=1, max_value=10**10),
    st.integers(min_value=0, max_value=20),
    st.sampled_from(list(CostType)),
)
terms_ = st.builds(
    Terms,
    basis=st.sampled_from(list(Basis)),
    rate_bps=st.integers(min_value=1, max_value=10_000),
    cap_voucher_fen=st.integers(min_value=1, max_value=10**10),
    cap_order_fen=st.none() | st.integers(min_value=1, max_value=10**10),
    cap_enterprise_year_fen=st.none() | st.integers(min_value=1, max_value=10**10),
    cap_provider_year_fen=st.none() | st.integers(min_value=1, max_value=10**10),
    cost_types=st.sets(st.sampled_from([c.value for c in CostType]), min_size=1).map(tuple),
    on_short=st.sampled_from(list(OnShort)),
)


def oracle(terms: Terms, lines: list[CostLine], left: int, used: int, sold: int) -> tuple[Fraction, Fraction]:
    """(what the terms alone give, what may be given): exact fractions of a fen."""
    eligible = sum(
        Fraction(x.net_fen if terms.basis is Basis.NET else x.gross_fen)
        for x in lines
        if x.cost_type.value in terms.cost_types
    )
    wanted = min(Fraction(eligible) * Fraction(terms.rate_bps, 10_000), Fraction(terms.cap_voucher_fen))
    wanted = min(wanted, wanted if terms.cap_order_fen is None else Fraction(terms.cap_order_fen))
    limits = [Fraction(left)]
    if terms.cap_provider_year_fen is not None:
        limits.append(Fraction(max(0, terms.cap_provider_year_fen - sold)))
    if terms.cap_enterprise_year_fen is not None:
        limits.append(Fraction(max(0, terms.cap_enterprise_year_fen - used)))
    return wanted, min([wanted, *limits])


@given(terms_, st.lists(line, min_size=1, max_size=6), money, money, money)
def test_the_amount_is_the_oracles_cut_to_the_fen(
    terms: Terms, lines: list[CostLine], left: int, used: int, sold: int
) -> None:
    wanted, given_ = oracle(terms, lines, left, used, sold)
    try:
        trace = compute(terms, *lines, left=left, used=used, sold=sold)
    except Refusal as refusal:
        assert refusal.clause == "四(二)"
        if refusal.code == "subsidy.nothing_eligible":
            assert floor(wanted) == 0
        else:
            assert floor(given_) < floor(wanted)
            assert terms.on_short is OnShort.REFUSE or floor(given_) == 0
        return
    assert trace.amount_fen == floor(given_) > 0
    assert trace.short_of_fen == floor(wanted) - floor(given_)
    assert terms.on_short is OnShort.PARTIAL or trace.short_of_fen == 0
    assert (trace.steps[-1].code, trace.steps[-1].after_fen) == ("result", trace.amount_fen)


@given(terms_, st.lists(line, min_size=1, max_size=6))
def test_the_order_of_lines_changes_nothing(terms: Terms, lines: list[CostLine]) -> None:
    try:
        amount = compute(terms, *lines).amount_fen
    except Refusal:
        return
    assert compute(terms, *reversed(lines)).amount_fen == amount


def test_rounding_is_down_and_once() -> None:
    third = Terms(rate_bps=3333)
    assert compute(third, gross(100)).amount_fen == 33
    assert compute(third, gross(50), gross(50)).amount_fen == 33, "rounded line by line it would be 32"
    assert compute(Terms(rate_bps=9999), gross(10_000), gross(1)).amount_fen == 9999


def test_net_and_gross() -> None:
    contract = gross(1_130_000, tax=130_000)
    assert compute(Terms(basis=Basis.GROSS), contract).amount_fen == 452_000
    assert compute(Terms(basis=Basis.NET), contract).amount_fen == 400_000


def test_only_eligible_kinds_of_cost_count() -> None:
    trace = compute(Terms(), gross(100_000), gross(70_000, CostType.HARDWARE), gross(30_000, CostType.CLOUD))
    assert trace.amount_fen == 52_000
    costs = [(s.code, s.before_fen, s.after_fen) for s in trace.steps if s.step == "costs"]
    assert costs == [("software", 200_000, 200_000), ("hardware", 200_000, 130_000), ("cloud", 130_000, 130_000)]
    with pytest.raises(Refusal) as fault:
        compute(Terms(), gross(100, CostType.HARDWARE))
    assert (fault.value.code, fault.value.clause) == ("subsidy.nothing_eligible", "四(二)")


@pytest.mark.parametrize(("left", "amount"), [(40_001, 40_000), (40_000, 40_000), (39_999, 39_999), (1, 1), (0, None)])
def test_a_short_voucher_gives_what_it_has(left: int, amount: int | None) -> None:
    if amount is None:
        with pytest.raises(Refusal) as fault:
            compute(Terms(), gross(100_000), left=left)
        assert fault.value.code == "voucher.too_small"
        return
    trace = compute(Terms(), gross(100_000), left=left)
    assert (trace.amount_fen, trace.short_of_fen) == (amount, 40_000 - amount)


@pytest.mark.parametrize(("left", "refused"), [(40_001, False), (40_000, False), (39_999, True), (0, True)])
def test_a_short_voucher_is_refused_where_the_scheme_says_so(left: int, refused: bool) -> None:
    terms = Terms(on_short=OnShort.REFUSE)
    if not refused:
        assert compute(terms, gross(100_000), left=left).amount_fen == 40_000
        return
    with pytest.raises(Refusal) as fault:
        compute(terms, gross(100_000), left=left)
    assert (fault.value.code, fault.value.clause, fault.value.field) == ("voucher.too_small", "四(二)", "voucher_id")


@pytest.mark.parametrize(("used", "amount"), [(59_999, 40_000), (60_000, 40_000), (60_001, 39_999), (99_999, 1)])
def test_the_yearly_quota(used: int, amount: int) -> None:
    terms = Terms(cap_enterprise_year_fen=100_000)
    assert compute(terms, gross(100_000), used=used).amount_fen == amount
    strict = Terms(cap_enterprise_year_fen=100_000, on_short=OnShort.REFUSE)
    if amount == 40_000:
        assert compute(strict, gross(100_000), used=used).amount_fen == amount
        return
    with pytest.raises(Refusal) as fault:
        compute(strict, gross(100_000), used=used)
    assert fault.value.code == "quota.enterprise_year"


@pytest.mark.parametrize(("sold", "amount"), [(59_999, 40_000), (60_000, 40_000), (60_001, 39_999), (99_999, 1)])
def test_the_providers_yearly_quota(sold: int, amount: int) -> None:
    assert compute(Terms(cap_provider_year_fen=100_000), gross(100_000), sold=sold, used=10**9).amount_fen == amount
    strict = Terms(cap_provider_year_fen=100_000, on_short=OnShort.REFUSE)
    if amount == 40_000:
        assert compute(strict, gross(100_000), sold=sold).amount_fen == amount
        return
    with pytest.raises(Refusal) as fault:
        compute(strict, gross(100_000), sold=sold)
    assert fault.value.code == "quota.provider_year"


@pytest.mark.parametrize(("cap", "amount"), [(40_001, 40_000), (40_000, 40_000), (39_999, 39_999), (1, 1)])
def test_the_cap_of_one_order_is_no_shortage(cap: int, amount: int) -> None:
    trace = compute(Terms(cap_order_fen=cap, on_short=OnShort.REFUSE), gross(100_000))
    assert (trace.amount_fen, trace.short_of_fen) == (amount, 0)


@pytest.mark.parametrize("used", [100_000, 100_001, 10**9])
def test_a_used_up_year_gives_nothing(used: int) -> None:
    with pytest.raises(Refusal) as fault:
        compute(Terms(cap_enterprise_year_fen=100_000), gross(100_000), used=used)
    assert fault.value.code == "quota.enterprise_year"


@pytest.mark.parametrize(
    ("amount", "given_"), [(12_499_999, 4_999_999), (12_500_000, 5_000_000), (12_500_003, 5_000_000)]
)
def test_the_cap_of_one_voucher(amount: int, given_: int) -> None:
    trace = compute(Terms(), gross(amount))
    assert (trace.amount_fen, trace.short_of_fen) == (given_, 0), "a cap of the terms is no shortage"


def test_every_step_is_told() -> None:
    trace = compute(Terms(cap_enterprise_year_fen=9_000_000), gross(10_000_000), left=3_000_000, used=0)
    assert [(s.code, s.before_fen, s.after_fen) for s in trace.steps] == [
        ("start", 10_000_000, 10_000_000),
        ("software", 10_000_000, 10_000_000),
        ("rate", 10_000_000, 10_000_000),
        ("rate", 10_000_000, 4_000_000),
        ("cap_voucher", 4_000_000, 4_000_000),
        ("cap_enterprise_year", 4_000_000, 4_000_000),
        ("voucher_left", 4_000_000, 3_000_000),
        ("result", 3_000_000, 3_000_000),
    ]
    told = [str(rules.explain(line["values"])) for line in trace.kept]
    assert told[2] == "补贴比例：100,000.00 元 × 40.00% = 40,000.00 元。"
    assert told[6] == "券面余额：30,000.00 元 − 已补 0.00 元 = 30,000.00 元；40,000.00 元 > 余额。"
    assert all(rules.explain(line["values"]).en for line in trace.kept)


def test_terms_are_rules_like_a_books() -> None:
    found = rules.terms_as_rules(Terms(cap_enterprise_year_fen=9_000_000), voucher_left_fen=1)
    assert found.order == ("costs", "rate", "caps")
    assert list(found.caps) == ["cap_voucher", "cap_enterprise_year", "voucher_left"]
    assert set(found.costs) == {kind.value for kind in CostType}
    assert [cost.code for cost in found.costs.values() if cost.counts == "full"] == ["software", "cloud"]


@pytest.mark.parametrize(("bps", "text"), [(4000, "40"), (1250, "12.5"), (1, "0.01"), (10_000, "100"), (3333, "33.33")])
def test_shares_as_people_write_them(bps: int, text: str) -> None:
    assert rules.percent(bps) == text


def test_the_hint_takes_the_best_offer_that_fits() -> None:
    offers = [
        ("county", Terms(rate_bps=3000)),
        ("county", Terms(rate_bps=5000, cap_voucher_fen=2_000)),
        ("zone", Terms(rate_bps=9000)),
        ("county", Terms(rate_bps=9000, category="saas")),
        ("county", Terms(rate_bps=9000, cost_types=("hardware",))),
    ]
    fits = {"county": "renovation"}
    assert rules.lowest_after(10_000, CostType.SOFTWARE, fits, offers, DAY) == 7_000
    assert rules.lowest_after(10_000, CostType.SERVICE, fits, offers, DAY) is None
    assert rules.lowest_after(1, CostType.SOFTWARE, fits, offers, DAY) is None
