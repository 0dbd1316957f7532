"""The same step over REST: keys, problems with code and clause, lists, files."""

from __future__ import annotations

import io
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from marketplace.base.context import Actor
from tests.support.payday import STATEMENT, SUBSIDY, Payday, returned
from tests.support.people import make_actor, token_for
from vouchers.claims.models import ClaimForm
from vouchers.ledger.models.payments import BatchItem, PaymentBatch

API = "/api/v1"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def headers(payday: Payday, actor: Actor, key: str | None = None) -> dict[str, str]:
    found = token_for(payday.town.app, actor)
    return found if key is None else {**found, "Idempotency-Key": key}


def yuan(fen: int) -> dict[str, str]:
    return {"amount": f"{fen // 100}.{fen % 100:02d}", "currency": "CNY"}


def invoice_body(payday: Payday, order: Any, **changes: Any) -> dict[str, Any]:
    values = payday.invoice_values(order)
    return {
        "order_id": str(order.id),
        "number": values["number"],
        "issued_on": values["issued_on"].isoformat(),
        "seller_uscc": values["seller_uscc"],
        "buyer_uscc": values["buyer_uscc"],
        "net": yuan(values["net_fen"]),
        "tax": yuan(values["tax_fen"]),
        "gross": yuan(values["gross_fen"]),
        "document_id": str(values["document_id"]),
        **changes,
    }


def test_the_whole_step_over_rest(payday: Payday, client: FlaskClient) -> None:
    town = payday.town
    order = payday.delivered()
    payday.accept(order)
    provider, enterprise = headers(payday, town.provider), headers(payday, town.enterprise)
    made = client.post(f"{API}/invoices", json=invoice_body(payday, order), headers=provider)
    assert made.status_code == 201, made.json
    match = client.get(f"{API}/orders/{order.id}/match", headers=provider).json
    assert [gap["code"] for gap in match["gaps"]] == ["match.invoice_unconfirmed", "match.amount"]
    body = {"order_id": str(order.id), "statement": STATEMENT, "promise": True}
    early = client.post(f"{API}/claims", json=body, headers=headers(payday, town.provider, "c-1"))
    assert (early.status_code, early.json["code"], early.json["clause"]) == (409, "match.invoice_unconfirmed", "四(二)")
    confirmed = client.post(f"{API}/invoices/{made.json['id']}/confirmation", headers=enterprise)
    assert confirmed.json["state"] == "confirmed"
    assert client.get(f"{API}/orders/{order.id}/match", headers=enterprise).json["matches"] is True
    assert client.post(f"{API}/claims", json=body, headers=provider).status_code == 400
    keyed = headers(payday, town.provider, "c-1")
    claim = client.post(f"{API}/claims", json=body, headers=keyed)
    assert (claim.status_code, claim.json["asked"]) == (201, yuan(SUBSIDY))
    replay = client.post(f"{API}/claims", json=body, headers=keyed)
    assert (replay.json, replay.headers["Idempotency-Replayed"]) == (claim.json, "true")
    second = client.post(f"{API}/claims", json=body, headers=headers(payday, town.provider, "c-2"))
    assert (second.status_code, second.json["code"]) == (409, "claim.part_claimed")
    claim_id = claim.json["id"]
    cut = {"line": 1, "amount": yuan(3328), "code": "evidence", "reason": "缺签到表"}
    for actor, key in ((town.office, "r-1"), (town.city, "r-2")):
        decision = {"decision": "approved", "cuts": [cut]}
        answer = client.post(f"{API}/claims/{claim_id}/reviews", json=decision, headers=headers(payday, actor, key))
        assert answer.status_code == 201, answer.json
    assert answer.json["state"] == "approved"
    assert answer.json["approved"] == yuan(SUBSIDY - 3328)
    waiting = client.get(f"{API}/batches/waiting", headers=headers(payday, payday.maker)).json["items"]
    assert [row["claim_id"] for row in waiting] == [claim_id]
    wanted = {"fund_id": str(payday.fund_id), "claims": [claim_id]}
    batch = client.post(f"{API}/batches", json=wanted, headers=headers(payday, payday.maker, "b-1"))
    assert (batch.status_code, batch.json["total"]) == (201, yuan(SUBSIDY - 3328))
    url = f"{API}/batches/{batch.json['id']}"
    own = client.post(f"{url}/approval", headers=headers(payday, payday.maker, "a-1"))
    assert (own.status_code, own.json["code"], own.json["clause"]) == (409, "settlement.same_person", "四(二)")
    assert client.post(f"{url}/approval", headers=headers(payday, payday.checker)).status_code == 400
    done = client.post(f"{url}/approval", headers=headers(payday, payday.checker, "a-1"))
    assert (done.status_code, done.json["state"]) == (200, "approved")
    checker = headers(payday, payday.checker)
    assert client.get(f"{url}/payment-file", headers=checker).status_code == 404
    assert client.post(f"{url}/payment-file", headers=checker).status_code == 201
    file = client.get(f"{url}/payment-file", headers=checker)
    assert file.data.startswith(b"\xef\xbb\xbf")
    code = file.data.decode().splitlines()[1].split(",")[-1]
    file.close()
    data = returned([(code, "成功", "ICBC-1", "", "")])
    bad = returned([(code, "成功", "ICBC-1", "", "", "1.00")], header="端到端编号,结果,银行流水号,原因,日期,金额")
    answer = load(client, url, bad, {**checker, "Idempotency-Key": "l-0"})
    assert (answer.status_code, answer.json["code"]) == (422, "return.lines")
    assert "第 2 行" in answer.json["errors"]["file"][0]
    loaded = load(client, url, data, {**checker, "Idempotency-Key": "l-1"})
    assert (loaded.status_code, loaded.json["repeated"], loaded.json["file"]["summary"]["paid"]) == (200, False, 1)
    assert load(client, url, data, {**checker, "Idempotency-Key": "l-2"}).json["repeated"] is True
    whole = client.get(f"{API}/claims/{claim_id}", headers=provider).json
    assert (whole["claim"]["state"], whole["payments"][0]["bank_reference"]) == ("paid", "ICBC-1")
    assert whole["reviews"][1]["cuts"][0]["clause"] == "二(五)"
    assert {paper["kind"] for paper in whole["papers"]} == {"order", "contract", "acceptance", "invoice"}


