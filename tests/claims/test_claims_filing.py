"""Claiming what was redeemed: every refusal with its code and clause, and nothing changed by it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.base.clock import SetClock
from marketplace.base.errors import Forbidden, Invalid, NotFound
from marketplace.base.workdays import add_workdays
from marketplace.policy.findings.detectors import DETECTORS
from marketplace.policy.findings.models import Finding
from marketplace.record.notices.models import Notice
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import Mode, OrderState
from marketplace.shop.roster.models import RosterEntry
from marketplace.shop.roster.states import RosterState
from tests.support.payday import STATEMENT, SUBSIDY, Payday, build_payday, refused
from tests.support.people import OTHER_CITY, make_actor, sign_in
from vouchers.claims import actions, queries
from vouchers.claims.models import ClaimForm, ClaimPaper
from vouchers.claims.states import Decision
from vouchers.invoices import actions as invoices
from vouchers.ledger.actions import freezing
from vouchers.ledger.models.payments import Claim, ClaimItem
from vouchers.ledger.states import ClaimState


def claims_in(payday: Payday) -> int:
    return int(payday.act(lambda ctx: ctx.session.scalar(select(func.count(Claim.id)))))


def test_a_claim_pins_its_papers_and_starts_the_clock(payday: Payday) -> None:
    order = payday.claimable()
    filed = payday.claim(order)
    assert filed.asked_fen == SUBSIDY
    assert filed.claim.state is ClaimState.SUBMITTED
    assert filed.claim.payee_organisation_id == payday.town.provider.organisation_id
    assert filed.form.due_on == add_workdays(payday.today, 5).day
    assert filed.form.due_provisional, "2031 has no published holidays"
    papers = payday.act(lambda ctx: queries.pinned(ctx, filed.id, 1), payday.town.provider)
    assert sorted(p.kind for p in papers) == ["acceptance", "contract", "invoice", "order"]
    assert all(len(p.facts_sha256) == 64 for p in papers)
    assert {p.kind for p in papers if p.document_sha256} == {"contract", "invoice"}
    told = payday.act(lambda ctx: ctx.session.scalars(select(Notice.url).where(Notice.role == "pilot")).all())
    assert f"/claims/{filed.id}" in told


def test_each_gap_between_the_papers_refuses_the_claim_by_its_code(payday: Payday) -> None:
    order = payday.delivered()
    fault = refused(lambda: payday.claim(order))
    assert (fault.code, fault.clause) == ("match.not_accepted", "二(五)")
    payday.accept(order)
    fault = refused(lambda: payday.claim(order))
    assert (fault.code, fault.clause) == ("match.amount", "四(二)")
    assert {k: v.fen for k, v in fault.text.values.items()} == {"invoiced": 0, "contract": 1_680_000}
    invoice = payday.invoice(order, confirmed=False)
    assert refused(lambda: payday.claim(order)).code == "match.invoice_unconfirmed"
    payday.act(lambda ctx: invoices.hold(ctx, invoice.id, reason="红字"), payday.town.office)
    assert refused(lambda: payday.claim(order)).code == "match.invoice_held"
    payday.act(lambda ctx: invoices.withdraw(ctx, invoice.id, reason="重开"), payday.town.provider)
    payday.invoice(order, gross=1_000_000, tax=50_000)
    assert refused(lambda: payday.claim(order)).code == "match.amount"
    payday.invoice(order, gross=680_000, tax=46_680)
    assert claims_in(payday) == 0
    assert payday.claim(order).asked_fen == SUBSIDY


def test_a_redeemed_part_is_claimed_once(payday: Payday) -> None:
    order = payday.claimable()
    first = payday.claim(order)
    fault = refused(lambda: payday.claim(order))
    assert (fault.code, fault.clause) == ("claim.part_claimed", "四(二)")
    assert fault.text.values["number"] == first.form.number
    assert claims_in(payday) == 1
    payday.review(first, Decision.REJECTED, reason="材料不实")
    assert payday.claim(order).form.number != first.form.number


def test_an_unconfirmed_or_disputed_order_is_not_claimed(payday: Payday) -> None:
    order = payday.contracted()
    assert refused(lambda: payday.claim(order)).code == "claim.order_not_confirmed"
    done = payday.claimable()

    def dispute(ctx: Any) -> None:
        row = ctx.session.get_one(Order, done.id)
        row.state, row.disputed_in = OrderState.DISPUTED, OrderState.DELIVERED

    payday.act(dispute)
    fault = refused(lambda: payday.claim(done))
    assert (fault.code, fault.clause) == ("claim.order_disputed", "四(二)")
    assert claims_in(payday) == 0


def test_a_frozen_voucher_is_not_claimed(payday: Payday) -> None:
    order = payday.claimable()
    voucher_id = payday.see(Order, order.id).voucher_id
    payday.act(lambda ctx: freezing.freeze(ctx, voucher_id))
    assert refused(lambda: payday.claim(order)).code == "claim.voucher_frozen"
    assert claims_in(payday) == 0


def test_the_redeem_by_day_does_not_matter_after_redemption(payday: Payday, clock: SetClock) -> None:
    order = payday.claimable()
    clock.advance(days=366)
    assert payday.version.redeem_by < payday.today
    assert payday.claim(order).asked_fen == SUBSIDY


def test_the_form_needs_words_and_the_promise(payday: Payday) -> None:
    order = payday.claimable()
    with pytest.raises(Invalid) as fault:
        payday.claim(order, statement="  ", promise=False)
    assert set(fault.value.errors) == {"statement", "promise"}
    with pytest.raises(NotFound):
        payday.claim(order, proof_document_id=uuid.uuid4())
    assert claims_in(payday) == 0


def test_only_the_payee_claims_and_strangers_find_nothing(payday: Payday) -> None:
    order = payday.claimable()
    with pytest.raises(Forbidden):
        payday.claim(order, payday.town.enterprise)
    stranger, _ = make_actor(payday.town.act, "provider")
    with pytest.raises(NotFound):
        payday.claim(order, stranger)
    filed = payday.claim(order)
    far, _ = make_actor(payday.town.act, "city", region=OTHER_CITY)
    other_pilot, _ = make_actor(payday.town.act, "pilot")
    for actor in (stranger, far, other_pilot):
        with pytest.raises(NotFound):
            payday.act(lambda ctx: queries.get(ctx, filed.id), actor)
        with pytest.raises(NotFound):
            payday.review(filed, actor=actor)
        assert payday.act(lambda ctx: queries.listed(ctx).items, actor) == []
    for actor in (payday.town.enterprise, payday.town.provider, payday.town.office, payday.maker):
        assert payday.act(lambda ctx: queries.get(ctx, filed.id), actor).id == filed.id


def assert_in_words(payday: Payday, finding: Finding) -> None:
    """Each value of what was seen has its word, and each word a value."""
    known = {detector.code: detector for detector in payday.town.app.extensions["house"].all(DETECTORS)}
    assert set(known[finding.detector].evidence) == set(finding.evidence)


def test_a_suspended_provider_is_paid_for_finished_work_and_a_banned_one_shows_a_finding(payday: Payday) -> None:
    order = payday.claimable()
    second = payday.claimable()

    def suspend(ctx: Any) -> None:
        for row in ctx.session.scalars(select(RosterEntry)):
            row.state, row.state_reason, row.state_clause = RosterState.SUSPENDED, "投诉属实", "二(四)"

    payday.act(suspend)
    payday.claim(order)
    banned = select(Finding).where(Finding.detector == "claim.payee_banned")
    assert payday.act(lambda ctx: ctx.session.scalars(banned).all()) == []
    payday.ban(payday.town.provider.organisation_id)
    filed = payday.claim(second)
    [finding] = payday.act(lambda ctx: ctx.session.scalars(banned).all())
    assert (finding.severity, finding.clause, finding.subject_id) == ("warn", "二(四)", str(filed.id))
    assert_in_words(payday, finding)


def test_parties_that_seem_related_become_a_case_and_no_refusal(payday: Payday) -> None:
    """The firms of this town share a telephone."""
    filed = payday.claim(payday.claimable())
    [finding] = payday.act(lambda ctx: ctx.session.scalars(select(Finding)).all())
    assert (finding.detector, finding.clause, finding.subject_id) == ("claim.related_parties", "二(四)", str(filed.id))
    assert_in_words(payday, finding)
    page = sign_in(payday.town.app.test_client(), payday.persons["city"]).get(f"/findings/{finding.id}").text
    assert "<dt>关联情形</dt>" in page and "企业与服务商疑似关联" in page
    assert "relations" not in page and "claim.related_parties" not in page


def test_in_reimbursed_mode_the_enterprise_claims_with_proof_of_its_payment(app: Flask, clock: SetClock) -> None:
    payday = build_payday(app, clock, mode=Mode.REIMBURSED)
    order = payday.claimable()
    with pytest.raises(Forbidden):
        payday.claim(order)
    fault = refused(lambda: payday.claim(order, payday.town.enterprise))
    assert (fault.code, fault.clause) == ("claim.proof_missing", "四(二)")
    proof = payday.document(payday.town.enterprise, "payment_proof")
    filed = payday.claim(order, payday.town.enterprise, proof_document_id=proof)
    assert filed.claim.payee_organisation_id == payday.town.enterprise.organisation_id
    assert filed.claim.mode == "reimbursed"
    kinds = payday.act(lambda ctx: ctx.session.scalars(select(ClaimPaper.kind)).all())
    assert "proof" in kinds


def test_an_invoice_under_an_approved_claim_is_not_withdrawn(payday: Payday) -> None:
    order = payday.delivered()
    payday.accept(order)
    invoice = payday.invoice(order)
    payday.approved(order)
    payday.act(lambda ctx: invoices.hold(ctx, invoice.id, reason="存疑"), payday.town.office)
    fault = refused(
        lambda: payday.act(lambda ctx: invoices.withdraw(ctx, invoice.id, reason="错"), payday.town.provider)
    )
    assert fault.code == "invoice.bound_to_claim"
    held = select(Finding).where(Finding.detector == "claim.invoice_held")
    [finding] = payday.act(lambda ctx: ctx.session.scalars(held).all())
    assert (finding.severity, finding.clause, finding.evidence["reason"]) == ("fail", "四(二)", "存疑")
    assert_in_words(payday, finding)


def test_late_steps_are_told_once(payday: Payday, clock: SetClock) -> None:
    filed = payday.claim(payday.claimable())
    assert payday.act(actions.remind) == ""
    clock.set(clock.moment + timedelta(days=(filed.form.due_on - payday.today).days))
    assert payday.act(actions.remind) == "", "the last working day is not over"
    clock.advance(days=1)
    assert payday.act(actions.remind) == "1 late claims"
    assert payday.act(actions.remind) == ""
    late = payday.act(lambda ctx: queries.listed(ctx, overdue=True).items, payday.town.office)
    assert [f.id for f in late] == [filed.id]
    payday.review(filed)
    assert payday.see(ClaimForm, filed.id).due_on == add_workdays(payday.today, 5).day
    assert payday.act(lambda ctx: queries.listed(ctx, overdue=True).items, payday.town.office) == []


def test_a_returned_claim_is_corrected_on_the_same_form(payday: Payday) -> None:
    order = payday.claimable()
    filed = payday.claim(order)
    with pytest.raises(Invalid):
        payday.review(filed, Decision.RETURNED, reason="说明不清")
    fault = refused(lambda: payday.review(filed, Decision.RETURNED, reason="说明不清", notes={"number": "x"}))
    assert fault.code == "claim.note_field"
    back = payday.review(filed, Decision.RETURNED, reason="说明不清", notes={"statement": "请写明上线日期"})
    assert back.claim.state is ClaimState.RETURNED
    assert back.form.due_on is None
    assert refused(lambda: payday.review(filed)).code == "state.not_allowed"
    again = payday.act(
        lambda ctx: actions.correct(ctx, filed.id, statement="三月一日上线。", promise=True), payday.town.provider
    )
    assert (again.claim.state, again.form.round, again.form.statement) == (ClaimState.SUBMITTED, 2, "三月一日上线。")
    assert again.form.due_on == add_workdays(payday.today, 5).day
    assert len(payday.act(lambda ctx: queries.pinned(ctx, filed.id, 2), payday.town.provider)) == 4
    items = payday.act(lambda ctx: ctx.session.scalars(select(ClaimItem)).all())
    assert [(i.asked, i.live) for i in items] == [(SUBSIDY, True)]


def test_a_correction_compares_the_papers_anew(payday: Payday) -> None:
    order = payday.delivered()
    payday.accept(order)
    invoice = payday.invoice(order)
    filed = payday.claim(order)
    payday.review(filed, Decision.RETURNED, reason="发票有误", notes={"invoice": "请更换发票"})
    payday.act(lambda ctx: invoices.hold(ctx, invoice.id, reason="有误"), payday.town.office)
    correct = lambda ctx: actions.correct(ctx, filed.id, statement=STATEMENT, promise=True)  # noqa: E731
    assert refused(lambda: payday.act(correct, payday.town.provider)).code == "match.invoice_held"
    payday.act(lambda ctx: invoices.withdraw(ctx, invoice.id, reason="换票"), payday.town.provider)
    payday.invoice(order)
    assert payday.act(correct, payday.town.provider).form.round == 2


def test_a_returned_claim_may_be_given_up_and_made_again(payday: Payday) -> None:
    order = payday.claimable()
    filed = payday.claim(order)
    give_up = lambda ctx: actions.withdraw(ctx, filed.id, reason="重新整理材料")  # noqa: E731
    assert refused(lambda: payday.act(give_up, payday.town.provider)).code == "state.not_allowed"
    payday.review(filed, Decision.RETURNED, reason="不清", notes={"statement": "请补充"})
    assert payday.act(give_up, payday.town.provider).claim.state is ClaimState.REJECTED
    assert payday.claim(order).claim.state is ClaimState.SUBMITTED


def test_a_step_that_stays_late_goes_to_the_province_by_itself(payday: Payday, clock: SetClock) -> None:
    filed = payday.claim(payday.claimable())
    clock.set(clock.moment + timedelta(days=(filed.form.due_on - payday.today).days + 1))
    assert payday.act(actions.escalate) == "", "nobody has been reminded yet"
    payday.act(actions.remind)
    assert payday.act(actions.escalate) == ""
    last = add_workdays(filed.form.due_on, 5).day
    clock.set(clock.moment + timedelta(days=(last - payday.today).days))
    assert payday.act(actions.escalate) == "", "the fifth working day is not over"
    clock.set(clock.moment + timedelta(days=(add_workdays(last, 1).day - payday.today).days))
    assert payday.act(actions.escalate) == "1 claims told to the province"
    assert payday.act(actions.escalate) == ""
    overdue = select(Finding).where(Finding.detector == "claim.overdue")
    [finding] = payday.act(lambda ctx: ctx.session.scalars(overdue).all())
    assert (finding.severity, finding.owner_role) == ("warn", "province")
    assert_in_words(payday, finding)
    told = select(Notice.organisation_id, Notice.role).where(Notice.template.contains("已上报省级"))
    heard = set(payday.act(lambda ctx: ctx.session.execute(told).all()))
    assert heard == {(filed.form.payee_id, None), (None, "pilot"), (None, "city")}
    payday.review(filed)
    form = payday.see(ClaimForm, filed.id)
    assert (form.reminded_on, form.escalated_on) == (None, None), "the next desk has a clock of its own"
    clock.set(clock.moment + timedelta(days=60))
    payday.act(actions.remind)
    assert payday.act(actions.escalate) == "1 claims told to the province"
    assert len(payday.act(lambda ctx: ctx.session.scalars(overdue).all())) == 2
