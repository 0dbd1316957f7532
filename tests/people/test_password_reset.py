"""A forgotten password: a link to one's own phone or mailbox, once, for half an hour, and no word about who exists."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.base.clock import SetClock
from marketplace.people.accounts import actions, resets
from marketplace.people.accounts.models import PasswordReset, Person, WebSession
from marketplace.record.audit.models import AuditRow
from marketplace.record.notices import delivery
from marketplace.record.notices.models import Outbox
from tests.support.mail import MailServer
from tests.support.people import acting, make_actor, make_person, post, sign_in

NEW = "bamboo-rain-on-the-bridge"
PAGE = "/account/forgotten"


def ask(app: Flask, login: str, address: str = "198.51.100.7") -> Any:
    client = app.test_client()
    return post(client, PAGE, {"login": login}, environ_base={"REMOTE_ADDR": address})


def link_for(app: Flask, person: Person) -> str:
    """The link that the person would read."""

    def newest(ctx: Any) -> Any:
        statement = select(PasswordReset.id).where(PasswordReset.person_id == person.id)
        return ctx.session.scalars(statement.order_by(PasswordReset.created_at.desc(), PasswordReset.id.desc())).first()

    reset_id = acting(app)(newest)
    return f"/account/reset/{reset_id}/{resets.secret_of(app.extensions['settings'], reset_id)}"


def deliver(app: Flask) -> None:
    with app.app_context():
        delivery.deliver(acting(app))


def sent(app: Flask, person: Person) -> str:
    assert ask(app, person.phone).status_code == 200
    deliver(app)
    return link_for(app, person)


def can_sign_in(app: Flask, person: Person, password: str) -> bool:
    answer = post(app.test_client(), "/account/sign-in", {"login": person.phone, "password": password})
    return bool(answer.status_code == 303)


def test_the_letter_brings_a_link_that_works_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_person(acting(app), email="li@example.com")
    browser = sign_in(app.test_client(), person)
    with MailServer() as (box, url):
        monkeypatch.setattr(app.extensions["house"].settings, "smtp_url", url)
        assert ask(app, "Li@Example.com ").status_code == 200
        deliver(app)
        deliver(app)
        [letter] = box.letters
    body = letter.message.get_content()
    [path] = re.findall(r"http://127\.0\.0\.1:8000(/account/reset/\S+)", body)
    assert letter.recipients == ["li@example.com"] and "30" in body
    client = app.test_client()
    assert client.get(path).status_code == 200
    assert post(client, path, {"new_password": NEW}).headers["Location"].endswith("/account/sign-in")
    assert can_sign_in(app, person, NEW)
    assert browser.get("/account").status_code == 302  # signed out everywhere
    for again in (client.get(path), post(client, path, {"new_password": NEW + "!"})):
        assert again.status_code == 404 and "链接已失效" in again.text
    verbs = acting(app)(lambda ctx: ctx.session.scalars(select(AuditRow.verb)).all())
    assert verbs.count("person.password_reset") == 1 and verbs.count("password_reset.sent") == 1


def test_neither_answer_nor_database_tells_who_exists(app: Flask) -> None:
    person = make_person(acting(app))
    pages, rows = [], []
    for login in (person.phone, "13800999999", "nobody@example.com"):
        before = acting(app)(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Outbox)))
        answer = ask(app, login)
        pages.append((answer.status_code, re.findall(r"(?s)<main.*</main>", answer.text)[0]))
        rows.append(acting(app)(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Outbox))) - before)
    assert len(set(pages)) == 1 and pages[0][0] == 200
    assert rows == [1, 1, 1]


def test_nobody_is_written_to_who_is_not_here(app: Flask) -> None:
    act = acting(app)
    admin, _ = make_actor(act, "admin")
    blocked = make_person(act)
    act(lambda ctx: actions.block(ctx, blocked.id), admin)
    for login in ("13800999999", blocked.phone):
        ask(app, login)
    deliver(app)
    assert act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(PasswordReset))) == 0


def test_half_an_hour_is_all(app: Flask, clock: SetClock) -> None:
    path = sent(app, make_person(acting(app)))
    clock.advance(minutes=29)
    assert app.test_client().get(path).status_code == 200
    clock.advance(minutes=1)
    assert app.test_client().get(path).status_code == 404
    assert post(app.test_client(), path, {"new_password": NEW}).status_code == 404


def test_using_one_link_ends_the_others(app: Flask) -> None:
    person = make_person(acting(app))
    first, second = sent(app, person), sent(app, person)
    assert first != second
    assert post(app.test_client(), second, {"new_password": NEW}).status_code == 303
    assert app.test_client().get(first).status_code == 404


@pytest.mark.parametrize("spoil", [lambda p: p[:-1], lambda p: p + "A", lambda p: p.rsplit("/", 1)[0] + "/" + "A" * 43])
def test_a_link_cannot_be_made_up(app: Flask, spoil: Callable[[str], str]) -> None:
    path = sent(app, make_person(acting(app)))
    assert app.test_client().get(spoil(path)).status_code == 404
    other = sent(app, make_person(acting(app)))
    swapped = path.rsplit("/", 1)[0] + "/" + other.rsplit("/", 1)[1]
    assert app.test_client().get(swapped).status_code == 404


def test_the_secret_stands_nowhere_in_the_database(app: Flask) -> None:
    path = sent(app, make_person(acting(app)))
    folder = app.extensions["settings"].data_dir
    kept = b"".join(file.read_bytes() for file in folder.glob("marketplace.db*"))
    assert path.split("/")[-2].encode() in kept and path.split("/")[-1].encode() not in kept


def test_it_is_counted_by_account_and_by_network(app: Flask) -> None:
    for _ in range(3):
        assert ask(app, "13800999999").status_code == 200
    refused = ask(app, "+86 138-0099-9999", "198.51.100.8")
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
    answers = [ask(app, f"138001{number:05d}", "198.51.100.9").status_code for number in range(21)]
    assert answers == [200] * 20 + [429]


def test_a_poor_password_and_a_poor_login_are_refused(app: Flask) -> None:
    path = sent(app, make_person(acting(app)))
    poor = post(app.test_client(), path, {"new_password": "short"})
    assert poor.status_code in (409, 422) and "f-new_password" in poor.text
    assert post(app.test_client(), path, {"new_password": NEW}).status_code == 303  # the link was not used up
    assert ask(app, "my old password").status_code in (409, 422)


def test_looking_at_a_link_changes_nothing(app: Flask) -> None:
    person = make_person(acting(app))
    sign_in(app.test_client(), person)
    path = sent(app, person)
    for _ in range(3):
        app.test_client().get(path)
    living = select(func.count()).select_from(WebSession).where(WebSession.ended_at.is_(None))
    assert acting(app)(lambda ctx: ctx.session.scalar(living)) == 1
    assert post(app.test_client(), path, {"new_password": NEW}).status_code == 303
