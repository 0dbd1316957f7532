"""Vouchers over REST, and what anybody may learn of one: genuine or not, checked with nothing of ours."""

from __future__ import annotations

import base64
import io
import json
import uuid
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select

from marketplace.base.roles import Role
from marketplace.people.organisations.models import Organisation
from tests.support.html import PageClient
from tests.support.people import OTHER_CITY, make_actor, token_for
from tests.support.purse import Purse, change
from vouchers.ledger.models.commitments import Voucher

API = "/api/v1/vouchers"


@pytest.fixture
def office(purse: Purse) -> dict[str, str]:
    return token_for(purse.town.app, purse.town.office)


def body(purse: Purse, face: str = "5000.50", **more: Any) -> dict[str, Any]:
    return {
        "version_id": str(purse.version_id),
        "enterprise_id": str(purse.town.enterprise.organisation_id),
        "face": {"amount": face, "currency": "CNY"},
        **more,
    }


def keyed(headers: dict[str, str], key: str) -> dict[str, str]:
    return {**headers, "Idempotency-Key": key}


def vouchers(purse: Purse) -> int:
    return purse.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Voucher)))


class TestIssuing:
    def test_needs_a_key(self, purse: Purse, office: dict[str, str]) -> None:
        answer = purse.town.app.test_client().post(API, json=body(purse), headers=office)
        assert (answer.status_code, answer.json["code"]) == (400, "idempotency.key_required")
        assert vouchers(purse) == 0

    def test_the_same_key_answers_the_same(self, purse: Purse, office: dict[str, str]) -> None:
        client = purse.town.app.test_client()
        first = client.post(API, json=body(purse), headers=keyed(office, "k"))
        assert first.status_code == 201 and "Idempotency-Replayed" not in first.headers
        again = client.post(API, json=body(purse), headers=keyed(office, "k"))
        assert (again.status_code, again.json) == (201, first.json)
        assert again.headers["Idempotency-Replayed"] == "true"
        other = client.post(API, json=body(purse, "6000.00"), headers=keyed(office, "k"))
        assert (other.status_code, other.json["code"]) == (422, "idempotency.other_request")
        assert vouchers(purse) == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"colour": "red"},
            {"face": 5000.5},
            {"face": {"amount": "5000.505", "currency": "CNY"}},
            {"face": {"amount": "50", "currency": "USD"}},
            {"face": {"amount": "-50", "currency": "CNY"}},
            {"enterprise_id": "1"},
        ],
    )
    def test_a_body_that_is_none(self, purse: Purse, office: dict[str, str], change: dict[str, Any]) -> None:
        answer = purse.town.app.test_client().post(API, json={**body(purse), **change}, headers=keyed(office, "k"))
        assert answer.status_code == 422 and list(change)[0] in answer.json["errors"]
        assert answer.mimetype == "application/problem+json" and vouchers(purse) == 0

    def test_a_refusal_names_the_field_and_can_be_tried_again(self, purse: Purse, office: dict[str, str]) -> None:
        client = purse.town.app.test_client()
        above = client.post(API, json=body(purse, "150000.01"), headers=keyed(office, "k"))
        assert (above.status_code, above.json["code"]) == (409, "voucher.above_cap") and "face" in above.json["errors"]
        assert client.post(API, json=body(purse, "150000.00"), headers=keyed(office, "k")).status_code == 201

    def test_by_whoever_may_not(self, purse: Purse) -> None:
        client = purse.town.app.test_client()
        assert client.post(API, json=body(purse), headers={"Idempotency-Key": "k"}).status_code == 401
        for actor in (purse.town.enterprise, purse.town.city, purse.finance):
            headers = keyed(token_for(purse.town.app, actor), "k")
            assert client.post(API, json=body(purse), headers=headers).status_code == 403
        other, _ = make_actor(purse.act, Role.PILOT, pilot_id=uuid.uuid4())
        answer = client.post(API, json=body(purse), headers=keyed(token_for(purse.town.app, other), "k"))
        assert answer.status_code == 404 and vouchers(purse) == 0

    def test_a_sheet(self, purse: Purse, office: dict[str, str]) -> None:
        client, code = purse.town.app.test_client(), purse.act(lambda ctx: code_of(ctx, purse))

        def send(text: str, key: str) -> Any:
            data = {"file": (io.BytesIO(text.encode()), "a.csv")}
            return client.post(f"{API}/sheets/{purse.version_id}", data=data, headers=keyed(office, key))

        bad = send(f"uscc,face\n{code},100\n{code},x\n", "a")
        assert bad.status_code == 422 and bad.json["code"] == "sheet.rows" and "3" in bad.json["errors"]["file"][0]
        assert vouchers(purse) == 0
        first = send(f"uscc,face\n{code},100.00\n", "b")
        assert first.status_code == 201 and len(first.json["voucher_ids"]) == 1 and not first.json["replayed"]
        again = send(f"uscc,face\n{code},100.00\n", "c")
        assert again.json["replayed"] and again.json["voucher_ids"] == first.json["voucher_ids"]
        assert vouchers(purse) == 1

    def test_the_automatic_quota(self, purse: Purse, office: dict[str, str]) -> None:
        change(purse, automatic_fen=2_000_00)
        client, address = purse.town.app.test_client(), f"{API}/automatic/{purse.version_id}"
        assert client.post(address, json={}, headers=office).status_code == 400, "money needs a key"
        first = client.post(address, json={}, headers=keyed(office, "a"))
        said = {"count": 1, "total": {"amount": "2000.00", "currency": "CNY"}, "left": 0}
        assert (first.status_code, first.json) == (200, said)
        assert client.post(address, json={}, headers=keyed(office, "a")).json == said, "the answer of its key"
        assert client.post(address, json={}, headers=keyed(office, "b")).json["count"] == 0
        assert vouchers(purse) == 1


