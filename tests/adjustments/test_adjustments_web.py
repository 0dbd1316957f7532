"""The same over its pages and over REST: two persons, one booking, and what each of them reads."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.adjustments.conftest import ALLOTTED, ARRIVED, Office
from tests.support.html import PageClient
from tests.support.people import post, sign_in, token_for
from tests.support.rest import Program
from vouchers.ledger.models.funds import BudgetLine


@pytest.fixture(autouse=True)
def strict(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page of these tests is read as strictly as `PageClient` reads."""
    monkeypatch.setattr(app, "test_client_class", PageClient)


def browser(app: Flask, office: Office, who: str) -> FlaskClient:
    return sign_in(app.test_client(), office.persons[who])


def read(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.get_data(as_text=True)


def test_interest_from_the_paper_to_the_fund(app: Flask, office: Office) -> None:
    maker, checker = browser(app, office, "maker"), browser(app, office, "checker")
    desk = maker.get("/adjustments/new").headers["Location"]
    form = re.search(r'href="([^"]+/interest)"', read(maker, desk))
    assert form is not None and "/remit" not in read(maker, desk)
    values = {"amount": "123.45", "happened_on": office.today.isoformat(), "bank_reference": "", "reason": "季度结息"}
    refused = post(maker, form[1], values)
    assert refused.status_code == 422 and "季度结息" in refused.get_data(as_text=True)
    page = post(maker, form[1], values | {"bank_reference": "LX-9"}).headers["Location"]
    assert "提出人本人不能复核" in read(maker, page) and 'name="decision"' not in read(maker, page)
    assert post(maker, page, {"decision": "book", "reason": ""}).status_code == 409
    assert "1 项年终或更正事项待复核" in read(checker, "/") and "年终或更正事项待复核" not in read(maker, "/")
    assert 'name="decision"' in read(checker, page)
    assert post(checker, page, {"decision": "book", "reason": ""}).status_code == 303
    assert "已写入总账" in read(checker, page)
    fund = read(checker, f"/funds/{office.pilot.id}")
    assert "银行利息" in fund and "123.45" in fund
    assert "/remit" in read(maker, desk)
    assert "LX-9" in read(checker, page) and "登记银行利息" in read(maker, "/adjustments")


def test_a_line_goes_into_a_new_period(app: Flask, office: Office) -> None:
    maker, checker = browser(app, office, "maker"), browser(app, office, "checker")
    desk = f"/adjustments/new/{office.pilot.id}"
    assert "没有期限已过" in read(maker, f"{desk}/carry")
    office.year_ends()
    maker, checker = browser(app, office, "maker"), browser(app, office, "checker")
    assert f"/carry?line={office.line.id}" in read(maker, desk)
    page = read(maker, f"{desk}/carry?line={office.line.id}")
    assert str(ALLOTTED // 100) in page.replace(",", "")
    last = office.today.replace(month=12, day=31)
    values = {"line_id": str(office.line.id), "amount": "1000000", "closes_on": last.isoformat(), "reason": "项目跨年"}
    made = post(maker, f"{desk}/carry", values).headers["Location"]
    assert post(checker, made, {"decision": "decline", "reason": ""}).status_code == 422
    assert post(checker, made, {"decision": "book", "reason": ""}).status_code == 303
    assert office.buckets() == (ALLOTTED, 100_000_000, 0, ALLOTTED - 100_000_000)
    assert office.world.see(BudgetLine, office.line.id).closes_on == last


def test_an_arrival_is_chosen_from_what_can_be_taken_back(app: Flask, office: Office) -> None:
    maker, checker = browser(app, office, "maker"), browser(app, office, "checker")
    page = read(maker, f"/adjustments/new/{office.pilot.id}/correct")
    offered = re.findall(r'<option value="(\d+)"[^>]*>([^<]+)</option>', page)
    assert len(offered) == 1 and "资金到账" in offered[0][1] and "5,000,000.00" in offered[0][1]
    values = {"entry_id": offered[0][0], "reason": "到账户名有误"}
    made = post(maker, f"/adjustments/new/{office.pilot.id}/correct", values).headers["Location"]
    assert "资金到账" in read(checker, made)
    assert post(checker, made, {"decision": "book", "reason": ""}).status_code == 303
    assert office.fund().received == 0 and "没有可以更正的账目" in read(
        maker, f"/adjustments/new/{office.pilot.id}/correct"
    )


def test_a_proposal_is_withdrawn_with_its_reason(app: Flask, office: Office) -> None:
    maker = browser(app, office, "maker")
    values = {"amount": "1", "happened_on": office.today.isoformat(), "bank_reference": "R", "reason": "结余"}
    page = post(maker, f"/adjustments/new/{office.pilot.id}/return", values).headers["Location"]
    assert post(maker, f"{page}/withdraw", {"reason": ""}).status_code == 422
    assert post(maker, f"{page}/withdraw", {"reason": "金额有误"}).status_code == 303
    assert "没有产生账目。理由：金额有误" in read(maker, page)
    assert maker.get(f"/adjustments/new/{office.pilot.id}/nothing").status_code == 404


def yuan(fen: int) -> dict[str, str]:
    return {"amount": f"{fen // 100}.{fen % 100:02d}", "currency": "CNY"}


def test_the_same_over_rest(app: Flask, office: Office) -> None:
    maker = Program(app, token_for(app, office.maker))
    checker = Program(app, token_for(app, office.checker))
    asked: dict[str, Any] = {
        "pilot_id": str(office.pilot.id), "kind": "return", "amount": yuan(ARRIVED + 1), "reason": "结余",
        "happened_on": office.today.isoformat(), "bank_reference": "JH-1",
    }  # fmt: skip
    maker.refused("POST", "/adjustments", asked, code="adjustment.promised", clause="四(一)")
    made = maker.post("/adjustments", asked | {"amount": yuan(ARRIVED)}, 201)
    path = f"/adjustments/{made['id']}"
    maker.refused("POST", f"{path}/booking", code="adjustment.same_person", clause="四(二)")
    assert checker.pay(f"{path}/booking")["state"] == "booked"
    assert checker.get(path)["amount"] == yuan(ARRIVED)
    assert [row["id"] for row in checker.items("/adjustments?state=booked&kind=return")] == [made["id"]]
    assert checker.get(f"/pilots/{office.pilot.id}/funds")["funds"][0]["returned"] == yuan(ARRIVED)
    other = maker.post("/adjustments", asked | {"kind": "interest", "bank_reference": "LX"}, 201)
    assert checker.post(f"/adjustments/{other['id']}/refusal", {"reason": "不清"})["answer"] == "不清"
    third = maker.post("/adjustments", asked | {"kind": "interest", "bank_reference": "LX"}, 201)
    assert maker.post(f"/adjustments/{third['id']}/withdrawal", {"reason": "重复"})["state"] == "withdrawn"
