"""What the tax service answered, written down by an officer: held when it is bad, asked again before money leaves."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.base.errors import Forbidden, NotFound
from marketplace.policy.findings.models import Finding
from marketplace.record.documents import queries as documents
from tests.support.payday import Payday, refused
from tests.support.people import make_actor, post, sign_in
from tests.support.shop import PDF
from vouchers.claims import queries as claims
from vouchers.invoices import actions, official, queries
from vouchers.invoices.models import Invoice, InvoiceCheck
from vouchers.invoices.states import InvoiceState, Official


def check(payday: Payday, invoice: Invoice, result: Official = Official.VALID, **changes: Any) -> InvoiceCheck:
    values = {"asked_on": payday.today, "document_id": payday.document(payday.town.city, "check")} | changes
    made: InvoiceCheck = payday.act(
        lambda ctx: official.record(ctx, invoice.id, result=result, **values), payday.town.city
    )
    return made


def state(payday: Payday, invoice: Invoice) -> Invoice:
    found: Invoice = payday.see(Invoice, invoice.id)
    return found


def test_a_good_answer_stands_with_its_day_and_evidence(payday: Payday) -> None:
    invoice = payday.invoice(payday.delivered())
    row = check(payday, invoice)
    assert state(payday, invoice).state is InvoiceState.CONFIRMED
    for actor in (payday.town.enterprise, payday.town.provider, payday.town.office):
        assert payday.act(lambda ctx: documents.get(ctx, row.document_id), actor) is not None
        assert [r.id for r in payday.act(lambda ctx: official.of(ctx, invoice.id), actor)] == [row.id]


@pytest.mark.parametrize("result", [one for one in Official if one is not Official.VALID])
def test_any_other_answer_holds_and_says_why(payday: Payday, result: Official) -> None:
    invoice = payday.invoice(payday.delivered())
    check(payday, invoice, result, note="见截图")
    now = state(payday, invoice)
    assert now.state is InvoiceState.HELD
    assert now.reason.startswith(f"{payday.today} 税务查验：") and now.reason.endswith("见截图")
    fault = refused(lambda: payday.act(lambda ctx: actions.release(ctx, invoice.id), payday.town.city))
    assert (fault.code, fault.clause) == ("invoice.check_bad", "四(二)")
    check(payday, invoice)
    payday.act(lambda ctx: actions.release(ctx, invoice.id), payday.town.city)
    assert state(payday, invoice).state is InvoiceState.SUBMITTED


def test_days_and_strangers(payday: Payday) -> None:
    invoice = payday.invoice(payday.delivered())
    for days in (1, -1):
        day = payday.today + timedelta(days=days)
        fault = refused(lambda day=day: check(payday, invoice, asked_on=day))
        assert (fault.code, fault.field) == ("invoice.check_day", "asked_on")
    paper = payday.document(payday.town.provider, "check")
    for actor, error in ((payday.town.provider, Forbidden), (make_actor(payday.act, "pilot")[0], NotFound)):
        with pytest.raises(error):
            payday.act(
                lambda ctx: official.record(
                    ctx, invoice.id, asked_on=payday.today, result=Official.VALID, document_id=paper
                ),
                actor,
            )
    assert not payday.act(lambda ctx: official.of(ctx, invoice.id))


def test_an_answer_counts_thirty_days(payday: Payday) -> None:
    order = payday.delivered()
    invoice = payday.invoice(order)

    def unchecked() -> int:
        found = payday.act(lambda ctx: official.unchecked(ctx, {order.id}, set()))
        listed = payday.act(lambda ctx: queries.listed(ctx, unchecked=True), payday.town.city).items
        assert [row.id for row in listed] == ([invoice.id] if found else [])
        return int(found.get(order.id, 0))

    assert unchecked() == 1
    check(payday, invoice)
    assert unchecked() == 0
    payday.clock.advance(days=29)
    assert unchecked() == 0
    payday.clock.advance(days=1)
    assert unchecked() == 1, "asked for again"


def test_the_reviewer_is_warned_and_the_payment_may_be_stopped(payday: Payday, monkeypatch: pytest.MonkeyPatch) -> None:
    order = payday.claimable()
    claim = payday.claim(order)
    [invoice] = payday.act(lambda ctx: queries.of_order(ctx, order.id))

    def seen(paying: bool = False) -> dict[str, str]:
        rows = payday.act(lambda ctx: claims.standing(ctx, [claim.id], paying=paying))[claim.id]
        return {row.code: row.status.value for row in rows if row.code.startswith("invoice.")}

    assert seen() == {"invoice.unchecked": "warn"} == seen(paying=True)
    monkeypatch.setattr(payday.act(lambda ctx: ctx.house).settings, "invoice_checks", True)
    assert (seen(), seen(paying=True)) == ({"invoice.unchecked": "warn"}, {"invoice.unchecked": "fail"})
    check(payday, invoice)
    assert seen(paying=True) == {"invoice.checked": "pass"}


def test_flushed_after_the_approval_the_city_has_a_case(payday: Payday) -> None:
    order = payday.claimable()
    claim = payday.approved(order)
    [invoice] = payday.act(lambda ctx: queries.of_order(ctx, order.id))
    check(payday, invoice, Official.RED_FLUSHED)
    cases = payday.act(lambda ctx: ctx.session.scalars(select(Finding)).all())
    [case] = [row for row in cases if row.detector == "claim.invoice_held"]
    assert case.subject_id == str(claim.id) and "红冲" in case.evidence["reason"]


def test_the_page_takes_the_answer_and_its_picture(payday: Payday) -> None:
    invoice = payday.invoice(payday.delivered())
    city = sign_in(payday.town.app.test_client(), payday.persons["city"])
    assert "尚未在国家税务总局" in city.get(f"/invoices/{invoice.id}").text
    address = f"/invoices/{invoice.id}/checks/new"
    values = {"asked_on": payday.today.isoformat(), "result": "red_pending", "note": "待对方确认"}
    missing = post(city, address, dict(values), content_type="multipart/form-data")
    assert missing.status_code == 422
    values["document"] = (io.BytesIO(PDF), "查验.pdf")  # type: ignore[assignment]
    assert post(city, address, values, content_type="multipart/form-data").status_code == 303
    page = city.get(f"/invoices/{invoice.id}").text
    assert "红字确认单待对方确认" in page and "下一步：重新查验" in page and "解除暂缓</button>" not in page
