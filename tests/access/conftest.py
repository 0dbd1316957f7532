"""A city full of life, and strangers to it: one person of every role from somewhere else."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import event, select, text
from werkzeug.routing import Rule

from marketplace import demo, schema
from marketplace.app import create_app
from marketplace.base import acts
from marketplace.base.actor import Actor
from marketplace.base.clock import SetClock
from marketplace.base.db import Base
from marketplace.base.roles import Role
from marketplace.people.accounts import invitations, signing
from marketplace.people.organisations import actions as organisations
from marketplace.people.organisations import facts
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import CapacityKind, FactKind
from marketplace.web.db import db
from tests.conftest import NOON, make_settings
from tests.support.people import OTHER_CITY, OTHER_COUNTY, acting, make_actor, make_organisation, make_person, newcomer

ARGUMENTS = {
    "account_id": "bank_account",
    "assignment_id": "assignment",
    "ban_id": "ban",
    "batch_id": "programme_batch",
    "call_id": "selection_call",
    "candidate_id": "panel_candidate",
    "case_id": "ownership_case",
    "certificate_id": "payable_certificate",
    "change_id": "plan_change",
    "contract_id": "contract_record",
    "delivery_id": "webhook_delivery",
    "document_id": "document",
    "edition_id": "book_edition",
    "enterprise_id": "organisation",
    "entry_id": "roster_entry",
    "fact_id": "organisation_fact",
    "list_id": "grant_list",
    "invitation_id": "invitation",
    "item_id": "batch_item",
    "notice_id": "public_notice",
    "proof_id": "dossier_proof",
    "record_id": "level_record",
    "request_id": "voucher_request",
    "reset_id": "password_reset",
    "seat_id": "panel_seat",
    "session_id": "web_session",
    "signed_id": "signed_report",
    "tranche_id": "tranche",
    "tier_id": "approval_tier",
    "token_id": "api_token",
    "version_id": "scheme_version",
    "order_id": "shop_order",
}
"""The table behind an argument of a rule, where its name is not the argument's without ``_id``."""

BY_RULE = {
    ("/notices/", "notice_id"): "notice",
    ("/dossier/", "case_id"): "dossier_case",
    ("/expert", "expert_id"): "expert",
    ("/api/v1/batches", "batch_id"): "payment_batch",
    ("/settlement/batches", "batch_id"): "payment_batch",
    ("/what-if/batches", "batch_id"): "payment_batch",
}
"""Arguments of one name that mean another table in some rules: a part of the rule → the table."""


@dataclass
class Seen:
    """What happened behind the door during one request: views that ran, and statements that write."""

    views: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)


@dataclass
class Visitor:
    """Somebody at the door: the secret of a browser's session and of a token, both of one assignment."""

    role: str
    actor: Actor | None = None
    secret: str = ""
    token: str = ""