def load(client: FlaskClient, url: str, data: bytes, found: dict[str, str]) -> Any:
    return client.post(
        f"{url}/return-file",
        data={"file": (io.BytesIO(data), "回单.csv")},
        headers=found,
        content_type="multipart/form-data",
    )


def test_lists_are_paged_and_filtered(payday: Payday, client: FlaskClient) -> None:
    claims = [payday.claim(payday.claimable()) for _ in range(3)]
    payday.review(claims[0])
    office = headers(payday, payday.town.office)
    first = client.get(f"{API}/claims?limit=2", headers=office).json
    rest = client.get(f"{API}/claims?limit=2&cursor={first['next_cursor']}", headers=office).json
    assert [c["id"] for c in first["items"] + rest["items"]] == [str(c.id) for c in reversed(claims)]
    assert rest["next_cursor"] is None
    reviewed = client.get(f"{API}/claims?state=reviewed", headers=office).json["items"]
    assert [c["id"] for c in reviewed] == [str(claims[0].id)]
    by_order = client.get(f"{API}/claims?order_id={claims[1].form.order_id}", headers=office).json["items"]
    assert [c["id"] for c in by_order] == [str(claims[1].id)]
    numbered = client.get(f"{API}/claims?number={claims[2].form.number}", headers=office).json["items"]
    assert [c["id"] for c in numbered] == [str(claims[2].id)]
    assert client.get(f"{API}/claims?overdue=true", headers=office).json["items"] == []
    assert client.get(f"{API}/claims?nonsense=1", headers=office).status_code == 422
    invoices = client.get(f"{API}/invoices?state=confirmed&limit=2", headers=office).json
    assert len(invoices["items"]) == 2 and invoices["next_cursor"]
    assert client.get(f"{API}/batches?state=draft", headers=headers(payday, payday.maker)).json["items"] == []


def test_foreign_objects_are_not_found(payday: Payday, client: FlaskClient) -> None:
    claim = payday.approved()
    batch = payday.batch(claim)
    stranger = headers(payday, make_actor(payday.act, "provider")[0], "k")
    office = headers(payday, make_actor(payday.act, "pilot")[0], "k")
    finance = headers(payday, make_actor(payday.act, "finance", region="360700")[0], "k")
    nobody = uuid.uuid4()
    for found, verb, url in (
        (stranger, "get", f"/claims/{claim.id}"),
        (stranger, "get", f"/orders/{claim.form.order_id}/match"),
        (stranger, "post", f"/claims/{claim.id}/correction"),
        (office, "get", f"/claims/{claim.id}"),
        (office, "post", f"/claims/{claim.id}/reviews"),
        (office, "get", f"/claims/{nobody}"),
        (finance, "get", f"/batches/{batch.id}"),
        (finance, "post", f"/batches/{batch.id}/approval"),
        (finance, "get", f"/batches/{batch.id}/payment-file"),
        (finance, "post", f"/batches/{batch.id}/cancellation"),
        (finance, "post", f"/batches/{nobody}/approval"),
    ):
        body: Any = {"decision": "approved"} if url.endswith("reviews") else None
        if url.endswith("correction"):
            body = {"statement": "x", "promise": True}
        answer = (
            getattr(client, verb)(API + url, json=body, headers=found)
            if body
            else getattr(client, verb)(API + url, headers=found)
        )
        assert answer.status_code == 404, (verb, url, answer.json)
    wanted = {"fund_id": str(payday.fund_id), "claims": [str(claim.id)]}
    assert client.post(f"{API}/batches", json=wanted, headers=finance).status_code == 404
    assert client.get(f"{API}/claims").status_code == 401
    assert client.get(f"{API}/batches", headers=stranger).status_code == 403


def test_input_that_cannot_be_used_is_named_by_field(payday: Payday, client: FlaskClient) -> None:
    order = payday.delivered()
    provider = headers(payday, payday.town.provider, "k")
    wrong = invoice_body(payday, order, seller_uscc="123", gross=yuan(0), extra=1)
    answer = client.post(f"{API}/invoices", json=wrong, headers=provider)
    assert answer.status_code == 422
    assert {"seller_uscc", "gross", "extra"} <= set(answer.json["errors"])
    answer = client.post(f"{API}/claims", json={"order_id": "x"}, headers=provider)
    assert {"order_id", "statement", "promise"} <= set(answer.json["errors"])
    maker = headers(payday, payday.maker, "k")
    answer = client.post(f"{API}/batches", json={"fund_id": str(payday.fund_id), "claims": []}, headers=maker)
    assert answer.status_code == 422 and "claims" in answer.json["errors"]
    assert payday.act(lambda ctx: ctx.session.scalar(select(func.count(ClaimForm.claim_id)))) == 0
    assert payday.act(lambda ctx: ctx.session.scalar(select(func.count(PaymentBatch.id)))) == 0
    assert payday.act(lambda ctx: ctx.session.scalar(select(func.count(BatchItem.id)))) == 0
