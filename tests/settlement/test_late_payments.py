"""The bank refuses a payment and pays it after all: whatever was done meanwhile, nobody is paid twice."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.base.clock import SetClock
from marketplace.policy.findings.models import Finding
from tests.support.html import PageClient
from tests.support.payday import SUBSIDY, Payday, build_payday, refused, returned
from tests.support.people import post, sign_in
from vouchers.claims.models import ClaimForm
from vouchers.claims.queries import Filed
from vouchers.ledger.models.commitments import Entry
from vouchers.ledger.models.payments import Claim, PaymentBatch
from vouchers.ledger.states import BatchState, ClaimState
from vouchers.ledger.verify import verify
from vouchers.settlement import actions
from vouchers.settlement.models import LatePayment, PaymentFile


def refused_by_the_bank(payday: Payday) -> tuple[Filed, PaymentBatch, str]:
    """A claim whose payment the bank has refused, its batch and its end-to-end id."""
    claim = payday.approved()
    batch = payday.released(claim)
    [code] = payday.ids(batch)
    payday.load(batch, returned([(code, "失败", "", "系统超时", "")]))
    return claim, batch, code


def paid_after_all(payday: Payday, batch: PaymentBatch, code: str) -> None:
    payday.load(batch, returned([(code, "成功", "LATE-1", "", "")]))


def made_for_it(payday: Payday) -> PaymentBatch:
    found: PaymentBatch = payday.act(
        lambda ctx: ctx.session.scalars(
            select(PaymentBatch).join(LatePayment, LatePayment.batch_id == PaymentBatch.id)
        ).one()
    )
    return found


def settled(payday: Payday) -> int:
    return int(payday.act(lambda ctx: ctx.session.scalar(select(func.count(Entry.id)).where(Entry.kind == "settle"))))


def sound(payday: Payday) -> None:
    report = payday.act(lambda ctx: verify(ctx.session))
    assert report.sound, report.differences


def test_it_is_kept_from_a_second_payment_and_booked_by_another_person(payday: Payday) -> None:
    book(payday)


@pytest.mark.postgres
def test_the_same_on_postgresql(postgres_app: Any, clock: SetClock) -> None:
    book(build_payday(postgres_app, clock))


def book(payday: Payday) -> None:
    claim, batch, code = refused_by_the_bank(payday)
    paid_after_all(payday, batch, code)
    assert payday.fund().paid == 0, "nothing is booked on one person's word"
    assert refused(lambda: payday.batch(claim)).code == "batch.claim_taken"
    late = made_for_it(payday)
    assert (late.state, late.total, late.maker_id) == (BatchState.DRAFT, SUBSIDY, payday.checker.person_id)
    own = refused(lambda: payday.act(lambda ctx: actions.approve(ctx, late.id), payday.checker))
    assert own.code == "settlement.same_person"
    payday.act(lambda ctx: actions.approve(ctx, late.id), payday.maker)
    assert payday.see(PaymentBatch, late.id).state is BatchState.DONE
    assert payday.see(Claim, claim.id).state is ClaimState.PAID
    assert payday.see(ClaimForm, claim.id).paid_on == payday.today
    assert (payday.fund().paid, settled(payday)) == (SUBSIDY, 1)
    files = payday.act(lambda ctx: ctx.session.scalars(select(PaymentFile.kind).filter_by(batch_id=late.id)).all())
    assert not files, "nothing leaves a second time"
    payday.load(batch, returned([(code, "成功", "LATE-1", "", ""), (code, "成功", "LATE-1", "", "")]))
    assert (payday.fund().paid, settled(payday)) == (SUBSIDY, 1)
    sound(payday)


def test_a_draft_that_holds_it_lets_it_go(payday: Payday) -> None:
    claim, batch, code = refused_by_the_bank(payday)
    other = payday.approved()
    draft = payday.batch(claim, other)
    paid_after_all(payday, batch, code)
    assert payday.see(PaymentBatch, draft.id).total == SUBSIDY, "the other claim stays"
    assert made_for_it(payday).total == SUBSIDY
    late, free = made_for_it(payday).id, payday.approved().id
    fault = refused(lambda: payday.act(lambda ctx: actions.add(ctx, late, [free]), payday.checker))
    assert fault.code == "settlement.late"


def test_paid_again_meanwhile_it_is_a_case_of_the_city(payday: Payday) -> None:
    """The second payment had left before the bank changed its word: nothing more leaves, and somebody is told."""
    claim, batch, code = refused_by_the_bank(payday)
    second = payday.released(claim)
    paid_after_all(payday, batch, code)
    [case] = payday.act(lambda ctx: ctx.session.scalars(select(Finding).filter_by(detector="payment.twice")).all())
    assert (case.subject_id, case.evidence["reference"]) == (str(claim.id), "LATE-1")
    assert payday.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(LatePayment))) == 0
    [again] = payday.ids(second)
    payday.load(second, returned([(again, "成功", "R-2", "", "")]))
    assert (payday.fund().paid, settled(payday)) == (SUBSIDY, 1)
    sound(payday)


def test_refuted_it_may_be_paid_again(payday: Payday) -> None:
    claim, batch, code = refused_by_the_bank(payday)
    paid_after_all(payday, batch, code)
    late = made_for_it(payday)
    own = refused(lambda: payday.act(lambda ctx: actions.cancel(ctx, late.id), payday.checker))
    assert own.code == "settlement.same_person"
    payday.act(lambda ctx: actions.cancel(ctx, late.id), payday.maker)
    second = payday.released(claim)
    [again] = payday.ids(second)
    assert again != code
    payday.load(second, returned([(again, "成功", "R-2", "", "")]))
    assert (payday.fund().paid, settled(payday)) == (SUBSIDY, 1)


def test_its_page_says_it_plainly(payday: Payday) -> None:
    _, batch, code = refused_by_the_bank(payday)
    paid_after_all(payday, batch, code)
    late = made_for_it(payday)
    app = payday.town.app
    app.test_client_class = PageClient
    browser = sign_in(app.test_client(), payday.persons["maker"])
    page = browser.get(f"/settlement/batches/{late.id}").text
    assert "银行先报失败，后又报已付款：流水号 LATE-1" in page and "核实无误，入账 ¥6,333.28" in page
    assert post(browser, f"/settlement/batches/{late.id}/approve").status_code == 303
    page = browser.get(f"/settlement/batches/{late.id}").text
    assert "LATE-1" in page and "已办结" in page
