"""Two desks, two persons; cuts with line, reason and clause; largest remainder."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from marketplace.base.errors import Forbidden, Invalid, NotFound, Refusal
from marketplace.people.accounts.models import Person
from tests.support.payday import SUBSIDY, Payday, refused
from tests.support.people import make_actor
from vouchers.claims import actions, queries, rules
from vouchers.claims.models import ClaimReview
from vouchers.claims.rules import Cut
from vouchers.claims.states import CutCode, Decision, Step
from vouchers.invoices import actions as invoices
from vouchers.ledger.models.commitments import Commitment
from vouchers.ledger.models.payments import ClaimItem
from vouchers.ledger.states import ClaimState
from vouchers.settlement import actions as settlement


def test_the_pilot_office_reviews_then_the_city_decides(payday: Payday) -> None:
    filed = payday.claim(payday.claimable())
    with pytest.raises(Forbidden):
        payday.review(filed, actor=payday.town.city)
    reviewed = payday.review(filed)
    assert reviewed.claim.state is ClaimState.REVIEWED
    with pytest.raises(Forbidden):
        payday.review(filed)
    done = payday.review(filed, actor=payday.town.city)
    assert (done.claim.state, done.approved_fen) == (ClaimState.APPROVED, SUBSIDY)
    rows = payday.act(lambda ctx: ctx.session.scalars(select(ClaimReview).order_by(ClaimReview.id)).all())
    assert [(r.step, r.decision) for r in rows] == [(Step.PILOT, "approved"), (Step.CITY, "approved")]
    assert refused(lambda: payday.review(filed, actor=payday.town.city)).code == "state.not_allowed"


def test_one_person_is_not_both_reviewers_under_whatever_assignment(payday: Payday) -> None:
    person = payday.see(Person, payday.town.office.person_id)
    both, _ = make_actor(payday.town.act, "city", region=payday.town.pilot.city, person=person)
    filed = payday.claim(payday.claimable())
    payday.review(filed)
    fault = refused(lambda: payday.review(filed, actor=both))
    assert (fault.code, fault.clause) == ("claim.same_person", "四(二)")
    assert payday.act(lambda ctx: queries.get(ctx, filed.id), payday.town.city).claim.state is ClaimState.REVIEWED


def test_a_cut_goes_back_to_the_voucher_with_line_reason_and_clause(payday: Payday) -> None:
    filed = payday.claim(payday.claimable())
    cut = Cut(line=1, amount_fen=33_328, code=CutCode.EVIDENCE, reason="缺两份培训签到表")
    payday.review(filed, cuts=[cut])
    done = payday.review(filed, actor=payday.town.city, cuts=[cut])
    assert done.approved_fen == SUBSIDY - 33_328
    [item] = payday.act(lambda ctx: ctx.session.scalars(select(ClaimItem)).all())
    assert item.cut_reasons == [
        {"line": 1, "amount": 33_328, "code": "evidence", "clause": "二(五)", "reason": "缺两份培训签到表"}
    ]
    commitment = payday.see(Commitment, filed.claim.commitment_id)
    assert commitment.payable == SUBSIDY - 33_328
    assert commitment.available == commitment.face - commitment.payable


def test_a_line_outside_the_scheme_has_no_share_to_cut(payday: Payday) -> None:
    order = payday.claimable_of((1, 1))
    filed = payday.claim(order)
    shares = payday.act(lambda ctx: queries.shares(ctx, order, filed.asked_fen), payday.town.office)
    assert [(s.eligible, s.share_fen) for s in shares] == [(True, SUBSIDY), (False, 0)]
    cut = Cut(line=2, amount_fen=1, code=CutCode.NOT_ELIGIBLE, reason="硬件")
    fault = refused(lambda: payday.review(filed, cuts=[cut]))
    assert (fault.code, fault.clause) == ("claim.cut_above_line", "四(二)")


@pytest.mark.parametrize(
    ("cut", "code"),
    [
        (Cut(1, SUBSIDY + 1, CutCode.PRICE, "高价"), "claim.cut_above_line"),
        (Cut(2, 1, CutCode.PRICE, "高价"), "claim.cut_line"),
        (Cut(0, 1, CutCode.PRICE, "高价"), "claim.cut_line"),
        (Cut(1, 0, CutCode.PRICE, "高价"), "claim.cut_amount"),
        (Cut(1, 1, CutCode.PRICE, " "), "claim.cut_without_reason"),
        (Cut(1, SUBSIDY, CutCode.PRICE, "高价"), "claim.nothing_left"),
    ],
)
def test_cuts_that_do_not_hold_change_nothing(payday: Payday, cut: Cut, code: str) -> None:
    filed = payday.claim(payday.claimable())
    fault = refused(lambda: payday.review(filed, cuts=[cut]))
    assert fault.code == code
    assert payday.act(lambda ctx: queries.get(ctx, filed.id), payday.town.office).claim.state is ClaimState.SUBMITTED
    assert payday.act(lambda ctx: ctx.session.scalars(select(ClaimReview)).all()) == []


def test_a_no_needs_its_reason_and_takes_no_cuts(payday: Payday) -> None:
    filed = payday.claim(payday.claimable())
    with pytest.raises(Invalid) as fault:
        payday.review(filed, Decision.REJECTED)
    assert set(fault.value.errors) == {"reason"}
    cut = Cut(1, 5, CutCode.OTHER, "其他")
    fault2 = refused(lambda: payday.review(filed, Decision.REJECTED, reason="不符", cuts=[cut]))
    assert fault2.code == "claim.cut_without_approval"
    rejected = payday.review(filed, Decision.REJECTED, reason="不符")
    assert rejected.claim.state is ClaimState.REJECTED
    assert payday.see(Commitment, filed.claim.commitment_id).payable == SUBSIDY


def test_a_reviewer_agrees_only_while_the_papers_match(payday: Payday) -> None:
    order = payday.delivered()
    payday.accept(order)
    invoice = payday.invoice(order)
    filed = payday.claim(order)
    payday.review(filed)
    payday.act(lambda ctx: invoices.hold(ctx, invoice.id, reason="红字"), payday.town.city)
    fault = refused(lambda: payday.review(filed, actor=payday.town.city))
    assert fault.code == "match.invoice_held"
    payday.act(lambda ctx: invoices.release(ctx, invoice.id), payday.town.city)
    assert refused(lambda: payday.review(filed, actor=payday.town.city)).code == "match.invoice_unconfirmed"
    payday.act(lambda ctx: invoices.confirm(ctx, invoice.id), payday.town.enterprise)
    assert payday.review(filed, actor=payday.town.city).claim.state is ClaimState.APPROVED


def test_an_approval_is_revoked_while_no_batch_holds_it(payday: Payday) -> None:
    filed = payday.approved()
    batch = payday.batch(filed)
    take_back = lambda ctx: actions.revoke(ctx, filed.id, reason="复核发现重复支持")  # noqa: E731
    assert refused(lambda: payday.act(take_back, payday.town.city)).code == "claim.in_batch"
    payday.act(lambda ctx: settlement.cancel(ctx, batch.id), payday.maker)
    assert payday.act(take_back, payday.town.city).claim.state is ClaimState.REJECTED


amounts = st.integers(1, 10**9)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(asked=st.lists(amounts, min_size=1, max_size=6), cuts=st.lists(amounts, max_size=5))
def test_cuts_over_parts_add_up_and_leave_no_part_below_zero(asked: list[int], cuts: list[int]) -> None:
    total, kept = sum(asked), []
    for amount in cuts:
        if sum(kept) + amount <= total:
            kept.append(amount)
    made = [Cut(i + 1, amount, CutCode.OTHER, "理由") for i, amount in enumerate(kept)]
    found = rules.after_cuts(dict(enumerate(asked, 100)), made)
    assert sum(left for left, _ in found.values()) == total - sum(kept)
    for part, (left, reasons) in found.items():
        assert 0 <= left <= asked[part - 100]
        assert asked[part - 100] - left == sum(reason["amount"] for reason in reasons)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(amount=st.integers(0, 10**12), lines=st.lists(st.tuples(amounts, st.booleans()), min_size=1, max_size=8))
def test_shares_of_lines_add_up_to_the_claim(amount: int, lines: list[tuple[int, bool]]) -> None:
    parts = rules.apportion(amount, lines)
    assert sum(parts) == amount
    if any(eligible for _, eligible in lines):
        assert all(share == 0 for share, (_, eligible) in zip(parts, lines, strict=True) if not eligible)
    whole = sum(basis for basis, eligible in lines if eligible) or sum(basis for basis, _ in lines)
    for share, (basis, eligible) in zip(parts, lines, strict=True):
        if eligible or not any(e for _, e in lines):
            assert abs(share * whole - amount * basis) < whole


def test_a_stranger_finds_no_claim_to_review(payday: Payday) -> None:
    filed = payday.claim(payday.claimable())
    other: Any = make_actor(payday.town.act, "pilot")[0]
    with pytest.raises(NotFound):
        payday.review(filed, actor=other)
    with pytest.raises((Forbidden, Refusal)):
        payday.review(filed, actor=payday.town.provider)
