"""Somebody to act in a test: persons with roles, organisations with real-looking codes, signed-in browsers."""

from __future__ import annotations

import itertools
import os
import random
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, g, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf

from marketplace.base import acts
from marketplace.base.context import Actor, Context
from marketplace.base.roles import Role
from marketplace.people.accounts import actions as accounts
from marketplace.people.accounts import signing
from marketplace.people.accounts.models import Person
from marketplace.people.organisations import actions as organisations
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import CapacityKind
from marketplace.web.db import db

Act = Callable[..., Any]
PASSWORD = "tea-field-over-the-river"
CITY, COUNTY, ZONE = "360900", "360981", "Z36090001"
OTHER_CITY, OTHER_COUNTY = "360700", "360702"
PROVINCE = "360000"

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_apart = os.getpid() % 8_000
"""Processes that share one database make up other codes and numbers: a benchmark fills its town from several."""
_random = random.Random(2023 + _apart)
_numbers = itertools.count(10_000_000 + 10_000 * _apart)


def acting(app: Flask) -> Act:
    """``act(verb, actor=None)`` for an application, like the fixture of that name."""

    def run(verb: Callable[[Context], Any], actor: Actor | None = None) -> Any:
        with app.app_context():
            return acts.run(db.session(), app.extensions["house"], verb, actor=actor, system=actor is None)

    return run


def make_uscc(region: str = "360900", first: str = "91") -> str:
    """A made-up unified social credit code with right check characters, by GB 32100-2015 and GB 11714."""
    digits = [_random.randrange(10) for _ in range(8)]
    rest = 11 - sum(d * w for d, w in zip(digits, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    body = first + region + "".join(map(str, digits)) + {10: "X", 11: "0"}.get(rest, str(rest))
    total = sum(_ALPHABET.index(c) * w for c, w in zip(body, _WEIGHTS, strict=True))
    return body + _ALPHABET[(31 - total % 31) % 31]


def make_phone() -> str:
    """A mobile number that no other person of this run has."""
    return f"139{next(_numbers)}"


def make_person(act: Act, name: str = "", phone: str = "", email: str | None = None) -> Person:
    """Somebody who can sign in with `PASSWORD` and may act for nobody yet."""
    phone = phone or make_phone()
    return act(lambda ctx: accounts.create_person(ctx, name or f"测试{phone[-4:]}", phone, email, PASSWORD))


def make_organisation(
    act: Act,
    name: str = "",
    *,
    capacity: CapacityKind | str = CapacityKind.ENTERPRISE,
    region: str = COUNTY,
    confirmed: bool = True,
    **facts: Any,
) -> Organisation:
    """An organisation registered by the platform itself, confirmed unless told otherwise."""
    capacity = CapacityKind(capacity)
    values: dict[str, Any] = {
        "uscc": make_uscc(),
        "name": name or f"江西测试{next(_numbers)}有限公司",
        "capacity": capacity,
        "region": region,
        "legal_representative": "张三",
        "phone": "0795-3998877",
        "industry": "I65" if capacity is CapacityKind.PROVIDER else "C39",
        "employees": 120,
        "revenue_fen": 30_000_000_00,
        **facts,
    }
    made = act(lambda ctx: organisations.register(ctx, **values))
    if confirmed and made.state != "confirmed":
        act(lambda ctx: organisations.confirm(ctx, made.id))
    return act(lambda ctx: ctx.session.get(Organisation, made.id))


def make_actor(
    act: Act,
    role: Role | str,
    *,
    organisation: Organisation | uuid.UUID | None = None,
    pilot_id: uuid.UUID | None = None,
    region: str | None = None,
    person: Person | None = None,
    name: str = "",
    valid_until: datetime | None = None,
) -> tuple[Actor, Person]:
    """A person with one assignment, and the actor that a sign-in under it would give.

    A firm is made when an enterprise or provider comes without one, and a pilot's officer without pilot gets a random
    pilot id. Officers sit in Yichun (`CITY`), its `COUNTY`, or Jiangxi, unless told otherwise.
    """
    role = Role(role)
    if role in (Role.ENTERPRISE, Role.PROVIDER) and organisation is None:
        organisation = make_organisation(act, capacity=role.value, region=region or COUNTY)
    if role is Role.PILOT:
        pilot_id, region = pilot_id or uuid.uuid4(), region or COUNTY
    if role in (Role.CITY, Role.AUDITOR, Role.EXPERT) or (role is Role.FINANCE and pilot_id is None):
        region = region or CITY
    if role is Role.PROVINCE:
        region = region or PROVINCE
    organisation_id = organisation.id if isinstance(organisation, Organisation) else organisation
    someone = person or make_person(act, name)
    in_firm = role in (Role.ENTERPRISE, Role.PROVIDER)
    held = act(
        lambda ctx: accounts.grant(
            ctx,
            someone.id,
            role,
            organisation_id=organisation_id,
            pilot_id=pilot_id,
            region=None if in_firm else region,
            valid_until=valid_until,
        )
    )
    actor = Actor(
        person_id=someone.id,
        assignment_id=held.id,
        role=role,
        organisation_id=held.organisation_id,
        pilot_id=held.pilot_id,
        region=held.region,
        name=someone.name,
        organisation_name=organisation.name if isinstance(organisation, Organisation) else "",
    )
    return actor, someone


def newcomer(person: Person) -> Actor:
    """A person who signed up and acts for nobody yet."""
    return Actor(person.id, None, None, name=person.name)


def sign_in(client: FlaskClient, person: Person) -> FlaskClient:
    """The same browser, signed in under the person's usual assignment: what the page of the sign-in does at its end."""
    secret = acting(client.application)(lambda ctx: signing.open_session(ctx, person.id))
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["_user_id"] = secret
        cookie["_fresh"] = True
    return client


def client_as(app: Flask, role: Role | str | None = None, **place: Any) -> FlaskClient:
    """A browser signed in as a new person with this role; None is a visitor. `client.actor` says who it is."""
    client = app.test_client()
    client.actor = None  # type: ignore[attr-defined]
    if role is None:
        return client
    actor, person = make_actor(acting(app), role, **place)
    client.actor = actor  # type: ignore[attr-defined]
    return sign_in(client, person)


def token_for(app: Flask, actor: Actor, *scopes: str, days: int = 30) -> dict[str, str]:
    """Headers of a request to the API as this actor; without scopes, with every verb of the role."""

    def make(ctx: Context) -> str:
        held = [p.code for p, roles in ctx.house.matrix.rows.items() if actor.role in roles]
        return signing.make_token(ctx, "test", scopes or held, days)[1]

    return {"Authorization": f"Bearer {acting(app)(make, actor)}"}


def post(client: FlaskClient, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
    """POST a form with the token against forgery that the browser's last page carried."""
    return client.post(url, data={**(data or {}), "csrf_token": csrf_of(client)}, **kwargs)


def csrf_of(client: FlaskClient) -> str:
    """A valid token against forgery for this browser."""
    app = client.application
    with client.session_transaction() as cookie:
        raw = cookie.get("csrf_token")
    with app.test_request_context():
        if raw:
            session["csrf_token"] = raw
        token = generate_csrf()
        g.pop("csrf_token", None)
        raw = session["csrf_token"]
    with client.session_transaction() as cookie:
        cookie["csrf_token"] = raw
    return token
