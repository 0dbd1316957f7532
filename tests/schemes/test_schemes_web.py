"""Schemes on pages and through the API."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.support.people import post, sign_in, token_for
from tests.support.shop import Town, list_product
from vouchers.schemes.models import Scheme, SchemeVersion

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
