"""Schemes on pages and through the API."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
import python_calamine
from flask import Flask
from sqlalchemy import select

from marketplace.base.clock import SetClock
from marketplace.base.roles import Role
from tests.support.html import PageClient
from tests.support.people import client_as, post, sign_in, token_for
from tests.support.shop import Town, list_product
from vouchers.schemes import actions, queries
from vouchers.schemes.models import Scheme, SchemeVersion
from vouchers.schemes.schemas import SchemeTermsShape

API = "/api/v1/schemes"
PACKAGE = {"name": "年费", "unit": "年", "cost_type": "software", "price_fen": 1_680_000}


def terms(today: date, **changes: Any) -> dict[str, Any]:
    return {
        "category": "renovation",
        "mode": "direct",
        "basis": "net",
        "rate_bps": 4000,
        "cap_voucher": {"amount": "50000.00", "currency": "CNY"},
        "cost_types": ["software"],
        "on_short": "partial",
        "use_by": (today + timedelta(days=180)).isoformat(),
        "redeem_by": (today + timedelta(days=365)).isoformat(),
        **changes,
    }


def test_a_scheme_through_the_api(town: Town, app: Flask, today: date) -> None:
    client, office = app.test_client(), token_for(app, town.office)
    new = {"pilot_id": str(town.pilot.id), "code": "RENO-1", "name": "改造券", "terms": terms(today)}
    wrong = client.post(API, json={**new, "terms": terms(today, category="network")}, headers=office)
    assert (wrong.status_code, wrong.json["code"], wrong.json["clause"]) == (
        409,
        "category.not_for_pilot_type",
        "四(二)",
    )
    assert client.post(API, json={**new, "terms": terms(today, colour=1)}, headers=office).status_code == 422
    assert client.post(API, json={**new, "terms": terms(today, rate_bps=0)}, headers=office).status_code == 422
    made = client.post(API, json=new, headers=office)
    assert made.status_code == 201
    address = f"{API}/{made.json['id']}"
    assert client.get(address).status_code == 404, "a draft is not public"
    version = client.get(address, headers=office).json["versions"][0]["id"]
    tag = client.get(f"{address}/versions/{version}", headers=office).headers["ETag"]
    edit = client.put(
        f"{address}/versions/{version}", json=terms(today, rate_bps=3000), headers={**office, "If-Match": tag}
    )
    assert edit.status_code == 200 and edit.json["terms"]["rate_bps"] == 3000
    stale = client.put(f"{address}/versions/{version}", json=terms(today), headers={**office, "If-Match": tag})
    assert (stale.status_code, stale.json["code"]) == (412, "stale")
    assert client.post(f"{address}/versions/{version}/publish", headers=office).json["state"] == "published"
    public = client.get(address).json
    assert public["versions"][0]["terms"]["cap_voucher"] == {"amount": "50000.00", "currency": "CNY"}
    late = client.put(f"{address}/versions/{version}", json=terms(today), headers=office)
    assert (late.status_code, late.json["code"]) == (409, "scheme.published")
    assert [s["code"] for s in client.get(API).json["items"]] == ["RENO-1"]


def test_a_scheme_on_pages(town: Town, app: Flask, today: date) -> None:
    office = sign_in(app.test_client(), town.persons["office"])
    form: dict[str, Any] = {
        "name": "改造券", "code": "RENO-1", "category": "renovation", "mode": "direct", "basis": "net", "rate": "12.5",
        "cap_voucher": "50,000", "cost_types": ["software", "cloud"], "on_short": "partial",
        "use_by": (today + timedelta(days=180)).isoformat(), "redeem_by": (today + timedelta(days=365)).isoformat(),
    }  # fmt: skip
    assert post(office, "/schemes/new", {**form, "rate": "100.01"}).status_code == 422
    refused = post(office, "/schemes/new", {**form, "redeem_by": (today + timedelta(days=701)).isoformat()})
    assert refused.status_code == 409 and "四(一)" in refused.text
    assert post(office, "/schemes/new", form).status_code == 303
    scheme, version = town.act(
        lambda ctx: (ctx.session.scalars(select(Scheme)).one(), ctx.session.scalars(select(SchemeVersion)).one())
    )
    assert (version.rate_bps, version.cap_voucher_fen) == (1250, 5_000_000)
    address = f"/schemes/{scheme.id}"
    assert app.test_client().get(address).status_code == 404
    edited = post(office, f"{address}/terms", {**form, "rate": "40"})
    assert edited.status_code == 303
    assert post(office, f"{address}/versions/{version.id}/publish").status_code == 303
    for language, words in (("zh", "用大白话说"), ("en", "In plain words")):
        page = app.test_client().get(address, headers={"Accept-Language": language}).text
        assert words in page and "¥40,000.00" in page and "40%" in page
    listing = list_product(town)
    product = app.test_client().get(f"/catalogue/{listing.id}").text
    assert "改造券" in product and "¥10,080.00" in product
    assert "可用服务券" in app.test_client().get("/catalogue").text, "the cheapest price is one no voucher pays"
    list_product(town, name="只有软件", packages=[PACKAGE])
    assert "¥10,080.00" in app.test_client().get("/catalogue").text


@pytest.fixture
def schemes(town: Town, app: Flask, today: date, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Four schemes in the order of their making: open; open with a draft; closed with a draft; never published."""
    monkeypatch.setattr(app, "test_client_class", PageClient)
    given: Any = SchemeTermsShape().load(terms(today))
    secret: Any = SchemeTermsShape().load(terms(today, rate_bps=9900))
    found = {}

    def act(verb: Any) -> Any:
        return town.act(verb, town.office)

    for name in ("open", "renewed", "closed", "draft"):
        scheme = act(
            lambda ctx, n=name: actions.draft_scheme(
                ctx, pilot_id=town.pilot.id, code=f"x-{n}", name=f"券{n}", terms=given
            )
        )
        found[name] = scheme.id
        if name != "draft":
            version = act(lambda ctx, s=scheme: queries.versions(ctx, queries.get(ctx, s.id))[0])
            act(lambda ctx, v=version: actions.publish_version(ctx, v.id))
            if name == "closed":
                act(lambda ctx, v=version: actions.close_version(ctx, v.id))
            if name != "open":
                act(lambda ctx, s=scheme: actions.draft_version(ctx, s.id, terms=secret))
    return found


