"""``marketplace user``: the first administrator comes from the command line."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from marketplace.base import acts
from marketplace.people.accounts import queries, signing
from marketplace.people.accounts.commands import user
from marketplace.web.db import db
from tests.support.people import PASSWORD, acting, make_organisation


class Installation:
    def __init__(self, app: Flask) -> None:
        self._app = app

    def act(self, verb: Any) -> Any:
        with self._app.app_context():
            return acts.run(db.session(), self._app.extensions["house"], verb, system=True)


@pytest.fixture
def run(app: Flask) -> Any:
    def call(*args: str, password: str = PASSWORD + "\n") -> Result:
        return CliRunner().invoke(user, list(args), input=password, obj=Installation(app))

    return call


def test_creating_and_granting(app: Flask, run: Any) -> None:
    made = run("create", "--name", "何安", "--phone", "13600001111", "--email", "he.an@example.cn")
    assert made.exit_code == 0 and PASSWORD not in made.output
    assert run("grant", "--phone", "13600001111", "--role", "admin").exit_code == 0
    assert run("grant", "--phone", "13600001111", "--role", "city", "--region", "360900").exit_code == 0
    firm = make_organisation(acting(app))
    held = run("grant", "--phone", "13600001111", "--role", "enterprise", "--organisation", firm.uscc)
    assert held.exit_code == 0

    def roles(ctx: Any) -> set[str]:
        person = queries.by_phone(ctx, "13600001111")
        assert signing.verify(ctx, "13600001111", PASSWORD) == person.id
        return {a.role.value for a in queries.live_assignments(ctx, person.id)}

    assert acting(app)(roles) == {"admin", "city", "enterprise"}


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("create", "--name", "x", "--phone", "123"), "phone.invalid"),
        (("grant", "--phone", "13600001111", "--role", "admin"), "nobody has the phone number"),
        (("grant", "--phone", "13600001111", "--role", "king"), "Invalid value"),
        (("password", "--phone", "13600001111"), "nobody has the phone number"),
    ],
)
def test_what_cannot_be_used_ends_with_two_and_one_line(run: Any, args: tuple[str, ...], words: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert words in result.output


def test_a_weak_password_is_refused_here_too(run: Any) -> None:
    assert run("create", "--name", "x", "--phone", "13600001111", password="short\n").exit_code == 2


def test_a_forgotten_password_is_set_anew_and_sessions_end(app: Flask, run: Any) -> None:
    run("create", "--name", "x", "--phone", "13600001111")
    act = acting(app)
    person = act(lambda ctx: queries.by_phone(ctx, "13600001111"))
    secret = act(lambda ctx: signing.open_session(ctx, person.id))
    assert run("password", "--phone", "13600001111", password="a-new-and-good-one\n").exit_code == 0
    assert act(lambda ctx: signing.verify(ctx, "13600001111", "a-new-and-good-one")) == person.id
    assert act(lambda ctx: signing.verify(ctx, "13600001111", PASSWORD)) is None
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = secret
    assert client.get("/account").status_code == 302
