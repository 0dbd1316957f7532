"""Tokens for programs: shown once, narrow, ending; and what the API of people answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.base.clock import SetClock
from marketplace.base.errors import Forbidden, NotFound, Refusal
from marketplace.people.accounts import actions, passwords, signing
from marketplace.people.accounts.models import ApiToken
from marketplace.people.organisations import actions as organisations
from tests.support.people import (
    OTHER_CITY,
    acting,
    client_as,
    make_actor,
    make_organisation,
    make_person,
    make_uscc,
    newcomer,
    post,
    token_for,
)


def me(app: Flask, headers: dict[str, str]) -> Any:
    return app.test_client().get("/api/v1/me", headers=headers)


def test_a_token_acts_as_the_assignment_it_was_made_under(app: Flask) -> None:
    actor, person = make_actor(acting(app), "city")
    answer = me(app, token_for(app, actor, "organisation.read"))
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["person_id"] == str(person.id)
    assert (body["assignment"]["role"], body["assignment"]["region"]) == ("city", "360900")
    assert body["scopes"] == ["organisation.read"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic YTpi", "Token x"])
def test_anything_else_is_401(app: Flask, header: str) -> None:
    answer = app.test_client().get("/api/v1/me", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json()["code"] == "token.required"


def test_a_cookie_is_nothing_to_the_api(app: Flask) -> None:
    assert client_as(app, "city").get("/api/v1/me").status_code == 401


def test_a_token_ends_by_time_by_revocation_and_with_its_assignment(app: Flask, clock: SetClock) -> None:
    act = acting(app)
    actor, person = make_actor(act, "city", valid_until=clock.moment + timedelta(days=20))
    short, revoked, long = (token_for(app, actor, days=days) for days in (1, 30, 30))
    assert {me(app, t).status_code for t in (short, revoked, long)} == {200}
    token = act(lambda ctx: ctx.session.scalars(select(ApiToken).order_by(ApiToken.id).offset(1)).first())
    act(lambda ctx: signing.revoke_token(ctx, token.id), actor)
    clock.advance(days=1)
    assert [me(app, t).status_code for t in (short, revoked, long)] == [401, 401, 200]
    clock.advance(days=19)
    assert me(app, long).status_code == 401


def test_a_blocked_persons_token_is_dead(app: Flask) -> None:
    act = acting(app)
    actor, person = make_actor(act, "city")
    headers = token_for(app, actor)
    admin, _ = make_actor(act, "admin")
    act(lambda ctx: actions.block(ctx, person.id), admin)
    assert me(app, headers).status_code == 401


def test_a_token_is_kept_as_a_digest(app: Flask) -> None:
    act = acting(app)
    actor, _ = make_actor(act, "city")
    row, secret = act(lambda ctx: signing.make_token(ctx, "账务系统", ["organisation.read"], 30), actor)
    assert secret.startswith("dtv_") and row.last_four == secret[-4:]
    assert row.secret_hash == passwords.digest(secret)
    assert secret not in str({k: v for k, v in vars(row).items()})


@pytest.mark.parametrize(
    ("scopes", "days", "code"),
    [
        ([], 30, "token.scopes"),
        (["no.such"], 30, "token.scopes"),
        (["organisation.read", "person.block"], 30, "token.scopes"),
        (["organisation.read"], 0, "token.days"),
        (["organisation.read"], 367, "token.days"),
    ],
)
def test_a_token_carries_only_verbs_of_the_role_for_a_while(act: Any, scopes: list[str], days: int, code: str) -> None:
    actor, _ = make_actor(act, "city")
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: signing.make_token(ctx, "x", scopes, days), actor)
    assert refused.value.code == code


def test_who_acts_for_nobody_makes_no_token(act: Any) -> None:
    with pytest.raises(Forbidden):
        act(lambda ctx: signing.make_token(ctx, "x", ["organisation.read"], 1), newcomer(make_person(act)))


def test_tokens_of_others_are_not_found(act: Any) -> None:
    actor, _ = make_actor(act, "city")
    other, _ = make_actor(act, "city")
    token, _ = act(lambda ctx: signing.make_token(ctx, "x", ["organisation.read"], 1), actor)
    with pytest.raises(NotFound):
        act(lambda ctx: signing.revoke_token(ctx, token.id), other)


def test_the_scope_narrows_the_route_and_the_act_behind_it(app: Flask) -> None:
    act = acting(app)
    firm = make_organisation(act, confirmed=False)
    actor, _ = make_actor(act, "city")
    client = app.test_client()
    url = f"/api/v1/organisations/{firm.id}"
    read = token_for(app, actor, "organisation.read")
    confirm = token_for(app, actor, "organisation.confirm")
    decision = {"decision": "confirm"}
    assert client.get(url, headers=read).status_code == 200
    assert client.get(url, headers=confirm).status_code == 403
    assert client.post(url + "/confirmation", json=decision, headers=read).status_code == 403
    narrowed = type(actor)(**{**vars(actor), "permissions": frozenset({"organisation.read"})})
    with pytest.raises(Forbidden):
        act(lambda ctx: organisations.confirm(ctx, firm.id), narrowed)
    assert client.post(url + "/confirmation", json=decision, headers=confirm).get_json()["state"] == "confirmed"


def test_the_page_shows_a_token_once(app: Flask) -> None:
    client = client_as(app, "city")
    form = {"name": "账务系统", "days": "30", "scopes": ["organisation.read", "organisation.confirm"]}
    shown = post(client, "/account/tokens", form)
    assert shown.status_code == 200 and shown.headers["Cache-Control"] == "no-store"
    text = shown.get_data(as_text=True)
    secret = text[text.index("dtv_") :].split("<")[0]
    assert me(app, {"Authorization": f"Bearer {secret}"}).status_code == 200
    later = client.get("/account/tokens").get_data(as_text=True)
    assert "dtv_" not in later and secret[-4:] in later


def test_organisations_through_the_api(app: Flask) -> None:
    act = acting(app)
    owner, _ = make_actor(act, "enterprise", organisation=make_organisation(act))
    city, _ = make_actor(act, "city")
    client = app.test_client()
    mine, officers = token_for(app, owner), token_for(app, city)
    url = f"/api/v1/organisations/{owner.organisation_id}"
    body = client.get(url, headers=mine).get_json()
    assert body["revenue"] == {"amount": "30000000.00", "currency": "CNY"}
    assert body["size_class"] == "small"
    changed = client.post(url + "/facts", json={"kind": "legal_representative", "value": "李四"}, headers=mine)
    assert (changed.status_code, changed.get_json()["state"]) == (201, "proposed")
    decided = client.post(
        f"/api/v1/organisation-facts/{changed.get_json()['id']}/decision", json={"accept": True}, headers=officers
    )
    assert decided.get_json()["state"] == "current"
    assert client.get(url, headers=officers).get_json()["legal_representative"] == "李四"
    assert [f["state"] for f in client.get(url + "/facts", headers=mine).get_json()["items"]][:1] == ["current"]
    put = client.put(url + "/shareholders", json={"shareholders": [{"name": "李四", "percent": "66.67"}]}, headers=mine)
    assert put.get_json()["items"][0]["percent"] == "66.67"
    refused = client.put(url + "/shareholders", json={"shareholders": [], "extra": 1}, headers=mine)
    assert refused.status_code == 422


def test_a_bank_account_through_the_api_needs_a_key_and_replays(app: Flask) -> None:
    act = acting(app)
    firm = make_organisation(act, capacity="provider")
    owner, _ = make_actor(act, "provider", organisation=firm)
    city, _ = make_actor(act, "city")
    far, _ = make_actor(act, "city", region=OTHER_CITY)
    client = app.test_client()
    mine, officers = token_for(app, owner), token_for(app, city)
    url = f"/api/v1/organisations/{firm.id}/bank-accounts"
    body = {"holder_name": firm.name, "bank_name": "中国银行", "number": "6222000011112222"}
    assert client.post(url, json=body, headers=mine).status_code == 400
    key = {"Idempotency-Key": "account-1"}
    first = client.post(url, json=body, headers={**mine, **key})
    again = client.post(url, json=body, headers={**mine, **key})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_json() == first.get_json() and again.headers["Idempotency-Replayed"] == "true"
    other = client.post(url, json={**body, "number": "6222000011113333"}, headers={**mine, **key})
    assert other.status_code == 422
    account = f"/api/v1/bank-accounts/{first.get_json()['id']}"
    foreign = client.post(account + "/confirmation", headers={**token_for(app, far), **key})
    assert foreign.status_code == 404
    confirmed = client.post(account + "/confirmation", headers={**officers, **key})
    assert confirmed.get_json()["state"] == "active"
    assert confirmed.get_json()["effective_from"] == "2031-03-18T00:00:00+08:00"


def test_registering_through_the_api_opens_a_case_for_a_known_code(app: Flask) -> None:
    act = acting(app)
    known = make_organisation(act)
    owner, _ = make_actor(act, "enterprise")
    headers = token_for(app, owner)
    body = {
        "uscc": known.uscc,
        "name": "x",
        "capacity": "enterprise",
        "region": "360981",
        "legal_representative": "x",
        "phone": "0795-1234567",
        "industry": "C39",
        "revenue": {"amount": "100.00", "currency": "CNY"},
    }
    client = app.test_client()
    case = client.post("/api/v1/organisations", json=body, headers=headers).get_json()
    assert case["organisation"] is None and case["ownership_case"]["state"] == "open"
    fresh = client.post("/api/v1/organisations", json={**body, "uscc": make_uscc()}, headers=headers).get_json()
    assert fresh["organisation"]["state"] == "registered" and fresh["ownership_case"] is None
    wrong = client.post("/api/v1/organisations", json={**body, "uscc": "91"}, headers=headers)
    assert (wrong.status_code, wrong.get_json()["code"]) == (409, "uscc.invalid")
    assert "uscc" in wrong.get_json()["errors"]
