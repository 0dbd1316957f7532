"""The enterprise paid its own part: contract, invoice and money between the same two parties."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.base.clock import SetClock
from marketplace.base.errors import Invalid
from marketplace.people.organisations.models import Organisation
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import Mode
from tests.support.payday import GROSS, Payday, build_payday, refused
from tests.support.people import post, sign_in
from tests.support.shop import PDF
from vouchers.claims import actions, queries, rules
from vouchers.claims.models import OwnPayment
from vouchers.claims.own_part import Payment
from vouchers.claims.queries import Filed
from vouchers.claims.states import Decision


@pytest.fixture
def parties(payday: Payday) -> tuple[str, str]:
    found = [payday.see(Organisation, a.organisation_id) for a in (payday.town.enterprise, payday.town.provider)]
    return found[0].name, found[1].name


def own_of(payday: Payday, order: Order) -> int:
    return GROSS - sum(part.open_fen for part in payday.act(lambda ctx: queries.parts(ctx, order)))


def claim(payday: Payday, order: Order, payment: Payment | None) -> Filed:
    proof = payday.document(payday.town.provider, "payment_proof")
    return payday.claim(order, proof_document_id=proof, payment=payment)


def said(payday: Payday, parties: tuple[str, str], order: Order, **changes: Any) -> Payment:
    values = {
        "paid_on": payday.today,
        "amount_fen": own_of(payday, order),
        "payer": parties[0],
        "receiver": parties[1],
        "reference": "GD-1",
    }
    return Payment(**values | changes)  # type: ignore[arg-type]


def test_the_same_two_parties_and_enough(payday: Payday, parties: tuple[str, str]) -> None:
    order = payday.claimable()
    assert 0 < own_of(payday, order) < GROSS, "a voucher pays a part, the enterprise the rest"
    printed = f" {parties[0].replace('（', '(').replace('）', ')')} "
    filed = claim(payday, order, said(payday, parties, order, payer=printed))
    [row] = payday.act(lambda ctx: ctx.session.scalars(select(OwnPayment)).all())
    assert (row.claim_id, row.round, row.amount_fen, row.payer) == (filed.id, 1, own_of(payday, order), printed.strip())


@pytest.mark.parametrize(
    ("changes", "code", "field", "clause"),
    [
        ({"payer": "另一家公司"}, "payment.payer", "payer", "四(二)"),
        ({"receiver": "另一家公司"}, "payment.receiver", "receiver", "四(二)"),
        ({"days": 1}, "payment.day", "paid_on", "四(一)"),
        ({"days": -400}, "payment.day", "paid_on", "四(一)"),
        ({"less": 1}, "payment.too_little", "paid", "四(二)"),
    ],
)
def test_what_a_receipt_must_not_say(
    payday: Payday, parties: tuple[str, str], changes: dict[str, Any], code: str, field: str, clause: str
) -> None:
    order = payday.claimable()
    given = dict(changes)
    if "days" in given:
        given["paid_on"] = payday.today + timedelta(days=given.pop("days"))
    if "less" in given:
        given["amount_fen"] = own_of(payday, order) - given.pop("less")
    payment = said(payday, parties, order, **given)
    fault = refused(lambda: claim(payday, order, payment))
    assert (fault.code, fault.field, fault.clause) == (code, field, clause)
    assert not payday.act(lambda ctx: ctx.session.scalars(select(OwnPayment)).all())


def test_swapped_parties_are_two_faults(payday: Payday, parties: tuple[str, str]) -> None:
    order = payday.claimable()
    payment = said(payday, (parties[1], parties[0]), order)
    facts = payday.act(lambda ctx: queries.facts(ctx, order, payment=payment, has_proof=True))
    assert [check.code for check in rules.paid_itself(facts)] == ["payment.payer", "payment.receiver"]


def test_without_a_receipt_the_reviewer_is_warned(payday: Payday, parties: tuple[str, str]) -> None:
    order = payday.claimable()

    def seen(**given: Any) -> list[tuple[str, str]]:
        facts = payday.act(lambda ctx: queries.facts(ctx, order, **given))
        return [(check.code, check.status.value) for check in rules.paid_itself(facts)]

    assert seen() == [("payment.unproved", "warn")]
    assert seen(has_proof=True) == [("payment.unread", "warn")]
    assert seen(has_proof=True, payment=said(payday, parties, order)) == [("payment.own_part", "pass")]
    with pytest.raises(Invalid):
        payday.claim(order, payment=said(payday, parties, order))


def test_paid_back_it_paid_everything(app: Flask, clock: SetClock) -> None:
    payday = build_payday(app, clock, mode=Mode.REIMBURSED)
    order = payday.claimable()
    names = tuple(
        payday.see(Organisation, actor.organisation_id).name for actor in (payday.town.enterprise, payday.town.provider)
    )
    proof = payday.document(payday.town.enterprise, "payment_proof")

    def file(amount: int) -> Filed:
        payment = Payment(payday.today, amount, names[0], names[1], "")
        return payday.claim(order, payday.town.enterprise, proof_document_id=proof, payment=payment)

    assert refused(lambda: file(GROSS - 1)).code == "payment.too_little"
    assert file(GROSS).form.round == 1


def test_a_returned_claim_is_corrected_with_another_receipt(payday: Payday, parties: tuple[str, str]) -> None:
    order = payday.claimable()
    filed = claim(payday, order, None)
    payday.review(filed, Decision.RETURNED, reason="请补回单", notes={"proof": "填写回单"})
    provider = sign_in(payday.town.app.test_client(), payday.persons["provider"])
    address = f"/claims/{filed.id}/correct"
    assert "payment.unread" in provider.get(address).text
    values: dict[str, Any] = {"statement": "已补", "promise": "1", "paid": "1.00"}
    wrong = post(provider, address, values, content_type="multipart/form-data")
    assert wrong.status_code == 422 and 'href="#f-payer"' in wrong.text
    values |= {
        "paid": f"{own_of(payday, order) / 100:.2f}",
        "paid_on": payday.today.isoformat(),
        "payer": parties[0],
        "receiver": parties[0],
        "proof": (io.BytesIO(PDF + b"%receipt\n"), "回单.pdf"),
    }
    swapped = post(provider, address, values, content_type="multipart/form-data")
    assert swapped.status_code == 409 and 'href="#f-receiver"' in swapped.text
    values |= {"receiver": parties[1], "proof": (io.BytesIO(PDF + b"%receipt\n"), "回单.pdf")}
    assert post(provider, address, values, content_type="multipart/form-data").status_code == 303
    [row] = payday.act(lambda ctx: ctx.session.scalars(select(OwnPayment)).all())
    assert (row.round, row.receiver) == (2, parties[1])
    page = sign_in(payday.town.app.test_client(), payday.persons["office"]).get(f"/claims/{filed.id}/review").text
    assert "payment.own_part" in page and parties[0] in page


def test_a_correction_without_one_keeps_the_former(payday: Payday, parties: tuple[str, str]) -> None:
    order = payday.claimable()
    filed = claim(payday, order, said(payday, parties, order))
    payday.review(filed, Decision.RETURNED, reason="请补", notes={"statement": "写清楚"})
    payday.act(lambda ctx: actions.correct(ctx, filed.id, statement="写清楚了", promise=True), payday.town.provider)
    row = payday.act(lambda ctx: queries.own_payment(ctx, filed.id))
    assert row is not None and row.round == 1
