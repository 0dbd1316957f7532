"""The same over its pages and over REST: the enterprise's phone, the two desks, and giving a voucher back."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.html import PageClient
from tests.support.people import post, sign_in, token_for
from tests.support.purse import Purse
from tests.support.rest import answer, problem
from tests.support.shop import PDF

API = "/api/v1/voucher-requests"


@pytest.fixture(autouse=True)
def strict(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page of these tests is read as strictly as `PageClient` reads."""
    monkeypatch.setattr(app, "test_client_class", PageClient)


def browser(purse: Purse, who: str) -> FlaskClient:
    return sign_in(purse.town.app.test_client(), purse.town.persons[who])


def read(client: FlaskClient, url: str) -> str:
    found = client.get(url)
    assert found.status_code == 200, url
    return found.get_data(as_text=True)


FORM = {"planned": "100000", "wanted": "40000", "purpose": "上线排产软件，覆盖两条产线", "promised": "true"}


def asked(purse: Purse) -> tuple[FlaskClient, str]:
    """A request submitted through the scheme's page; the enterprise's browser and the request's page."""
    firm = browser(purse, "enterprise")
    scheme = re.search(r'href="(/schemes/[0-9a-f-]{36})"', read(firm, "/schemes"))
    assert scheme is not None
    form = re.search(r'href="(/voucher-requests/new/[^"]+)"', read(firm, scheme[1]))
    assert form is not None
    assert "40%" in read(firm, form[1])
    done = post(firm, form[1], FORM | {"document": (io.BytesIO(PDF), "报价单.pdf")})
    assert done.status_code == 303, done.get_data(as_text=True)
    assert "查看我的申领" in read(firm, scheme[1])
    return firm, done.headers["Location"]


def test_from_the_schemes_page_to_the_voucher(purse: Purse) -> None:
    firm, page = asked(purse)
    office, city = browser(purse, "office"), browser(purse, "city")
    assert "待试点办公室初审" in read(firm, page) and "撤回申领" in read(firm, page)
    assert "1 份服务券申领待初审" in read(office, "/") and "服务券申领待" not in read(city, "/")
    desk = f"{page}/review"
    assert "下载附件" in read(office, desk) and "尚可发放" in read(office, desk)
    assert "目前不在您这里办理" in read(city, desk)
    agreed = {"verdict": "approved", "agreed": "25000", "reason": ""}
    short = post(office, desk, agreed)
    assert short.status_code == 422 and 'value="25000"' in short.get_data(as_text=True)
    assert post(office, desk, agreed | {"reason": "先做一条产线"}).status_code == 303
    assert "1 份服务券申领待复审" in read(city, "/")
    assert "初审同意" in read(city, desk) and "先做一条产线" in read(city, desk)
    assert post(city, desk, {"verdict": "approved", "agreed": "25000", "reason": ""}).status_code == 303
    shown = read(firm, page)
    voucher = re.search(r'href="(/vouchers/[0-9a-f-]{36})"', shown)
    assert voucher is not None and "25,000.00" in shown
    assert "25,000.00" in read(firm, voucher[1])
    assert city.get(desk).headers["Location"] == page
    assert "已批准，券已发放" in read(office, "/voucher-requests")


def test_sent_back_and_corrected_with_what_was_typed(purse: Purse) -> None:
    firm, page = asked(purse)
    office = browser(purse, "office")
    bare = post(office, f"{page}/review", {"verdict": "returned", "reason": "请补正", "agreed": ""})
    assert bare.status_code == 422 and "请至少对一项内容写明" in bare.get_data(as_text=True)
    said = {"verdict": "returned", "reason": "请补正", "agreed": "", "note_purpose": "写明是哪个车间"}
    assert post(office, f"{page}/review", said).status_code == 303
    assert "1 份服务券申领被退回" in read(firm, "/") and "写明是哪个车间" in read(firm, page)
    form = read(firm, f"{page}/correct")
    assert "写明是哪个车间" in form and "上线排产软件" in form and 'value="40000.00"' in form
    high = post(firm, f"{page}/correct", FORM | {"wanted": "40000.01"})
    assert high.status_code == 409 and "40,000.00" in high.get_data(as_text=True)
    assert post(firm, f"{page}/correct", FORM | {"purpose": "二号车间"}).status_code == 303
    assert "二号车间" in read(office, page) and "下载附件" in read(office, page)
    assert firm.get(f"{page}/correct").headers["Location"] == page


