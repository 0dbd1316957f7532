"""The conventions of the API, on the verbs of the shop."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from marketplace.record.documents import actions as documents
from marketplace.shop.catalogue.models import Listing
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.rules import LineInput
from tests.support.people import OTHER_COUNTY, make_actor, token_for
from tests.support.shop import PDF, Town, content, file_contract, list_product, packages_of, place_order

API = "/api/v1"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def listing(town: Town) -> Listing:
    return list_product(town)


def body(**changes: Any) -> dict[str, Any]:
    """A draft as the API takes it."""
    draft = content(**changes)
    draft["packages"] = [
        {k: p[k] for k in ("name", "unit", "cost_type")}
        | {"price": {"amount": f"{p['price_fen'] // 100}.{p['price_fen'] % 100:02d}", "currency": "CNY"}}
        for p in draft["packages"]
    ]
    return draft


def wanted(town: Town, listing: Listing, **changes: Any) -> dict[str, Any]:
    package = packages_of(town, listing)[0]
    return {
        "listing_id": str(listing.id),
        "pilot_id": str(town.pilot.id),
        "packages": [{"package_id": str(package.id), "quantity": 1}],
        **changes,
    }


def test_the_catalogue_is_public(client: FlaskClient, listing: Listing) -> None:
    found = client.get(f"{API}/products?q=质检&scenario=07&sort=cheapest").json
    assert [item["id"] for item in found["items"]] == [str(listing.id)] and found["next_cursor"] is None
    assert found["items"][0]["price_from"] == {"amount": "2000.00", "currency": "CNY"}
    offer = client.get(f"{API}/products/{listing.id}").json
    assert offer["edition"]["delivery_days"] == 12 and len(offer["packages"]) == 2
    assert client.get(f"{API}/products?sort=dearest").status_code == 422
    assert client.get(f"{API}/products?limit=101").status_code == 422
    fault = client.get(f"{API}/products?cursor=nonsense")
    assert (fault.status_code, fault.json["code"]) == (409, "cursor.invalid")


def test_closed_doors(client: FlaskClient, town: Town, app: Flask, listing: Listing) -> None:
    assert client.get(f"{API}/orders").status_code == 401
    fault = client.get(f"{API}/product-drafts", headers=token_for(app, town.enterprise))
    assert (fault.status_code, fault.json["code"]) == (403, "permission.denied")
    assert fault.headers["Content-Type"] == "application/problem+json"
    order = place_order(town, listing)
    rival, _ = make_actor(town.act, "provider", region=OTHER_COUNTY)
    assert client.get(f"{API}/orders/{order.id}", headers=token_for(app, rival)).status_code == 404
    assert client.get(f"{API}/orders/{order.id}", headers=token_for(app, town.office)).status_code == 200


def test_a_product_from_draft_to_list(client: FlaskClient, town: Town, app: Flask) -> None:
    provider, city = token_for(app, town.provider), token_for(app, town.city)
    made = client.post(f"{API}/product-drafts", json=body(), headers=provider)
    assert made.status_code == 201 and made.json["draft"]["packages"][0]["price"]["amount"] == "16800.00"
    address = f"{API}/product-drafts/{made.json['id']}"
    unknown = client.post(f"{API}/product-drafts", json={**body(), "colour": "red"}, headers=provider)
    assert unknown.status_code == 422 and "colour" in unknown.json["errors"]
    edition = client.post(f"{address}/editions", headers=provider)
    assert (edition.status_code, edition.json["number"]) == (201, 1)
    product_id = made.json["id"]
    listing = client.post(f"{API}/listings", json={"product_id": product_id, "city": town.pilot.city}, headers=provider)
    assert listing.json["state"] == "submitted"
    review = f"{API}/listings/{listing.json['id']}/review"
    wrong = client.post(review, json={"approve": True, "categories": {"county": "network"}}, headers=city)
    assert (wrong.status_code, wrong.json["code"], wrong.json["clause"]) == (
        409,
        "category.not_for_pilot_type",
        "四(二)",
    )
    right = client.post(review, json={"approve": True, "categories": {"county": "renovation"}}, headers=city)
    assert right.json["state"] == "listed"
    waiting = client.get(f"{API}/listings?state=submitted", headers=city)
    assert waiting.json["items"] == []


def test_a_stale_draft_is_412(client: FlaskClient, town: Town, app: Flask) -> None:
    provider = token_for(app, town.provider)
    made = client.post(f"{API}/product-drafts", json=body(), headers=provider).json
    address = f"{API}/product-drafts/{made['id']}"
    tag = client.get(address, headers=provider).headers["ETag"]
    first = client.put(address, json=body(name="甲"), headers={**provider, "If-Match": tag})
    assert first.status_code == 200 and first.headers["ETag"] != tag
    second = client.put(address, json=body(name="乙"), headers={**provider, "If-Match": tag})
    assert (second.status_code, second.json["code"]) == (412, "stale")
    assert client.get(address, headers=provider).json["name"] == "甲"
    third = client.put(address, json=body(name="乙"), headers={**provider, "If-Match": first.headers["ETag"]})
    assert third.json["name"] == "乙"


def test_placing_needs_a_key_and_replays(client: FlaskClient, town: Town, app: Flask, listing: Listing) -> None:
    enterprise = token_for(app, town.enterprise)
    bare = client.post(f"{API}/orders", json=wanted(town, listing), headers=enterprise)
    assert (bare.status_code, bare.json["code"]) == (400, "idempotency.key_required")
    keyed = {**enterprise, "Idempotency-Key": "till-1"}
    first = client.post(f"{API}/orders", json=wanted(town, listing), headers=keyed)
    again = client.post(f"{API}/orders", json=wanted(town, listing), headers=keyed)
    assert first.status_code == again.status_code == 201 and first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first.headers
    dearer = wanted(town, listing)
    dearer["packages"][0]["quantity"] = 2
    other = client.post(f"{API}/orders", json=dearer, headers=keyed)
    assert (other.status_code, other.json["code"]) == (422, "idempotency.other_request")
    assert town.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Order))) == 1


def test_a_refusal_says_its_rule_and_is_not_stored(client: FlaskClient, town: Town, app: Flask) -> None:
    listing = list_product(town, categories={"zone": "renovation"})
    keyed = {**token_for(app, town.enterprise), "Idempotency-Key": "till-2"}
    for _ in range(2):
        fault = client.post(f"{API}/orders", json=wanted(town, listing), headers=keyed)
        assert (fault.status_code, fault.json["code"], fault.json["clause"]) == (
            409,
            "category.not_for_pilot_type",
            "四(二)",
        )
        assert "Idempotency-Replayed" not in fault.headers


def test_an_order_through_the_api(client: FlaskClient, town: Town, app: Flask, listing: Listing, today: date) -> None:
    provider, enterprise = token_for(app, town.provider), token_for(app, town.enterprise)
    order = place_order(town, listing)
    address = f"{API}/orders/{order.id}"
    assert client.post(f"{address}/accept", headers=provider).json["state"] == "accepted"
    document = town.act(lambda ctx: documents.store(ctx, PDF, "合同.pdf", "contract"), town.provider)
    contract = {
        "number": "HT-9",
        "signed_on": today.isoformat(),
        "document_id": str(document.id),
        "lines": [
            {
                "name": "年度订阅",
                "cost_type": "software",
                "quantity": "1",
                "unit_price": "16800",
                "gross": {"amount": "16800.01", "currency": "CNY"},
                "tax": {"amount": "950.94", "currency": "CNY"},
            }
        ],
    }
    wrong = client.post(f"{address}/contract", json=contract, headers=provider)
    assert (wrong.status_code, wrong.json["code"]) == (422, "contract.arithmetic")
    contract["lines"][0]["gross"]["amount"] = "16800.00"  # type: ignore[index]
    filed = client.post(f"{address}/contract", json=contract, headers=provider)
    assert filed.status_code == 201 and filed.json["net"] == {"amount": "15849.06", "currency": "CNY"}
    assert client.post(f"{address}/delivery", json={"text": "已上线"}, headers=provider).status_code == 201
    assert client.post(f"{address}/confirmation", headers=enterprise).status_code == 400
    done = client.post(f"{address}/confirmation", headers={**enterprise, "Idempotency-Key": "c-1"})
    assert done.json["state"] == "confirmed"
    whole = client.get(address, headers=token_for(app, town.city)).json
    assert whole["contract"]["number"] == "HT-9" and [c["step"] for c in whole["consents"]] == ["order", "acceptance"]
    assert whole["contract_lines"][0]["quantity"] == "1"


def test_acceptance_through_the_api(client: FlaskClient, town: Town, app: Flask, listing: Listing, today: date) -> None:
    order = place_order(town, listing)
    town.act(lambda ctx: orders.accept(ctx, order.id), town.provider)
    line = LineInput("x", CostType.SOFTWARE, Decimal(1), Decimal("16800"), 1_680_000, 0)
    file_contract(town, order, [line], signed_on=today)
    town.act(lambda ctx: orders.deliver(ctx, order.id, text="已上线"), town.provider)
    town.act(lambda ctx: orders.confirm(ctx, order.id), town.enterprise)
    judgement = {
        "order_id": str(order.id),
        "scores": {"effect": 80, "data_flow": 80, "return": 80, "management": 80},
        "level_after": "L5",
        "result": "passed",
        "finance_clean": True,
        "reason": "达到要求",
    }
    city = token_for(app, town.city)
    low = client.post(f"{API}/acceptances", json=judgement, headers=city)
    assert (low.status_code, low.json["code"], low.json["clause"]) == (409, "level.below_target", "二(二)")
    passed = client.post(f"{API}/acceptances", json={**judgement, "level_after": "L6"}, headers=city)
    assert passed.status_code == 201 and passed.json["points"] == 80
    mine = client.get(f"{API}/acceptances?result=passed", headers=token_for(app, town.enterprise)).json
    assert [row["id"] for row in mine["items"]] == [passed.json["id"]]


def test_lists_go_page_by_page(client: FlaskClient, town: Town, app: Flask, listing: Listing) -> None:
    made = {str(place_order(town, listing).id) for _ in range(3)}
    headers, seen, cursor = token_for(app, town.provider), [], ""
    while True:
        page = client.get(f"{API}/orders?limit=2&state=placed{cursor}", headers=headers).json
        seen += [order["id"] for order in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert set(seen) == made and len(seen) == 3
    assert client.get(f"{API}/orders?colour=red", headers=headers).status_code == 422
