"""A claim whose order is disputed waits; upheld, it ends wherever it stands, and the redemption is taken back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.record.audit import queries as audit
from marketplace.record.notices.models import Notice
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import OrderState
from tests.support.payday import STATEMENT, SUBSIDY, Payday, refused
from tests.support.people import sign_in
from vouchers.claims import actions
from vouchers.claims.queries import Filed
from vouchers.claims.rules import Cut
from vouchers.claims.states import CutCode, Decision
from vouchers.ledger import verify
from vouchers.ledger.models.commitments import Commitment
from vouchers.ledger.states import ClaimState

BACK = {"decision": Decision.RETURNED, "reason": "请补正", "notes": {"invoice": "不清晰"}}


def dispute(payday: Payday, order_id: Any) -> None:
    payday.act(lambda ctx: orders.dispute(ctx, order_id, reason="不是我确认的"), payday.town.enterprise)


def rule(payday: Payday, order_id: Any, *, upheld: bool) -> None:
    payday.act(lambda ctx: orders.rule_dispute(ctx, order_id, upheld=upheld, reason="已核实"), payday.town.city)


def submitted(payday: Payday) -> Filed:
    return payday.claim(payday.claimable())


def reviewed(payday: Payday) -> Filed:
    return payday.review(submitted(payday))


def sent_back(payday: Payday) -> Filed:
    return payday.review(submitted(payday), **BACK)


def cut(payday: Payday) -> Filed:
    cuts = [Cut(line=1, amount_fen=33_328, code=CutCode.EVIDENCE, reason="缺签到表")]
    return payday.review(reviewed(payday), actor=payday.town.city, cuts=cuts)


def test_while_disputed_nothing_is_filed(payday: Payday) -> None:
    order = payday.claimable()
    dispute(payday, order.id)
    fault = refused(lambda: payday.claim(order))
    assert (fault.code, fault.clause) == ("claim.order_disputed", "四(二)")
    rule(payday, order.id, upheld=False)
    assert payday.claim(order).asked_fen == SUBSIDY


def test_while_disputed_neither_desk_agrees_and_nothing_is_corrected(payday: Payday) -> None:
    first, second, third = submitted(payday), reviewed(payday), sent_back(payday)
    for claim in (first, second, third):
        dispute(payday, claim.form.order_id)
    assert refused(lambda: payday.review(first)).code == "claim.order_disputed"
    assert refused(lambda: payday.review(second, actor=payday.town.city)).code == "claim.order_disputed"
    correct = lambda ctx: actions.correct(ctx, third.id, statement=STATEMENT, promise=True)  # noqa: E731
    assert refused(lambda: payday.act(correct, payday.town.provider)).code == "claim.order_disputed"
    for claim in (first, second, third):
        rule(payday, claim.form.order_id, upheld=False)
    payday.review(first)
    payday.act(correct, payday.town.provider)
    assert payday.review(second, actor=payday.town.city).claim.state is ClaimState.APPROVED


def test_the_orders_page_keeps_the_claim_while_disputed_and_after(payday: Payday) -> None:
    claim = reviewed(payday)
    client = sign_in(payday.town.app.test_client(), payday.persons["provider"])
    address = f"/orders/{claim.form.order_id}"
    dispute(payday, claim.form.order_id)
    assert claim.form.number in client.get(address).text
    rule(payday, claim.form.order_id, upheld=True)
    told = client.get(address).text
    assert claim.form.number in told and "未予兑付" in told and "申请兑付" not in told
    disputed = payday.delivered()
    dispute(payday, disputed.id)
    assert "补贴兑付" not in client.get(f"/orders/{disputed.id}").text


@pytest.mark.parametrize("stage", [submitted, reviewed, sent_back, cut, Payday.approved], ids=lambda f: f.__name__)
def test_upheld_ends_the_claim_and_gives_the_money_back(payday: Payday, stage: Any) -> None:
    claim = stage(payday)
    dispute(payday, claim.form.order_id)
    rule(payday, claim.form.order_id, upheld=True)
    ended = payday.see_claim(claim.id)
    assert (ended.claim.state, ended.form.due_on) == (ClaimState.REJECTED, None)
    assert payday.see(Order, claim.form.order_id).state is OrderState.CANCELLED
    commitment = payday.see(Commitment, claim.claim.commitment_id)
    assert (commitment.available, commitment.payable, commitment.frozen) == (commitment.face, 0, False)
    done = payday.act(lambda ctx: audit.history(ctx, "claim_form", claim.id))
    assert (done[-1].verb, done[-1].facts["reason"]) == ("claim.overturned", "已核实")
    told = payday.act(
        lambda ctx: ctx.session.scalars(
            select(Notice.template).where(Notice.organisation_id == claim.form.payee_id)
        ).all()
    )
    assert any("兑付申请 {number} 终止" in template for template in told)
    assert refused(lambda: payday.claim(payday.see(Order, claim.form.order_id))).code == "claim.order_not_confirmed"
    assert payday.act(lambda ctx: verify.verify(ctx.session)).sound