EVERY = {"open", "renewed", "closed"}


@pytest.mark.parametrize(
    ("who", "days", "query", "found"),
    [
        ("public", 0, "", EVERY),
        ("public", 0, "state=published", {"open", "renewed"}),
        ("public", 0, "state=closed", {"closed"}),
        ("public", 0, "state=draft", EVERY),
        ("office", 0, "", EVERY | {"draft"}),
        ("office", 0, "state=closed", set()),
        ("office", 0, "state=draft", {"closed", "draft"}),
        ("public", 0, "usable=1", {"open", "renewed"}),
        ("public", 300, "usable=1", set()),
        ("public", 0, "q=券renew", {"renewed"}),
        ("public", 0, "q=X-Open", {"open"}),
        ("public", 0, "q=_", set()),
        ("public", 0, "city=360900", EVERY),
        ("public", 0, "city=360100", set()),
        ("public", 0, "sort=oldest&column=name&column=cap_year", EVERY),
    ],
)
def test_each_filter_of_the_list(
    town: Town, app: Flask, schemes: dict[str, Any], clock: SetClock, who: str, days: int, query: str, found: set[str]
) -> None:
    clock.advance(days=days)
    client = app.test_client() if who == "public" else sign_in(app.test_client(), town.persons["office"])
    page = client.get(f"/schemes?{query}").text
    assert {name for name, scheme_id in schemes.items() if f"/schemes/{scheme_id}" in page} == found
    assert who == "office" or "99.00%" not in page, "the terms of a draft are nobody's business"


def test_the_orders_and_the_files_of_the_list(town: Town, app: Flask, schemes: dict[str, Any]) -> None:
    visitor = app.test_client()
    for sort, names in (
        ("newest", ["券closed", "券renewed", "券open"]),
        ("oldest", ["券open", "券renewed", "券closed"]),
    ):
        head, *lines = visitor.get(f"/schemes?sort={sort}&format=csv").data.decode("utf-8-sig").splitlines()
        assert head.startswith("方案,所属试点,所在市,状态,补贴比例,单券上限（元）")
        assert [line.split(",")[0] for line in lines] == names and "40.00%,50000.00" in lines[0]
    with client_as(app, Role.PROVINCE).get("/schemes?format=xlsx") as file:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.data)).get_sheet_by_index(0)
    assert len(sheet.to_python()) == 5 and sheet.to_python()[1][5] == 50_000


def test_a_visitor_is_led_to_the_products_an_office_to_its_draft(
    town: Town, app: Flask, schemes: dict[str, Any]
) -> None:
    visitor, office = app.test_client(), sign_in(app.test_client(), town.persons["office"])
    assert "去选产品" in visitor.get(f"/schemes/{schemes['open']}").text
    assert "去选产品" not in visitor.get(f"/schemes/{schemes['closed']}").text
    page = office.get(f"/schemes/{schemes['renewed']}").text
    assert "发布第 2 版" in page and "去选产品" not in page