def test_without_the_promise_nothing_is_submitted(purse: Purse) -> None:
    firm = browser(purse, "enterprise")
    form = f"/voucher-requests/new/{purse.version_id}"
    refused = post(firm, form, {name: value for name, value in FORM.items() if name != "promised"})
    assert refused.status_code == 422 and "请阅读并勾选承诺" in refused.get_data(as_text=True)
    assert "没有符合条件的服务券申领" in read(firm, "/voucher-requests")


def test_withdrawn_on_the_page(purse: Purse) -> None:
    firm, page = asked(purse)
    assert post(firm, f"{page}/withdraw").status_code == 303
    assert "企业已撤回" in read(firm, page) and "撤回申领" not in read(firm, page)


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def keyed(headers: dict[str, str], key: str) -> dict[str, str]:
    return {**headers, "Idempotency-Key": key}


def test_the_same_over_rest(purse: Purse) -> None:
    town = purse.town
    client = town.app.test_client()
    firm, office, city = (token_for(town.app, actor) for actor in (town.enterprise, town.office, town.city))
    body: dict[str, Any] = {
        "version_id": str(purse.version_id),
        "wanted": yuan("40000.01"),
        "planned": yuan("100000.00"),
        "purpose": "上线排产软件",
        "promised": True,
    }
    above = problem(client.post(API, json=body, headers=firm), 409)
    assert (above["code"], above["clause"]) == ("voucher_request.above_terms", "四(二)")
    made = answer(client.post(API, json=body | {"wanted": yuan("40000.00")}, headers=firm), 201)
    where = f"{API}/{made['id']}"
    yes = {"verdict": "approved"}
    assert problem(client.post(f"{where}/review", json=yes, headers=office), 400)["code"] == "idempotency.key_required"
    said = {"verdict": "returned", "reason": "补", "notes": {"purpose": "哪里"}}
    assert answer(client.post(f"{where}/review", json=said, headers=keyed(office, "a")))["state"] == "returned"
    again = {name: body[name] for name in ("planned", "purpose", "promised")} | {"wanted": yuan("30000.00")}
    assert answer(client.post(f"{where}/correction", json=again, headers=firm))["round"] == 2
    assert answer(client.post(f"{where}/review", json=yes, headers=keyed(office, "b")))["state"] == "reviewed"
    granted = answer(client.post(f"{where}/review", json=yes, headers=keyed(city, "c")))
    assert (granted["state"], granted["granted"]["amount"]) == ("granted", "30000.00")
    assert answer(client.post(f"{where}/review", json=yes, headers=keyed(city, "c"))) == granted
    whole = answer(client.get(where, headers=firm))
    assert [review["verdict"] for review in whole["reviews"]] == ["returned", "approved", "approved"]
    listed = answer(client.get(f"{API}?state=granted", headers=city))
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    assert problem(client.post(f"{where}/withdrawal", headers=firm), 409)["code"] == "state.not_allowed"


def test_an_enterprise_gives_back_what_it_does_not_need(purse: Purse) -> None:
    town, voucher = purse.town, purse.issue(50_000_00)
    firm, office = browser(purse, "enterprise"), browser(purse, "office")
    page = f"/vouchers/{voucher}"
    key = re.search(r'name="key" value="([^"]+)"', read(firm, page))
    assert key is not None and "退券" in read(firm, page) and "退券" not in read(office, page)
    said = {"key": key[1], "amount": "50000.01", "why": "项目缩小"}
    over = post(firm, f"{page}/give-back", said)
    assert over.status_code == 409 and "50,000.00" in over.get_data(as_text=True)
    for _ in range(2):
        assert post(firm, f"{page}/give-back", said | {"amount": "20000"}).status_code == 303
    assert purse.balances(voucher)[0] == 30_000_00
    assert "企业退回" in read(office, page) and "项目缩小" in read(office, page)
    assert post(office, f"{page}/give-back", said | {"amount": "1"}).status_code == 403
    back = token_for(town.app, town.enterprise)
    url = f"/api/v1/vouchers/{voucher}/returns"
    body = {"amount": yuan("30000.00"), "reason": "不再需要"}
    done = answer(firm.post(url, json=body, headers=keyed(back, "r")), 201)
    assert done["available"]["amount"] == "0.00"
    assert problem(firm.post(url, json=body, headers=keyed(back, "s")), 409)["code"] == "voucher.too_little"