@dataclass
class City:
    """The city, what is watched in it, and who comes."""

    app: Flask
    seen: Seen
    strangers: dict[str, Visitor]
    insiders: dict[str, Visitor]
    objects: dict[str, list[Any]]

    def rules(self) -> list[tuple[str, Rule]]:
        """Every (verb, rule) of the application."""
        found = []
        for rule in self.app.url_map.iter_rules():
            found += [(verb, rule) for verb in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
        return sorted(found, key=lambda f: (f[1].rule, f[0]))

    def knock(self, who: Visitor, verb: str, address: str, body: dict[str, Any] | None = None) -> Any:
        """One request of this person, by cookie or by token, with what was seen of it."""
        self.seen.views.clear()
        self.seen.writes.clear()
        client = self.app.test_client()
        if address.startswith("/api/"):
            headers = {"Authorization": f"Bearer {who.token}"} if who.token else {}
            headers["Idempotency-Key"] = str(uuid.uuid4())
            return client.open(
                address, method=verb, headers=headers, json=body or {} if verb != "GET" else None, buffered=True
            )
        if who.actor is not None:
            if not who.secret:
                who.secret = acting(self.app)(lambda ctx: signing.open_session(ctx, who.actor.person_id))
                self.seen.writes.clear()
            with client.session_transaction() as cookie:
                cookie["_user_id"] = who.secret
                cookie["_fresh"] = True
            if address == "/account/sign-out":
                who.secret = ""
        return client.open(address, method=verb, data=body or {} if verb != "GET" else None, buffered=True)


ASKED = {"/api/v1/pilots/<uuid:pilot_id>/what-if": "?act=issue&category=saas&amount=1.00"}
"""What a route cannot be looked at without."""


def address_of(rule: Rule, values: dict[str, Any] | None = None) -> str:
    """An address under a rule: with these values, and made-up ones for the rest."""
    given = {name: _made_up(rule, name) for name in rule.arguments} | (values or {})
    built = rule.build(given)
    assert built is not None, rule
    return built[1] + ASKED.get(rule.rule, "")


def _made_up(rule: Rule, name: str) -> Any:
    kind = type(rule._converters[name]).__name__
    return {"UUIDConverter": uuid.uuid4(), "IntegerConverter": 987_654_321}.get(kind, "nothing-of-this-name")


def table_of(rule: str, name: str) -> str:
    """The table whose keys an argument of a rule holds."""
    for (part, argument), table in BY_RULE.items():
        if argument == name and part in rule:
            return table
    return ARGUMENTS.get(name, name.removesuffix("_id"))


def _watch(app: Flask, seen: Seen) -> None:
    """Note which view runs, and every statement that writes."""

    def noted(endpoint: str, view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def run(*args: Any, **kwargs: Any) -> Any:
            seen.views.append(f"{request.method} {endpoint}")
            return view(*args, **kwargs)

        return run

    for endpoint, view in list(app.view_functions.items()):
        app.view_functions[endpoint] = noted(endpoint, view)

    def statement(connection: Any, cursor: Any, sql: str, *rest: Any) -> None:
        words = sql.upper().split()
        first = words[0]
        if first == "WITH" and not {"INSERT", "UPDATE", "DELETE"} & set(words):
            return  # a named part of a question
        if first not in ("SELECT", "BEGIN", "PRAGMA", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"):
            seen.writes.append(sql)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", statement)


def _sign_in(app: Flask, role: str, actor: Actor | None) -> Visitor:
    if actor is None:
        return Visitor(role)
    act = acting(app)
    secret = act(lambda ctx: signing.open_session(ctx, actor.person_id))
    if actor.assignment_id is None:
        return Visitor(role, actor, secret)
    if act(lambda ctx: len(signing.queries.live_assignments(ctx, actor.person_id))) > 1:
        secret = act(lambda ctx: signing.switch(ctx, secret, actor.assignment_id), actor)

    def make(ctx: Any) -> str:
        held = [p.code for p, roles in ctx.house.matrix.rows.items() if actor.role in roles]
        return signing.make_token(ctx, "walk", held, 30)[1]

    return Visitor(role, actor, secret, act(make, actor) if role != "none" else "")


def _strangers(app: Flask) -> dict[str, Visitor]:
    """Nobody, somebody new, and one of every role: firms, pilots and authorities of another city."""
    act = acting(app)
    found = {"visitor": Visitor("visitor"), "newcomer": _sign_in(app, "newcomer", newcomer(make_person(act)))}
    for role in Role:
        place: dict[str, Any] = {}
        if role in (Role.ENTERPRISE, Role.PROVIDER):
            place["organisation"] = make_organisation(act, capacity=role.value, region=OTHER_COUNTY)
        elif role is Role.PILOT:
            place["region"] = OTHER_COUNTY
        elif role in (Role.CITY, Role.FINANCE, Role.AUDITOR, Role.EXPERT):
            place["region"] = OTHER_CITY
        found[role.value] = _sign_in(app, role.value, make_actor(act, role, **place)[0])
    return found


def _more(app: Flask, city: Actor) -> None:
    """Objects of people that the story leaves out: a case, a claim's invitation, accounts and changes that wait."""
    act = acting(app)
    firm = act(
        lambda ctx: ctx.session.scalars(
            select(Organisation).where(Organisation.city == city.region, Organisation.industry.like("C%"))
        ).first()
    )
    assert firm is not None
    member, person = make_actor(act, Role.ENTERPRISE, organisation=firm)
    claim = {
        "uscc": firm.uscc,
        "name": firm.name,
        "capacity": CapacityKind.ENTERPRISE,
        "region": firm.region,
        "legal_representative": "x",
        "phone": "0795-1234567",
        "industry": "C39",
    }
    act(lambda ctx: organisations.register(ctx, **claim), newcomer(make_person(act)))
    act(lambda ctx: facts.change(ctx, firm.id, FactKind.LEGAL_REPRESENTATIVE, "陌生人"), member)
    act(
        lambda ctx: organisations.propose_account(
            ctx, firm.id, holder_name=firm.name, bank_name="中国银行", number="6222000099998888"
        ),
        member,
    )
    act(lambda ctx: invitations.invite(ctx, "13000001111", Role.ENTERPRISE, organisation_id=firm.id), member)
    _sign_in(app, "enterprise", member)


def _objects(app: Flask, rules: list[tuple[str, Rule]]) -> dict[str, list[Any]]:
    """Two keys of every table that a rule's argument names: the city's first row and its last."""
    wanted = {table_of(rule.rule, name) for _, rule in rules for name in rule.arguments if name.endswith("_id")}
    found: dict[str, list[Any]] = {}
    with app.app_context():
        for name in sorted(wanted):
            table = Base.metadata.tables.get(name)
            key = None if table is None else next(iter(table.primary_key.columns))
            statement = select(key).order_by(key)
            if name == "notice":
                # What is told to everybody of a role is nobody's secret from that role.
                statement = statement.where(table.c.organisation_id.is_not(None))
            if name == "document":
                statement = statement.where(table.c.public.is_(False))
            keys = [] if key is None else db.session.scalars(statement).all()
            found[name] = list(dict.fromkeys([keys[0], keys[-1]])) if keys else []
        db.session.remove()
    return found


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The story's city at its end, watched; strangers came after the objects were counted."""
    folder: Path = tmp_path_factory.mktemp("city")
    clock = SetClock(NOON)
    app = create_app(make_settings(folder), clock)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        schema.upgrade()
        acts.run(db.session(), app.extensions["house"], schema.load_reference, system=True)
        stage = demo.build(app, clock)
        db.session.remove()
    _more(app, stage.cast["city"])
    rules = [(verb, rule) for rule in app.url_map.iter_rules() for verb in rule.methods or ()]
    objects = _objects(app, rules)
    cast = {actor.role.value: actor for actor in stage.cast.values() if actor.role}
    insiders = {role: _sign_in(app, role, actor) for role, actor in cast.items()}
    strangers = _strangers(app)
    seen = Seen()
    _watch(app, seen)
    app.testing = True
    yield City(app, seen, strangers, insiders, objects)
    with app.app_context():
        db.session.execute(text("SELECT 1"))
        db.session.remove()
        db.engine.dispose()
