"""The door: signing in and out, lockouts, sessions that end, cookies that nobody planted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from marketplace.base.clock import SetClock
from marketplace.base.errors import NotFound, Throttled
from marketplace.people.accounts import actions, loaders, passwords, rules, signing
from marketplace.people.accounts.models import Assignment, Person, Throttle, WebSession
from marketplace.record.notices.models import Notice
from marketplace.web.db import db
from tests.support.people import (
    PASSWORD,
    acting,
    client_as,
    make_actor,
    make_person,
    newcomer,
    post,
    sign_in,
)


def enter(client: FlaskClient, login: str, password: str = PASSWORD, **values: Any) -> Any:
    client.get("/account/sign-in")
    return post(client, "/account/sign-in", {"login": login, "password": password, **values})


def signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


@pytest.mark.parametrize("login", ["phone", "+86phone", "email", "EMAIL"])
def test_by_phone_or_email(app: Flask, login: str) -> None:
    person = make_person(acting(app), email="li.si@example.cn")
    typed = {
        "phone": person.phone,
        "+86phone": "+86 " + person.phone,
        "email": "li.si@example.cn",
        "EMAIL": " Li.Si@Example.CN ",
    }[login]
    client = app.test_client()
    answer = enter(client, typed)
    assert (answer.status_code, answer.location) == (303, "/")
    assert signed_in(client)


def test_a_closed_page_leads_to_the_door_and_back(app: Flask) -> None:
    person = make_person(acting(app))
    client = app.test_client()
    answer = client.get("/account/tokens?x=1")
    assert answer.status_code == 302
    assert answer.location == "/account/sign-in?next=%2Faccount%2Ftokens%3Fx%3D1"
    assert enter(client, person.phone, next="/account/tokens?x=1").location == "/account/tokens?x=1"
    other = app.test_client()
    assert enter(other, person.phone, next="//evil.example/").location == "/"


def test_wrong_password_and_unknown_account_read_alike_and_cost_alike(app: Flask, monkeypatch: Any) -> None:
    person = make_person(acting(app))
    looked: list[bool] = []
    original = passwords.HASHER.verify
    monkeypatch.setattr(
        type(passwords.HASHER), "verify", lambda self, *a: looked.append(True) or original.__func__(self, *a)
    )
    client = app.test_client()
    wrong = enter(client, person.phone, "not-the-password")
    unknown = enter(client, "13000000000", "not-the-password")
    nonsense = enter(client, "nobody@example.cn", "not-the-password")
    assert {a.status_code for a in (wrong, unknown, nonsense)} == {422}
    assert len(looked) == 3, "an unknown account takes a hash as well"

    def bare(answer: Any) -> str:
        page = answer.get_data(as_text=True)
        start = page.index('role="alert"')
        return page[start : page.index("</div>", start)]

    assert bare(wrong) == bare(unknown) == bare(nonsense)
    assert not signed_in(client)


def test_a_blocked_person_does_not_get_in_and_is_thrown_out(app: Flask) -> None:
    act = acting(app)
    person = make_person(act)
    client = sign_in(app.test_client(), person)
    assert signed_in(client)
    admin, _ = make_actor(act, "admin")
    act(lambda ctx: actions.block(ctx, person.id), admin)
    assert not signed_in(client)
    assert enter(app.test_client(), person.phone).status_code == 422


def test_an_account_is_locked_after_eight_attempts_even_for_the_right_password(app: Flask, clock: SetClock) -> None:
    person = make_person(acting(app))
    client = app.test_client()
    for _ in range(rules.SIGN_IN_ACCOUNT.attempts):
        assert enter(client, person.phone, "not-the-password").status_code == 422
    locked = enter(client, person.phone)
    assert locked.status_code == 429
    assert locked.headers["Retry-After"] == "600"
    assert "600" in locked.get_data(as_text=True)
    clock.advance(seconds=599)
    assert enter(client, person.phone).headers["Retry-After"] == "1"
    clock.advance(seconds=1)
    assert enter(client, person.phone).status_code == 303


def test_other_ways_to_write_the_number_count_together(app: Flask) -> None:
    act = acting(app)
    person = make_person(act)
    for _ in range(rules.SIGN_IN_ACCOUNT.attempts):
        act(lambda ctx: signing.count_sign_in(ctx, "+86 " + person.phone, "192.0.2.1"))
    with pytest.raises(Throttled):
        act(lambda ctx: signing.count_sign_in(ctx, person.phone, "198.51.100.1"))


def test_an_unknown_account_is_locked_just_the_same(app: Flask) -> None:
    client = app.test_client()
    for _ in range(rules.SIGN_IN_ACCOUNT.attempts):
        assert enter(client, "13000000000", "x").status_code == 422
    assert enter(client, "13000000000", "x").status_code == 429


def test_an_address_is_locked_over_many_accounts(app: Flask) -> None:
    act = acting(app)
    for number in range(rules.SIGN_IN_ADDRESS.attempts):
        act(lambda ctx, n=number: signing.count_sign_in(ctx, f"1390000{n:04d}", "2001:db8::1"))
    with pytest.raises(Throttled):
        act(lambda ctx: signing.count_sign_in(ctx, "13999999999", "2001:db8:0:0:ffff::9"))
    act(lambda ctx: signing.count_sign_in(ctx, "13999999999", "2001:db8:0:1::1"))


def test_success_begins_the_count_of_the_account_anew(app: Flask) -> None:
    person = make_person(acting(app))
    client = app.test_client()
    for _ in range(3):
        for _ in range(rules.SIGN_IN_ACCOUNT.attempts - 1):
            assert enter(client, person.phone, "not-the-password").status_code == 422
        assert enter(client, person.phone).status_code == 303


def test_what_was_typed_is_not_kept(app: Flask) -> None:
    act = acting(app)
    enter(app.test_client(), "my-secret-typed-into-the-wrong-field", "x")
    keys = act(lambda ctx: ctx.session.scalars(select(Throttle.key)).all())
    assert keys and not any("secret" in key for key in keys)


def test_a_session_planted_before_the_sign_in_does_not_survive_it(app: Flask) -> None:
    victim, attacker = make_person(acting(app)), make_person(acting(app))
    client = sign_in(app.test_client(), attacker)
    with client.session_transaction() as cookie:
        planted = cookie["_user_id"]
        cookie["csrf_token"] = "planted"
        cookie["anything"] = "planted"
    client.get("/account/sign-in")
    post(client, "/account/sign-in", {"login": victim.phone, "password": PASSWORD})
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != planted
        assert "anything" not in cookie and cookie.get("csrf_token") != "planted"
        assert cookie.permanent


def test_secrets_stand_in_the_database_as_digests_only(app: Flask) -> None:
    act = acting(app)
    person = make_person(act)
    secret = act(lambda ctx: signing.open_session(ctx, person.id))
    row = act(lambda ctx: ctx.session.scalars(select(WebSession)).one())
    assert row.secret_hash == passwords.digest(secret)
    assert secret not in str(vars(row))


def test_the_cookie_is_for_http_only_and_same_site_and_ages(app: Flask) -> None:
    person = make_person(acting(app))
    cookie = enter(app.test_client(), person.phone).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert app.permanent_session_lifetime == timedelta(hours=2)


def test_a_session_ends_with_the_working_day(app: Flask, clock: SetClock) -> None:
    client = sign_in(app.test_client(), make_person(acting(app)))
    clock.advance(hours=12, microseconds=-1)
    assert signed_in(client)
    clock.advance(microseconds=1)
    assert not signed_in(client)


def test_signing_out_ends_the_session_itself_and_not_only_the_cookie(app: Flask) -> None:
    client = sign_in(app.test_client(), make_person(acting(app)))
    with client.session_transaction() as cookie:
        stolen = dict(cookie)
    assert post(client, "/account/sign-out").status_code == 303
    assert not signed_in(client)
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie.update(stolen)
    assert not signed_in(thief)


def test_signing_out_needs_the_token_against_forgery(app: Flask) -> None:
    client = sign_in(app.test_client(), make_person(acting(app)))
    assert client.post("/account/sign-out").status_code == 400
    assert signed_in(client)


def test_looking_at_pages_writes_nothing_into_sessions(app: Flask, clock: SetClock) -> None:
    client = sign_in(app.test_client(), make_person(acting(app)))
    before = acting(app)(lambda ctx: ctx.session.execute(select(WebSession.__table__)).all())
    clock.advance(hours=1)
    assert signed_in(client)
    assert acting(app)(lambda ctx: ctx.session.execute(select(WebSession.__table__)).all()) == before


def test_an_assignment_that_ended_leaves_a_person_without_role(app: Flask, clock: SetClock) -> None:
    act = acting(app)
    actor, person = make_actor(act, "city", valid_until=clock.moment + timedelta(hours=1))
    client = sign_in(app.test_client(), person)
    assert client.get("/organisations").status_code == 200
    clock.advance(hours=1)
    assert client.get("/organisations").status_code == 403
    assert signed_in(client)


def test_switching_is_explicit_takes_only_own_roles_and_gives_a_new_secret(app: Flask) -> None:
    act = acting(app)
    city, person = make_actor(act, "city")
    auditor, _ = make_actor(act, "auditor", person=person)
    foreign, _ = make_actor(act, "admin")
    client = sign_in(app.test_client(), person)
    with client.session_transaction() as cookie:
        old = cookie["_user_id"]
    assert post(client, "/account/switch", {"assignment_id": str(foreign.assignment_id)}).status_code == 404
    assert post(client, "/account/switch", {"assignment_id": "x"}).status_code == 404
    assert post(client, "/account/switch", {"assignment_id": str(auditor.assignment_id)}).status_code == 303
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != old
        cookie_now = cookie["_user_id"]
    rows = act(lambda ctx: ctx.session.scalars(select(WebSession).order_by(WebSession.created_at, WebSession.id)).all())
    assert [(r.assignment_id, r.ended_at is None) for r in rows] == [
        (city.assignment_id, False),
        (auditor.assignment_id, True),
    ]
    assert rows[0].expires_at == rows[1].expires_at, "switching does not lengthen the day"
    assert rows[1].secret_hash == passwords.digest(cookie_now)
    assert post(client, "/organisations/codes/admit").status_code == 403, "an auditor has no such verb"


def test_the_next_sign_in_begins_where_the_last_one_ended(app: Flask) -> None:
    act = acting(app)
    _, person = make_actor(act, "city")
    auditor, _ = make_actor(act, "auditor", person=person)
    secret = act(lambda ctx: signing.open_session(ctx, person.id))
    act(lambda ctx: signing.switch(ctx, secret, auditor.assignment_id), newcomer(person))
    act(lambda ctx: signing.open_session(ctx, person.id))
    last = act(lambda ctx: ctx.session.scalars(select(WebSession.assignment_id).order_by(WebSession.id.desc())).first())
    assert last == auditor.assignment_id


def test_signing_up_signs_in_and_a_number_is_taken_once(app: Flask) -> None:
    client = app.test_client()
    form = {"name": "赵六", "phone": "13511112222", "password": PASSWORD}
    assert post(client, "/account/sign-up", form).location == "/account"
    assert signed_in(client)
    by_phone = post(app.test_client(), "/account/sign-up", form)
    assert by_phone.status_code == 409
    count = select(func.count()).select_from(Person)
    assert acting(app)(lambda ctx: ctx.session.scalar(count)) == 1
    for _ in range(rules.SIGN_UP_ADDRESS.attempts - 2):
        post(app.test_client(), "/account/sign-up", form)
    assert post(app.test_client(), "/account/sign-up", {**form, "phone": "13511112223"}).status_code == 429


def test_whoever_has_a_number_hears_once_a_day_that_somebody_tried_it(app: Flask, clock: SetClock) -> None:
    act = acting(app)
    owner = make_person(act, phone="13511112222", email="zhao@example.com")
    form = {"name": "王二", "phone": "135 1111 2222", "email": "zhao@example.com", "password": PASSWORD}

    def told() -> list[str]:
        rows = act(lambda ctx: ctx.session.scalars(select(Notice).where(Notice.person_id == owner.id)).all())
        return [row.template for row in rows]

    for _ in range(3):
        assert post(app.test_client(), "/account/sign-up", form).status_code == 409
    assert len(told()) == 1
    clock.advance(days=1, seconds=1)
    only_mail = {**form, "phone": "13511113333"}
    assert post(app.test_client(), "/account/sign-up", only_mail).status_code == 409
    assert len(told()) == 2


def test_weak_passwords_stand_beside_their_field(app: Flask) -> None:
    answer = post(app.test_client(), "/account/sign-up", {"name": "赵六", "phone": "13511112222", "password": "short"})
    assert answer.status_code == 409
    assert 'id="e-password"' in answer.get_data(as_text=True)


def test_a_new_password_ends_the_other_sessions(app: Flask) -> None:
    act = acting(app)
    person = make_person(act)
    here, there = sign_in(app.test_client(), person), sign_in(app.test_client(), person)
    wrong = post(here, "/account/password", {"password": "not-it-at-all", "new_password": "a-new-and-good-one"})
    assert wrong.status_code == 409
    right = post(here, "/account/password", {"password": PASSWORD, "new_password": "a-new-and-good-one "})
    assert right.status_code == 303
    assert signed_in(here) and not signed_in(there)
    assert enter(app.test_client(), person.phone).status_code == 422
    assert enter(app.test_client(), person.phone, "a-new-and-good-one ").status_code == 303


def test_guessing_the_old_password_is_counted_too(app: Flask) -> None:
    client = sign_in(app.test_client(), make_person(acting(app)))
    form = {"password": "guess-guess", "new_password": "a-new-and-good-one"}
    for _ in range(rules.SIGN_IN_ACCOUNT.attempts):
        assert post(client, "/account/password", form).status_code == 409
    assert post(client, "/account/password", {**form, "password": PASSWORD}).status_code == 429


def test_one_ends_own_sessions_only(app: Flask) -> None:
    act = acting(app)
    person, other = make_person(act), make_person(act)
    here, there = sign_in(app.test_client(), person), sign_in(app.test_client(), person)
    sign_in(app.test_client(), other)
    rows = act(lambda ctx: ctx.session.scalars(select(WebSession).order_by(WebSession.created_at, WebSession.id)).all())
    assert post(here, f"/account/sessions/{rows[2].id}/end").status_code == 404
    assert post(here, f"/account/sessions/{rows[1].id}/end").status_code == 303
    assert signed_in(here) and not signed_in(there)


def test_the_sweep_forgets_old_sessions_and_counts(app: Flask, clock: SetClock) -> None:
    act = acting(app)
    person = make_person(act)
    act(lambda ctx: signing.open_session(ctx, person.id))
    act(lambda ctx: signing.count_sign_in(ctx, "13900000000", "192.0.2.1"))
    assert act(signing.sweep) == "0 sessions, 0 counts"
    clock.advance(days=31)
    assert act(signing.sweep) == "1 sessions, 2 counts"


def test_the_door_loads_who_acts_in_one_statement(app: Flask) -> None:
    act = acting(app)
    actor, person = make_actor(act, "enterprise")
    secret = act(lambda ctx: signing.open_session(ctx, person.id))
    seen: list[str] = []
    with app.app_context():
        db.session.connection()
        listener = lambda *a: seen.append(a[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listener)
        loaded = loaders.by_session(db.session(), app.extensions["house"].clock.now(), secret)
        event.remove(db.engine, "before_cursor_execute", listener)
        assert len(seen) == 1
    assert loaded == actor


def test_nobody_acts_for_an_assignment_of_somebody_else(act: Any) -> None:
    actor, _ = make_actor(act, "enterprise")
    other = make_person(act)
    secret = act(lambda ctx: signing.open_session(ctx, other.id))
    with pytest.raises(NotFound):
        act(lambda ctx: signing.switch(ctx, secret, actor.assignment_id), newcomer(other))
    assert act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Assignment))) == 1


def test_a_visitor_client_is_a_visitor(app: Flask) -> None:
    assert not signed_in(client_as(app))
