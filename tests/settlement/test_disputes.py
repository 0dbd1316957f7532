"""A dispute against a payment: before the release it stops it, after the release it comes too late; never both."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.base import acts
from marketplace.base.actor import Actor
from marketplace.base.clock import SetClock
from marketplace.base.errors import Refusal
from marketplace.record.notices.models import Notice
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import OrderState
from marketplace.web.db import db
from tests.support.payday import SUBSIDY, Payday, build_payday, refused, returned
from vouchers.claims import actions as claims
from vouchers.claims.queries import Filed
from vouchers.claims.states import Decision
from vouchers.ledger import verify
from vouchers.ledger.models.commitments import Commitment, Entry
from vouchers.ledger.models.payments import BatchItem, Claim, PaymentBatch
from vouchers.ledger.states import BatchState, ClaimState, ItemState
from vouchers.settlement import actions


def dispute(payday: Payday, claim: Filed) -> None:
    payday.act(lambda ctx: orders.dispute(ctx, claim.form.order_id, reason="不是我确认的"), payday.town.enterprise)


def rule(payday: Payday, claim: Filed, *, upheld: bool) -> None:
    payday.act(
        lambda ctx: orders.rule_dispute(ctx, claim.form.order_id, upheld=upheld, reason="已核实"), payday.town.city
    )


def order_state(payday: Payday, claim: Filed) -> OrderState:
    found: OrderState = payday.see(Order, claim.form.order_id).state
    return found


def release(payday: Payday, batch: PaymentBatch) -> None:
    payday.act(lambda ctx: actions.approve(ctx, batch.id), payday.checker)


def sound(payday: Payday) -> None:
    report = payday.act(lambda ctx: verify.verify(ctx.session))
    assert report.sound, report


def stop_a_payment(payday: Payday) -> None:
    """A disputed claim enters no batch and leaves with none; upheld, it falls out of the draft and is reversed."""
    waiting, drafted, other = payday.approved(), payday.approved(), payday.approved()
    batch = payday.batch(drafted, other)
    for claim in (waiting, drafted):
        dispute(payday, claim)
    assert refused(lambda: payday.batch(waiting)).code == "claim.order_disputed"
    fault = refused(lambda: release(payday, batch))
    assert (fault.code, fault.clause) == ("claim.order_disputed", "四(二)")
    assert drafted.form.number in str(fault.text)
    assert payday.fund().paid == 0
    rule(payday, drafted, upheld=True)
    rule(payday, waiting, upheld=False)
    item = payday.act(lambda ctx: ctx.session.scalars(select(BatchItem).where(BatchItem.claim_id == drafted.id)).one())
    assert item.state is ItemState.FAILED
    assert payday.see(Claim, drafted.id).state is ClaimState.REJECTED
    assert payday.see(PaymentBatch, batch.id).total == SUBSIDY
    reversed_ = payday.see(Commitment, drafted.claim.commitment_id)
    assert (reversed_.available, reversed_.payable, reversed_.frozen) == (reversed_.face, 0, False)
    [entry] = payday.act(lambda ctx: ctx.session.scalars(select(Entry).where(Entry.kind == "refund")).all())
    assert (entry.commitment_id, entry.amount, entry.src, entry.dst) == (reversed_.id, SUBSIDY, "payable", "available")
    told = payday.act(lambda ctx: ctx.session.scalars(select(Notice).where(Notice.role == "finance")).all())
    assert any(n.values.get("claim") == drafted.form.number for n in told)
    release(payday, batch)
    release(payday, payday.batch(waiting))
    assert payday.fund().paid == 2 * SUBSIDY
    sound(payday)


def come_too_late(payday: Payday) -> None:
    """Released: the bank's answer is awaited. Refused by the bank: disputed again. Paid: recovery is the way."""
    claim = payday.approved()
    batch = payday.batch(claim)
    release(payday, batch)
    fault = refused(lambda: dispute(payday, claim))
    assert (fault.code, fault.clause) == ("order.subsidy_released", "六(二)")
    assert "追回" in str(fault.text) and order_state(payday, claim) is OrderState.CONFIRMED
    payday.act(lambda ctx: actions.write_payment_file(ctx, batch.id), payday.checker)
    [first] = payday.ids(batch)
    payday.load(batch, returned([(first, "失败", "", "账号户名不符", "")]))
    dispute(payday, claim)
    rule(payday, claim, upheld=False)
    again = payday.released(claim)
    [second] = payday.ids(again)
    payday.load(again, returned([(second, "成功", "ICBC-1", "", "")]))
    fault = refused(lambda: dispute(payday, claim))
    assert (fault.code, fault.clause) == ("order.subsidy_paid", "六(二)")
    assert "追回" in str(fault.text) and claim.form.number in str(fault.text)
    assert order_state(payday, claim) is OrderState.CONFIRMED
    assert not payday.see(Commitment, claim.claim.commitment_id).frozen
    sound(payday)