def code_of(ctx: Any, purse: Purse) -> str:
    return ctx.session.get(Organisation, purse.town.enterprise.organisation_id).uscc


class TestReading:
    def test_the_holder_and_the_offices(self, purse: Purse) -> None:
        voucher, client = purse.issue(), purse.town.app.test_client()
        for actor in (purse.town.enterprise, purse.town.office, purse.town.city, purse.finance):
            headers = token_for(purse.town.app, actor)
            said = client.get(f"{API}/{voucher}", headers=headers).json
            assert (said["face"]["amount"], said["available"]["amount"]) == ("120000.00", "120000.00")
            assert [item["id"] for item in client.get(API, headers=headers).json["items"]] == [str(voucher)]

    def test_strangers_find_nothing(self, purse: Purse) -> None:
        voucher, client = purse.issue(), purse.town.app.test_client()
        for role, place in ((Role.ENTERPRISE, {}), (Role.CITY, {"region": OTHER_CITY}), (Role.PILOT, {})):
            headers = token_for(purse.town.app, make_actor(purse.act, role, **place)[0])
            for path in (f"{API}/{voucher}", f"{API}/{voucher}/qr"):
                assert client.get(path, headers=headers).status_code == 404
            assert client.get(API, headers=headers).json["items"] == []
        assert client.get(f"{API}/{voucher}").status_code == 401


class TestVerifying:
    @pytest.fixture
    def payload(self, purse: Purse) -> str:
        headers = token_for(purse.town.app, purse.town.enterprise)
        return purse.town.app.test_client().get(f"{API}/{purse.issue()}/qr", headers=headers).json["payload"]

    def test_with_the_published_key_and_nothing_of_ours(self, purse: Purse, payload: str) -> None:
        keys = purse.town.app.test_client().get("/.well-known/voucher-keys.json").json["keys"]
        head, signed, signature = payload.split(".")
        document, mark = plain(signed), plain(signature)
        said = json.loads(document)
        [public] = [key["public"] for key in keys if key["id"] == said["key"] and key["algorithm"] == "Ed25519"]
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(mark, head.encode() + b"\n" + document)
        with pytest.raises(InvalidSignature):
            key.verify(mark, head.encode() + b"\n" + document.replace(b"12000000", b"92000000"))
        assert said["face_fen"] == 12_000_000
        assert purse.act(lambda ctx: code_of(ctx, purse)) not in document.decode(), "the holder is not to be read off"

    def test_by_page_and_program(self, purse: Purse, payload: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(purse.town.app, "test_client_class", PageClient)
        client = purse.town.app.test_client()
        number = client.post(f"{API}/verification", json={"payload": payload}).json["number"]
        broken = payload[:-2] + ("AA" if payload[-2:] != "AA" else "BB")
        for text, genuine in ((payload, True), (number, True), (number.lower(), True), (broken, False), ("x", False)):
            page = client.get("/vouchers/verify", query_string={"text": text}).text
            assert ("真实有效" in page) is genuine and ("不是本平台签发" in page) is not genuine
            assert ("¥120,000.00" in page) is genuine
            said = client.post(f"{API}/verification", json={"payload": text}).json
            assert said["genuine"] is genuine
        assert "真实有效" not in client.get("/vouchers/verify").text

    def test_tells_no_balance_and_no_holder(self, purse: Purse, payload: str) -> None:
        name = purse.act(lambda ctx: ctx.session.get(Organisation, purse.town.enterprise.organisation_id).name)
        client = purse.town.app.test_client()
        said = client.post(f"{API}/verification", json={"payload": payload}).json
        assert set(said) == {"genuine", "why", "number", "scheme", "face", "use_by", "frozen"}
        assert name not in client.get("/vouchers/verify", query_string={"text": payload}).text

    def test_hostile_text_is_shown_as_text(self, purse: Purse) -> None:
        page = purse.town.app.test_client().get(
            "/vouchers/verify", query_string={"text": '"><script>alert(1)</script>'}
        )
        assert page.status_code == 200 and "<script>alert" not in page.text
        long = purse.town.app.test_client().get("/vouchers/verify", query_string={"text": "DTV1." + "A" * 9000})
        assert long.status_code == 200


def plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
