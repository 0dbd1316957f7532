"""What a bank is shown is signed, tells at every moment whether it is still payable, and can be found by nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Flask

from marketplace.base.clock import SetClock
from marketplace.base.errors import Forbidden
from marketplace.base.roles import Role
from marketplace.web.pace import Pace
from tests.support.html import PageClient
from tests.support.payday import Payday, build_payday, refused, returned
from tests.support.people import client_as, post, sign_in, token_for
from tests.support.rest import Program
from vouchers.certificates import actions
from vouchers.certificates.models import PayableCertificate
from vouchers.claims import actions as claims
from vouchers.settlement import actions as settlement


@pytest.fixture
def payday(app: Flask, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> Payday:
    monkeypatch.setattr(app, "test_client_class", PageClient)
    monkeypatch.setitem(app.extensions, "pace", Pace())
    return build_payday(app, clock)


def issue(payday: Payday, claim: Any) -> PayableCertificate:
    made: PayableCertificate = payday.act(lambda ctx: actions.issue(ctx, claim.id), payday.town.provider)
    return made


def bank(payday: Payday, row: PayableCertificate, **changes: str) -> dict[str, Any]:
    asked = {"number": row.number, "code": row.code, **changes}
    answer = payday.town.app.test_client().get("/api/v1/payable", query_string=asked)
    found: dict[str, Any] = answer.get_json() if answer.status_code == 200 else {"standing": answer.status_code}
    return found


def test_the_signature_can_be_checked_by_anybody(payday: Payday) -> None:
    row = issue(payday, payday.approved())
    told = bank(payday, row)
    keys = payday.town.app.test_client().get("/.well-known/voucher-keys.json").get_json()["keys"]
    assert told["public_key"] == keys[0]["public"]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(told["public_key"]))
    signed = b"voucher-marketplace/payable/1\n" + told["text"].encode()
    key.verify(bytes.fromhex(told["signature"]), signed)
    with pytest.raises(InvalidSignature):
        key.verify(bytes.fromhex(told["signature"]), signed.replace(b"6333.28", b"9333.28"))
    assert json.loads(told["text"])["amount"] == "6333.28"


def test_it_tells_what_became_of_the_claim(payday: Payday) -> None:
    claim = payday.approved()
    row = issue(payday, claim)
    assert bank(payday, row)["standing"] == "payable"
    batch = payday.batch(claim)
    assert bank(payday, row)["standing"] == "payable", "nobody has released it"
    payday.act(lambda ctx: settlement.approve(ctx, batch.id), payday.checker)
    payday.act(lambda ctx: settlement.write_payment_file(ctx, batch.id), payday.checker)
    assert bank(payday, row)["standing"] == "in_payment"
    [code] = payday.ids(batch)
    payday.load(batch, returned([(code, "失败", "", "账号不符", payday.today.isoformat())]))
    assert bank(payday, row)["standing"] == "payable", "the bank refused: it is owed still"
    batch = payday.released(claim)
    [code] = payday.ids(batch)
    payday.load(batch, returned([(code, "成功", "B-2", "", payday.today.isoformat())]))
    told = bank(payday, row)
    assert (told["standing"], told["paid_on"]) == ("paid", payday.today.isoformat())


def test_a_revoked_approval_voids_it_and_a_new_one_takes_a_new_certificate(payday: Payday) -> None:
    claim = payday.approved()
    row = issue(payday, claim)
    assert issue(payday, claim).id == row.id, "asked again it is the same"
    payday.act(lambda ctx: claims.revoke(ctx, claim.id, reason="金额有误"), payday.town.city)
    assert bank(payday, row)["standing"] == "withdrawn"


def test_only_the_payee_of_an_approved_claim_gets_one(payday: Payday) -> None:
    claim = payday.claim(payday.claimable())
    assert refused(lambda: issue(payday, claim)).code == "certificate.not_payable"
    payday.review(claim)
    payday.review(claim, actor=payday.town.city)
    for who in (payday.town.enterprise, payday.town.office, payday.town.city, payday.maker):
        with pytest.raises(Forbidden):
            payday.act(lambda ctx: actions.issue(ctx, claim.id), who)
    issue(payday, claim)


def test_the_number_alone_opens_nothing(payday: Payday) -> None:
    row = issue(payday, payday.approved())
    wrong = "0" + row.code[1:] if row.code[0] != "0" else "1" + row.code[1:]
    assert bank(payday, row, code=wrong)["standing"] == 404
    assert bank(payday, row, number="P000")["standing"] == 404
    assert (
        bank(payday, row, number=row.number.lower(), code=f" {row.code[:4]}-{row.code[4:]} ")["standing"] == "payable"
    )
    page = payday.town.app.test_client().get("/payable", query_string={"number": row.number, "code": wrong})
    assert page.status_code == 200 and "没有这样的应付确认书" in page.text and "6,333.28" not in page.text


def test_guessing_has_a_pace(payday: Payday) -> None:
    client = payday.town.app.test_client()
    codes = [client.get("/payable", query_string={"number": "P1", "code": str(n)}).status_code for n in range(31)]
    assert codes == [200] * 30 + [429]


def test_on_pages(payday: Payday) -> None:
    claim = payday.approved()
    provider = sign_in(payday.town.app.test_client(), payday.persons["provider"])
    assert "开具应付确认书" in provider.get(f"/claims/{claim.id}").text
    answer = post(provider, f"/claims/{claim.id}/certificate")
    page = provider.get(answer.headers["Location"])
    assert page.status_code == 200 and "6,333.28" in page.text and "已审定，尚未付款" in page.text
    stranger = client_as(payday.town.app, Role.PROVIDER)
    assert stranger.get(answer.headers["Location"]).status_code == 404
    row = payday.act(lambda ctx: ctx.session.query(PayableCertificate).one())
    asked = payday.town.app.test_client().get("/payable", query_string={"number": row.number, "code": row.code}).text
    assert "签名有效" in asked and "6,333.28" in asked and "6222021502010000017" not in asked


def test_by_rest(payday: Payday) -> None:
    claim = payday.approved()
    program = Program(payday.town.app, token_for(payday.town.app, payday.town.provider))
    made = program.post(f"/payable/claims/{claim.id}", None, 201)
    assert program.get(f"/payable/{made['id']}")["standing"] == "payable"
