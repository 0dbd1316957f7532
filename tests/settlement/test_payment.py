"""From approved claims to the bank's reference, and everything that must not be paid."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from marketplace.base.clock import SetClock
from marketplace.base.errors import Forbidden, Invalid, NotFound
from marketplace.people.accounts.models import Person
from marketplace.people.organisations import actions as organisations
from marketplace.people.organisations.models import BankAccount
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MemberState
from marketplace.policy.findings.models import Finding
from marketplace.record.notices.models import Notice, Outbox
from marketplace.record.notices.outbox import Message
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import OrderState
from tests.support.payday import SUBSIDY, Payday, build_payday, open_account, refused, returned
from tests.support.people import make_actor, sign_in
from vouchers.claims import actions as claims
from vouchers.claims import queries as claim_queries
from vouchers.claims.models import ClaimForm
from vouchers.invoices import actions as invoices
from vouchers.invoices.models import Invoice
from vouchers.ledger.actions import funds as ledger_funds
from vouchers.ledger.models.commitments import Commitment, Entry
from vouchers.ledger.models.payments import BatchItem, Claim, PaymentBatch, PayoutAttempt
from vouchers.ledger.states import BatchState, ClaimState, ItemState
from vouchers.settlement import actions, queries, sending


def count(payday: Payday, kind: type[Any]) -> int:
    return int(payday.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(kind))))


def approve(payday: Payday, batch: PaymentBatch, actor: Any = None) -> PaymentBatch:
    done: PaymentBatch = payday.act(lambda ctx: actions.approve(ctx, batch.id), actor or payday.checker)
    return done


def test_a_claim_is_paid_with_the_banks_reference(payday: Payday) -> None:
    pay_one(payday)


def pay_one(payday: Payday) -> None:
    claim = payday.approved()
    assert claim.approved_fen == claim.asked_fen == SUBSIDY
    assert payday.fund().paid == 0
    batch = payday.released(claim)
    assert (batch.state, batch.maker_id, batch.checker_id) == (
        BatchState.SENT,
        payday.maker.person_id,
        payday.checker.person_id,
    )
    assert payday.fund().paid == SUBSIDY
    head, row = payday.payment_rows(batch)
    assert head == ["序号", "收款人名称", "收款人账号", "开户银行", "行号", "金额(元)", "用途", "端到端编号"]
    assert row[0] == "1"
    assert row[2:6] == ["6222021502010000017", "中国工商银行丰城支行", "102436000017", "6333.28"]
    assert claim.form.number in row[6]
    day = payday.today.isoformat()
    loaded = payday.load(batch, returned([(row[7], "成功", "ICBC-20310312-1", "", day)]))
    assert not loaded.repeated
    assert payday.see(PaymentBatch, batch.id).state is BatchState.DONE
    assert payday.see(Claim, claim.id).state is ClaimState.PAID
    form = payday.see(ClaimForm, claim.id)
    assert (form.paid_on, form.due_on) == (payday.today, None)
    commitment = payday.see(Commitment, claim.claim.commitment_id)
    assert (commitment.payable, commitment.paid) == (0, SUBSIDY)
    [attempt] = payday.act(lambda ctx: ctx.session.scalars(select(PayoutAttempt)).all())
    [settle] = payday.act(lambda ctx: ctx.session.scalars(select(Entry).where(Entry.kind == "settle")).all())
    assert (settle.attempt_id, attempt.bank_reference) == (attempt.id, "ICBC-20310312-1")
    provider = payday.town.provider.organisation_id
    told = payday.act(lambda ctx: ctx.session.scalars(select(Notice).where(Notice.organisation_id == provider)).all())
    assert any("ICBC-20310312-1" in str(notice.values) for notice in told)


@pytest.mark.postgres
def test_a_claim_is_paid_on_postgresql(postgres_app: Any, clock: SetClock) -> None:
    payday = build_payday(postgres_app, clock)
    pay_one(payday)
    fail_and_pay_again(payday)
    waiting = payday.approved()
    late = payday.claim(payday.claimable())
    clock.advance(days=30)
    assert payday.act(claims.remind) == "2 late claims"
    overdue = payday.act(lambda ctx: claim_queries.listed(ctx, overdue=True, limit=1), payday.town.office)
    rest = payday.act(
        lambda ctx: claim_queries.listed(ctx, overdue=True, limit=1, cursor=overdue.next_cursor), payday.town.office
    )
    assert [found.id for found in (*overdue.items, *rest.items)] == [late.id, waiting.id]
    on_time = payday.act(lambda ctx: claim_queries.listed(ctx, overdue=False), payday.town.office)
    assert {found.claim.state for found in on_time.items} == {ClaimState.PAID}
    pages = {
        "maker": ["/", "/settlement", f"/settlement/funds/{payday.fund_id}", "/claims", "/invoices"],
        "office": ["/", "/claims/review", f"/claims/{late.id}/review", f"/claims/{waiting.id}"],
        "city": ["/", "/claims?overdue=1"],
        "provider": ["/", f"/orders/{late.form.order_id}", f"/claims/{late.id}"],
    }
    for who, addresses in pages.items():
        client = sign_in(postgres_app.test_client(), payday.persons[who])
        for address in addresses:
            assert client.get(address).status_code == 200, address


def test_the_maker_does_not_check_under_whatever_assignment(payday: Payday) -> None:
    batch = payday.batch(payday.approved())
    person = payday.see(Person, payday.maker.person_id)
    other_hat, _ = make_actor(payday.act, "finance", region=payday.town.pilot.city, person=person)
    for actor in (payday.maker, other_hat):
        fault = refused(lambda actor=actor: approve(payday, batch, actor))
        assert (fault.code, fault.clause) == ("settlement.same_person", "四(二)")
        assert fault.text.values["number"] == batch.number
    assert payday.see(PaymentBatch, batch.id).state is BatchState.DRAFT
    assert payday.fund().paid == 0
    assert count(payday, PayoutAttempt) == 0

    def by_force(ctx: Any) -> None:
        row = ctx.session.get_one(PaymentBatch, batch.id)
        row.checker_id, row.state = row.maker_id, BatchState.APPROVED
        ctx.session.flush()

    with pytest.raises(IntegrityError, match="four_eyes"):
        payday.act(by_force)


def test_whoever_adds_to_a_batch_made_it(payday: Payday) -> None:
    """Else the checker could slip a claim in and release it himself."""
    first, second = payday.approved(), payday.approved()
    batch = payday.batch(first)
    fault = refused(lambda: payday.act(lambda ctx: actions.add(ctx, batch.id, [second.id]), payday.checker))
    assert fault.code == "settlement.not_maker"
    done = payday.act(lambda ctx: actions.add(ctx, batch.id, [second.id]), payday.maker)
    assert done.total == 2 * SUBSIDY
    item = payday.act(lambda ctx: queries.lines(ctx, batch.id), payday.maker)[0].item
    assert payday.act(lambda ctx: actions.take_out(ctx, item.id), payday.maker).total == SUBSIDY
    assert payday.batch(payday.see_claim(item.claim_id)).total == SUBSIDY


def test_a_payee_without_a_cooled_account_is_in_no_batch(payday: Payday) -> None:
    claim = payday.approved()
    open_account(payday, payday.town.provider.organisation_id, "6222021502010000999")
    fault = refused(lambda: payday.batch(claim))
    assert fault.code == "account.cooling"
    assert fault.text.values["day"] > payday.today
    assert (count(payday, PaymentBatch), count(payday, BatchItem)) == (0, 0)
    account = payday.act(
        lambda ctx: ctx.session.scalars(select(BankAccount).where(BankAccount.state == "active")).one()
    )
    payday.act(lambda ctx: organisations.stop_account(ctx, account.id, "注销"))
    assert refused(lambda: payday.batch(claim)).code == "account.none"


def test_an_account_that_changed_after_the_batch_was_made_stops_it(payday: Payday) -> None:
    claim = payday.approved()
    batch = payday.batch(claim)
    open_account(payday, payday.town.provider.organisation_id, "6222021502010000999")
    assert refused(lambda: approve(payday, batch)).code == "account.cooling"
    payday.work_day(8)
    fault = refused(lambda: approve(payday, batch))
    assert (fault.code, fault.clause) == ("settlement.account_changed", "四(二)")
    assert fault.text.values["number"] == claim.form.number
    assert payday.fund().paid == 0
    payday.act(lambda ctx: actions.cancel(ctx, batch.id), payday.maker)
    again = payday.batch(claim)
    approve(payday, again)
    payday.act(lambda ctx: actions.write_payment_file(ctx, again.id), payday.checker)
    assert payday.payment_rows(again)[1][2] == "6222021502010000999"


def test_nothing_is_paid_that_has_not_arrived(payday: Payday) -> None:
    batch = payday.batch(payday.approved())
    payday.act(lambda ctx: ledger_funds.book_return(ctx, payday.fund_id, 500_000_000 - SUBSIDY + 1, "back"))
    fault = refused(lambda: approve(payday, batch))
    assert (fault.code, fault.clause) == ("fund.not_received", "四(一)")
    assert {k: v.fen for k, v in fault.text.values.items()} == {
        "received": SUBSIDY - 1,
        "paid": 0,
        "asked": SUBSIDY,
        "cash": SUBSIDY - 1,
    }
    assert payday.see(PaymentBatch, batch.id).state is BatchState.DRAFT
    assert (payday.fund().paid, count(payday, PayoutAttempt)) == (0, 0)


def test_a_claim_of_another_fund_is_in_no_batch(payday: Payday) -> None:
    claim = payday.approved()
    pilot = payday.town.pilot
    other = payday.act(lambda ctx: ledger_funds.open_fund(ctx, pilot.id, "city", None, city=pilot.city))
    fault = refused(lambda: payday.act(lambda ctx: actions.make(ctx, other.id, [claim.id]), payday.maker))
    assert (fault.code, fault.clause) == ("settlement.other_fund", "四(二)")
    assert count(payday, PaymentBatch) == 0


def test_only_approved_claims_that_no_batch_holds(payday: Payday) -> None:
    submitted = payday.claim(payday.claimable())
    assert refused(lambda: payday.batch(submitted)).code == "settlement.not_approved"
    claim = payday.approved()
    payday.batch(claim)
    assert refused(lambda: payday.batch(claim)).code == "batch.claim_taken"
    for wrong in ([], [claim, claim]):
        with pytest.raises(Invalid):
            payday.batch(*wrong)
    assert count(payday, PaymentBatch) == 1


def test_a_claim_whose_invoice_was_held_since_is_not_paid(payday: Payday) -> None:
    claim = payday.approved()
    batch = payday.batch(claim)
    [invoice] = payday.act(lambda ctx: ctx.session.scalars(select(Invoice)).all())
    payday.act(lambda ctx: invoices.hold(ctx, invoice.id, reason="红字发票"), payday.town.city)
    fault = refused(lambda: approve(payday, batch))
    assert fault.code == "match.invoice_held"
    assert claim.form.number in str(fault.text)
    assert payday.fund().paid == 0
    payday.act(lambda ctx: actions.cancel(ctx, batch.id), payday.checker)
    assert refused(lambda: payday.batch(claim)).code == "match.invoice_held"


def test_a_claim_whose_order_is_disputed_since_is_not_paid(payday: Payday) -> None:
    claim = payday.approved()

    def dispute(ctx: Any) -> None:
        row = ctx.session.get_one(Order, claim.form.order_id)
        row.state, row.disputed_in = OrderState.DISPUTED, OrderState.DELIVERED

    payday.act(dispute)
    assert refused(lambda: payday.batch(claim)).code == "claim.order_disputed"


def test_finished_work_of_a_banned_provider_is_paid_with_a_case_for_the_city(payday: Payday) -> None:
    claim = payday.approved()
    payday.ban(payday.town.provider.organisation_id)
    batch = payday.released(claim)
    assert batch.state is BatchState.SENT
    found = payday.act(
        lambda ctx: ctx.session.scalars(select(Finding).where(Finding.detector == "claim.payee_banned")).all()
    )
    assert [(f.severity, f.subject_id) for f in found] == [("warn", str(claim.id))]


def test_the_outbox_writes_the_payment_file_once(payday: Payday) -> None:
    batch = payday.batch(payday.approved())
    fault = refused(lambda: payday.act(lambda ctx: actions.write_payment_file(ctx, batch.id), payday.checker))
    assert fault.code == "settlement.not_released"
    approve(payday, batch)
    row = payday.act(
        lambda ctx: ctx.session.scalars(select(Outbox).where(Outbox.topic == "settlement.payment_file")).one()
    )
    message = Message(row.id, row.message_id, row.topic, row.payload, 0)
    payday.act(lambda ctx: sending.deliver(ctx, message))
    payday.act(lambda ctx: sending.deliver(ctx, message))
    [file] = payday.act(lambda ctx: queries.files(ctx, batch.id), payday.checker)
    assert (file.kind, file.loaded_by) == ("payment", payday.checker.person_id)
    assert (file.summary["payments"], file.summary["total"]) == (1, SUBSIDY)
    states = payday.act(lambda ctx: ctx.session.scalars(select(PayoutAttempt.state)).all())
    assert list(states) == ["sent"]


def test_a_failed_payment_is_made_again_under_a_new_id_and_never_paid_twice(payday: Payday) -> None:
    fail_and_pay_again(payday)


def fail_and_pay_again(payday: Payday) -> None:
    paid_before = payday.fund().paid
    claim = payday.approved()
    batch = payday.released(claim)
    [first] = payday.ids(batch)
    payday.load(batch, returned([(first, "失败", "", "账号户名不符", "")]))
    assert payday.fund().paid == paid_before
    assert payday.see(Claim, claim.id).state is ClaimState.APPROVED
    assert payday.see(PaymentBatch, batch.id).state is BatchState.DONE
    provider = payday.town.provider.organisation_id
    told = payday.act(lambda ctx: ctx.session.scalars(select(Notice).where(Notice.organisation_id == provider)).all())
    assert any("账号户名不符" in str(notice.values) for notice in told)
    again = payday.released(claim)
    [second] = payday.ids(again)
    assert second != first
    assert payday.fund().paid == paid_before + SUBSIDY
    payday.load(batch, returned([(first, "成功", "LATE-1", "", "")]))  # told too late: a case for the city, no money
    cases = payday.act(lambda ctx: ctx.session.scalars(select(Finding).filter_by(subject_id=str(claim.id))).all())
    assert "payment.twice" in {case.detector for case in cases}
    payday.load(again, returned([(second, "成功", "ICBC-2", "", "")]))
    assert payday.see(Claim, claim.id).state is ClaimState.PAID
    assert payday.fund().paid == paid_before + SUBSIDY
    assert payday.see(Commitment, claim.claim.commitment_id).paid == SUBSIDY
    assert refused(lambda: payday.batch(claim)).code == "settlement.not_approved"
    items = payday.act(lambda ctx: ctx.session.scalars(select(BatchItem).where(BatchItem.claim_id == claim.id)).all())
    assert sorted(i.state for i in items) == [ItemState.FAILED, ItemState.PAID]


def test_strangers_find_no_batch_and_officers_of_other_desks_move_none(payday: Payday) -> None:
    claim = payday.approved()
    far, _ = make_actor(payday.act, "finance", region="360700")
    with pytest.raises(NotFound):
        payday.act(lambda ctx: actions.make(ctx, payday.fund_id, [claim.id]), far)
    batch = payday.batch(claim)
    for verb in (
        lambda ctx: queries.get(ctx, batch.id),
        lambda ctx: actions.approve(ctx, batch.id),
        lambda ctx: actions.cancel(ctx, batch.id),
        lambda ctx: actions.load_return(ctx, batch.id, b"x,y\n", "x.csv"),
        lambda ctx: actions.write_payment_file(ctx, batch.id),
    ):
        with pytest.raises(NotFound):
            payday.act(verb, far)
        with pytest.raises(NotFound):
            payday.act(verb, payday.town.provider)
    for officer in (payday.town.city, payday.town.office):
        with pytest.raises(Forbidden):
            payday.act(lambda ctx: actions.approve(ctx, batch.id), officer)
    assert payday.see(PaymentBatch, batch.id).state is BatchState.DRAFT


def test_who_left_the_list_after_the_approval_is_not_paid(payday: Payday) -> None:
    """Asked when the batch is made and again when it is released; back on the list, the money may go."""
    claim = payday.approved()

    def on_the_list(listed: bool) -> None:
        def verb(ctx: Any) -> None:
            [member] = ctx.session.scalars(select(Member))
            member.state = MemberState.CONFIRMED if listed else MemberState.WITHDRAWN
            member.withdrawal_reason = None if listed else "停产"

        payday.act(verb)

    on_the_list(False)
    fault = refused(lambda: payday.batch(claim))
    assert (fault.code, fault.clause) == ("claim.not_on_the_list", "二(一)")
    on_the_list(True)
    batch = payday.batch(claim)
    on_the_list(False)
    assert refused(lambda: approve(payday, batch)).code == "claim.not_on_the_list"
    on_the_list(True)
    assert approve(payday, batch).state is BatchState.APPROVED
