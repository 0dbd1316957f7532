"""The same over REST: keys, problems with code and clause, one contract from its record to its claim."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from marketplace.base.actor import Actor
from marketplace.base.roles import Role
from tests.support.direct import CEILING, Direct
from tests.support.people import OTHER_CITY, make_actor, token_for

API = "/api/v1"


def yuan(fen: int) -> dict[str, str]:
    return {"amount": f"{fen // 100}.{fen % 100:02d}", "currency": "CNY"}


class Program:
    def __init__(self, app: Flask, actor: Actor):
        self.client: FlaskClient = app.test_client()
        self.headers = token_for(app, actor)

    def post(self, path: str, body: Any = None, key: str | None = None) -> Any:
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        return self.client.post(API + path, json=body, headers=headers)

    def get(self, path: str) -> Any:
        return self.client.get(API + path, headers=self.headers)


def body_of(direct: Direct, amount: int, **changes: Any) -> dict[str, Any]:
    values = direct.values(amount_fen=amount)
    return {
        "pilot_id": str(direct.payday.town.pilot.id),
        "category": values["category"],
        "provider_uscc": values["provider_uscc"],
        "number": values["number"],
        "title": values["title"],
        "method": "inquiry",
        "total": yuan(amount),
        "amount": yuan(amount),
        "signed_on": values["signed_on"].isoformat(),
        "last_day": values["last_day"].isoformat(),
        "document_id": str(values["document_id"]),
    } | changes


def test_a_contract_over_rest(direct: Direct) -> None:
    app = direct.payday.town.app
    office, checker = Program(app, direct.maker), Program(app, direct.checker)
    provider, city = Program(app, direct.payday.town.provider), Program(app, direct.payday.town.city)
    over = office.post("/contracts", body_of(direct, CEILING + 1))
    assert (over.status_code, over.json["clause"]) == (409, "四(二)") and "amount" in over.json["errors"]
    welfare = office.post("/contracts", body_of(direct, 1, category="welfare"))
    assert (welfare.status_code, welfare.json["code"]) == (409, "use.prohibited")
    made = office.post("/contracts", body_of(direct, 100_000_00))
    assert (made.status_code, made.json["state"], made.json["method"]) == (201, "proposed", "inquiry")
    address = f"/contracts/{made.json['id']}"
    assert provider.get(address).status_code == 404
    own = office.post(f"{address}/confirmation", {"reason": "x"}, key="k-own")
    assert (own.status_code, own.json["code"]) == (409, "contract.same_person")
    assert checker.post(f"{address}/confirmation", {}).status_code == 400, "no key"
    warned = checker.post(f"{address}/confirmation", {}, key="k-1")
    assert (warned.status_code, warned.json["code"]) == (409, "warning.reason_required")
    done = checker.post(f"{address}/confirmation", {"reason": "平台先行"}, key="k-1")
    assert (done.status_code, done.json["state"], done.json["left"]) == (200, "confirmed", yuan(100_000_00))
    again = checker.post(f"{address}/confirmation", {"reason": "平台先行"}, key="k-1")
    assert (again.json, again.headers["Idempotency-Replayed"]) == (done.json, "true")
    paper = str(direct.payday.document(direct.maker, "acceptance"))
    part = {"amount": yuan(60_000_00), "content": "一期", "accepted_on": direct.payday.today.isoformat()}
    part |= {"document_id": paper}
    assert office.post(f"{address}/parts", part).status_code == 400
    accepted = office.post(f"{address}/parts", part, key="p-1")
    assert (accepted.status_code, accepted.json["amount"]) == (201, yuan(60_000_00))
    assert office.post(f"{address}/parts", part, key="p-1").json == accepted.json
    other = office.post(f"{address}/parts", part | {"amount": yuan(1)}, key="p-1")
    assert (other.status_code, other.json["code"]) == (422, "idempotency.other_request")
    more = office.post(f"{address}/parts", part | {"amount": yuan(40_000_01)}, key="p-2")
    assert (more.status_code, more.json["code"]) == (409, "contract.too_little")
    less = office.post(f"{address}/recalls", {"amount": yuan(40_000_00), "reason": "不再需要"}, key="r-1")
    assert (less.status_code, less.json["reason"]) == (201, "不再需要")
    whole = provider.get(address).json
    assert (whole["contract"]["left"], len(whole["parts"]), len(whole["recalls"])) == (yuan(0), 1, 1)

    values = direct.invoice_values(_record(direct, made.json["id"]), 60_000_00)
    invoice = {
        "contract_id": made.json["id"],
        **{name: values[name] for name in ("number", "seller_uscc", "buyer_uscc")},
        **{name: yuan(values[f"{name}_fen"]) for name in ("net", "tax", "gross")},
        "issued_on": values["issued_on"].isoformat(),
        "document_id": str(values["document_id"]),
    }
    both = provider.post("/invoices", invoice | {"order_id": str(uuid.uuid4())})
    assert both.status_code == 422
    sent = provider.post("/invoices", invoice)
    assert (sent.status_code, sent.json["order_id"], sent.json["contract_id"]) == (201, None, made.json["id"])
    assert provider.post(f"/invoices/{sent.json['id']}/confirmation").status_code == 403
    assert office.post(f"/invoices/{sent.json['id']}/confirmation").json["state"] == "confirmed"
    claim = {"contract_id": made.json["id"], "statement": "已交付。", "promise": True}
    assert provider.post("/claims", {**claim, "contract_id": None}, key="c-0").status_code == 422
    filed = provider.post("/claims", claim, key="c-1")
    assert (filed.status_code, filed.json["mode"], filed.json["asked"]) == (201, "contract", yuan(60_000_00))
    assert office.get(f"/claims?contract_id={made.json['id']}").json["items"][0]["id"] == filed.json["id"]
    assert city.get("/contracts?open_only=true").json["items"] == []
    assert [row["id"] for row in city.get("/contracts?state=confirmed").json["items"]] == [made.json["id"]]


def _record(direct: Direct, contract_id: str) -> Any:
    return direct.held(type("Id", (), {"id": uuid.UUID(contract_id)})()).record  # type: ignore[arg-type]


def test_foreign_contracts_are_not_there(direct: Direct) -> None:
    app, contract = direct.payday.town.app, direct.recorded()
    elsewhere = Program(app, make_actor(direct.act, Role.CITY, region=OTHER_CITY)[0])
    assert elsewhere.get(f"/contracts/{contract.id}").status_code == 404
    assert elsewhere.get("/contracts").json["items"] == []
    for verb, body in (
        ("confirmation", {"reason": "x"}),
        ("refusal", {"reason": "x"}),
        ("withdrawal", {"reason": "x"}),
        ("recalls", {"amount": yuan(1), "reason": "x"}),
    ):
        assert elsewhere.post(f"/contracts/{contract.id}/{verb}", body, key="k").status_code == 404, verb
    day = (direct.payday.today + timedelta(days=1)).isoformat()
    assert elsewhere.post("/contracts", body_of(direct, 1, signed_on=day)).status_code == 403