def test_before_the_release_a_dispute_stops_the_payment(payday: Payday) -> None:
    stop_a_payment(payday)


def test_after_the_release_a_dispute_comes_too_late(payday: Payday) -> None:
    come_too_late(payday)


@pytest.mark.postgres
def test_both_on_postgresql(postgres_app: Flask, clock: SetClock) -> None:
    payday = build_payday(postgres_app, clock)
    stop_a_payment(payday)
    come_too_late(payday)


@pytest.mark.postgres
def test_whoever_comes_second_sees_what_the_first_did(postgres_app: Flask, clock: SetClock) -> None:
    """The second act starts while the first is done and not yet committed: it waits, and is refused."""
    payday = build_payday(postgres_app, clock)
    one, two, three, four, five = (payday.approved() for _ in range(5))
    fresh = payday.claim(payday.claimable())
    drafts = {claim.id: payday.batch(claim) for claim in (one, two, three)}
    unclaimed = payday.claimable()

    def disputing(order_id: Any) -> Act:
        return lambda ctx: orders.dispute(ctx, order_id, reason="不是我的"), payday.town.enterprise

    def releasing(claim: Filed) -> Act:
        return lambda ctx: actions.approve(ctx, drafts[claim.id].id), payday.checker

    def reviewing(ctx: Any) -> Any:
        return claims.review(ctx, fresh.id, decision=Decision.APPROVED)

    def filing(ctx: Any) -> Any:
        return claims.submit(ctx, unclaimed.id, statement="已完成。", promise=True)

    def making(ctx: Any) -> Any:
        return actions.make(ctx, payday.fund_id, [four.id])

    def adding(ctx: Any) -> Any:
        return actions.add(ctx, drafts[one.id].id, [five.id])

    stopped = "claim.order_disputed"
    assert second(postgres_app, disputing(fresh.form.order_id), (reviewing, payday.town.office)) == stopped
    assert second(postgres_app, disputing(unclaimed.id), (filing, payday.town.provider)) == stopped
    assert second(postgres_app, disputing(four.form.order_id), (making, payday.maker)) == stopped
    assert second(postgres_app, disputing(two.form.order_id), releasing(two)) == stopped
    assert second(postgres_app, releasing(three), disputing(three.form.order_id)) == "order.subsidy_released"
    assert second(postgres_app, (adding, payday.maker), releasing(one)) == "settlement.changed"
    assert payday.see(PaymentBatch, drafts[two.id].id).state is BatchState.DRAFT
    assert order_state(payday, three) is order_state(payday, one) is OrderState.CONFIRMED
    sound(payday)


Act = tuple[Callable[[Any], Any], Actor]


def second(app: Flask, first: Act, then: Act) -> str:
    """Start `then` while `first` is done but not committed; what came of the second."""
    house, done, go_on = app.extensions["house"], threading.Event(), threading.Event()
    with app.app_context():
        engine = db.engine

    def slowly(ctx: Any) -> None:
        first[0](ctx)
        done.set()
        assert go_on.wait(10)

    def run(verb: Callable[[Any], Any], actor: Actor) -> str:
        with Session(engine, expire_on_commit=False) as session:
            try:
                acts.run(session, house, verb, actor=actor)
            except Refusal as refusal:
                return refusal.code
            return "done"

    with ThreadPoolExecutor(2) as pool:
        earlier = pool.submit(run, slowly, first[1])
        assert done.wait(10)
        later = pool.submit(run, *then)
        time.sleep(0.5)
        go_on.set()
        assert earlier.result(20) == "done"
        return later.result(20)
