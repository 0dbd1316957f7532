"""The made-up city for those who look at its pages: built once, its people by role, and every page that they reach.

`City.places` follows every link, menu entry and GET form as each role, as a person would, and tells of each page under
which route it stands and from which template it was drawn. `City.served` puts the city on a port of this machine.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from flask import Flask, template_rendered
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler

from marketplace import demo, schema
from marketplace.app import create_app
from marketplace.base import acts
from marketplace.base.actor import Actor
from marketplace.base.clock import SetClock
from marketplace.base.roles import Role
from marketplace.people.accounts import actions as accounts
from marketplace.people.accounts import signing
from marketplace.web.db import db
from tests.conftest import NOON, actor_of, make_settings
from tests.support.html import REDIRECTS

VISITOR, NEWCOMER = "visitor", "newcomer"
SECOND = {"treasury": "province_finance"}
"""Who of the cast may do what the first of the same role may not: the other department of the province."""
ROLES = (VISITOR, NEWCOMER, *(role.value for role in Role), *SECOND)
"""Nobody, somebody who signed in and acts for nobody yet, every role, and second desks of a role."""

LANGUAGES = ("zh", "en")
CAST = {"enterprise": "enterprise1", "provider": "provider3", "expert": "expert1"}
"""Who stands for a role of the demo that many have; the first of the cast for any other."""

PATHS_OF_A_ROUTE, QUERIES_OF_A_ROUTE = 6, 4
"""How many addresses of one route each role opens, and how many queries: lists are long, pages of a kind are alike."""

NO_PAGES = {
    "/api/v1/": "the interface for programs",
    "/assets/": "files of style and script",
    "/healthz": "asked by machines",
    "/metrics": "asked by machines",
    "/readyz": "asked by machines",
    "/.well-known/": "asked by machines",
}
"""Beginnings of routes that answer no person."""

NO_LINKS = {
    "/account/reset/<uuid:reset_id>/<secret>": "the link stands in a message to whoever forgot a password",
    "/account/join/<secret>": "the link stands in a message to somebody who has no account yet",
    "/claims/<uuid:claim_id>/review/sums": "a piece of a form, asked for by its script",
    "/parts/uscc": "a piece of a form, asked for by its script",
    "/parts/words": "a piece of a form, asked for by its script",
    "/publicity/receipts/<receipt>": "the receipt is shown once, after an objection was sent",
    "/redemption/orders/<uuid:order_id>/live": "asked by the page that shows a code, whether it was used",
    "/regions/options": "a piece of a form, asked for by its script",
}
"""Routes that no link leads to, with the reason."""


@dataclass(frozen=True)
class Place:
    """One page as one role sees it; `template` draws the page, `parts` are templates rendered into it by others."""

    role: str
    endpoint: str
    rule: str
    url: str
    template: str
    parts: tuple[str, ...]
    html: str = field(repr=False)


@dataclass(frozen=True)
class Fault:
    """A link that does not lead to an answer."""

    role: str
    endpoint: str
    url: str
    answer: str

    def __str__(self) -> str:
        return f"{self.role}: {self.url}: {self.answer}"


@dataclass
class Walk:
    """What a role met: its pages, the routes that answered (files as well), and links that lead to a fault."""

    places: list[Place] = field(default_factory=list)
    rules: set[str] = field(default_factory=set)
    broken: list[Fault] = field(default_factory=list)


class _Bounds:
    """What one role has opened of each route, and how much more it may."""

    def __init__(self, paths: int, queries: int) -> None:
        self._most_paths, self._most_queries = paths, queries
        self._paths: dict[str, set[str]] = defaultdict(set)
        self._queries: dict[str, set[frozenset[str]]] = defaultdict(set)

    def admit(self, endpoint: str, url: str) -> bool:
        """Whether to open the address: a new path, or a known one with parameters that were not asked together yet."""
        split = urlsplit(url)
        asked = frozenset(name for name, _ in parse_qsl(split.query))
        paths, queries = self._paths[endpoint], self._queries[endpoint]
        if split.path in paths:
            if asked in queries or len(queries) >= self._most_queries:
                return False
        elif len(paths) >= self._most_paths:
            return False
        paths.add(split.path)
        queries.add(asked)
        return True


class City:
    """The demo's city in an application of its own, without a page opened yet; on SQLite unless `settings` say else.

    `bounds` is how many addresses of one route, and how many queries of one, each role opens.
    """

    def __init__(
        self,
        folder: Path,
        moment: datetime = NOON,
        *,
        bounds: tuple[int, int] = (PATHS_OF_A_ROUTE, QUERIES_OF_A_ROUTE),
        **settings: Any,
    ) -> None:
        self.clock = SetClock(moment)
        self.bounds = bounds
        self.app = create_app(make_settings(folder, **settings), self.clock)
        self.app.testing = True
        with self.app.app_context():
            schema.upgrade()
            acts.run(db.session(), self.app.extensions["house"], schema.load_reference, system=True)
            self.stage = demo.build(self.app, self.clock)
            db.session.remove()
        self.people: dict[str, Actor] = {}
        for name, actor in self.stage.cast.items():
            if actor.role and CAST.get(actor.role.value, name) == name:
                self.people.setdefault(actor.role.value, actor)
        self.people |= {name: self.stage.cast[key] for name, key in SECOND.items()}
        self._cookies: dict[str, str] = {}
        self._walks: dict[str, Walk] = {}

    def close(self) -> None:
        """Let go of the database."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def cookie(self, role: str) -> str:
        """The value of the cookie that a browser of this role's person holds; empty for a visitor."""
        if role not in self._cookies:
            self._cookies[role] = "" if role == VISITOR else self._sign_in(role)
        return self._cookies[role]

    def _sign_in(self, role: str) -> str:
        act = actor_of(self.app)
        if role == NEWCOMER:
            person_id = act(lambda ctx: accounts.create_person(ctx, "新来的人", "13700009999", None, demo.PASSWORD)).id
            secret = act(lambda ctx: signing.open_session(ctx, person_id))
        else:
            actor = self.people[role]
            secret = act(lambda ctx: signing.open_session(ctx, actor.person_id))
            if act(lambda ctx: len(signing.queries.live_assignments(ctx, actor.person_id))) > 1:
                secret = act(lambda ctx: signing.switch(ctx, secret, actor.assignment_id), actor)
        client = self.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = secret
            session["_fresh"] = True
        kept = client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        assert kept is not None
        return str(kept.value)

    def cookies(self, role: str, language: str) -> dict[str, str]:
        """All cookies of a browser: who it is, and which language it chose."""
        who = {self.app.config["SESSION_COOKIE_NAME"]: self.cookie(role)} if role != VISITOR else {}
        return who | {"lang": language}

    def client(self, role: str, language: str = "zh") -> FlaskClient:
        """A browser without a window, signed in as the role's person."""
        client = self.app.test_client()
        for name, value in self.cookies(role, language).items():
            client.set_cookie(name, value)
        return client

    # ---- what there is to see

    def walk(self, role: str) -> Walk:
        """A role's way through the city, gone once."""
        if role not in self._walks:
            self._walks[role] = self._walk(role)
        return self._walks[role]

    def places(self, roles: Sequence[str] = ROLES) -> list[Place]:
        """Every page that somebody reached, in the order of roles and discovery."""
        return [place for role in roles for place in self.walk(role).places]

    def representatives(self, roles: Sequence[str] = ROLES) -> list[Place]:
        """One page for each role, route and template: the longest, which has most to show."""
        best: dict[tuple[str, str, str], Place] = {}
        for place in self.places(roles):
            key = (place.role, place.endpoint, place.template)
            if key not in best or len(place.html) > len(best[key].html):
                best[key] = place
        return list(best.values())

    def unseen(self) -> dict[str, str]:
        """Routes of pages that nobody reached: the endpoint, and the same in words."""
        seen = {rule for role in ROLES for rule in self.walk(role).rules}
        return {
            rule.endpoint: f"no data in the demo for {rule.rule} ({rule.endpoint})"
            for rule in sorted(self.app.url_map.iter_rules(), key=lambda rule: rule.rule)
            if "GET" in (rule.methods or ())
            and rule.rule not in seen | set(NO_LINKS)
            and not rule.rule.startswith(tuple(NO_PAGES))
        }

    def _walk(self, role: str) -> Walk:
        walk, client = Walk(), self.client(role)
        waiting, known = ["/"], {"/"}
        bounds = _Bounds(*self.bounds)
        adapter = self.app.url_map.bind("localhost")
        for url in waiting:  # grows while it is walked
            try:
                rule, _ = adapter.match(urlsplit(url).path, method="GET", return_rule=True)
            except HTTPException:
                walk.broken.append(Fault(role, "", url, "no such route"))
                continue
            if rule.rule.startswith(tuple(NO_PAGES)) or not bounds.admit(rule.endpoint, url):
                continue
            for address in self._step(client, role, rule, url, walk):
                absolute = urlsplit(urljoin("http://localhost" + url, address))
                target = absolute.path + (f"?{absolute.query}" if absolute.query else "")
                if absolute.netloc == "localhost" and target not in known:
                    known.add(target)
                    waiting.append(target)
        return walk

    def _step(self, client: FlaskClient, role: str, rule: Rule, url: str, walk: Walk) -> list[str]:
        """Open one address, and say where its page leads."""
        drawn: list[str] = []

        def note(sender: Flask, template: Any, **rest: Any) -> None:
            drawn.append(template.name or "")

        with template_rendered.connected_to(note, self.app), closing(client.get(url)) as answer:
            walk.rules.add(rule.rule)
            if answer.status_code in REDIRECTS:
                return [answer.location]
            if answer.status_code != 200:
                walk.broken.append(Fault(role, rule.endpoint, url, str(answer.status_code)))
            elif answer.mimetype == "text/html":
                text = answer.get_data(as_text=True)
                template, parts = (drawn[-1], tuple(drawn[:-1])) if drawn else ("", ())
                walk.places.append(Place(role, rule.endpoint, rule.rule, url, template, parts, text))
                return links_of(text)
        return []

    # ---- on a port

    @contextmanager
    def served(self) -> Iterator[str]:
        """The city on a free port of this machine, for as long as it is looked at; the address is given."""
        server = _Server("127.0.0.1", 0, self.app, _Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            server.hands.shutdown()


class _Quiet(WSGIRequestHandler):
    """One request per connection, no line per request; a browser's connection held in reserve ends soon."""

    protocol_version = "HTTP/1.0"
    timeout = 5

    def log(self, *args: Any) -> None:
        pass


class _Server(BaseWSGIServer):
    """As many requests at a time as it has hands; the rest wait."""

    multithread = True

    def __init__(self, host: str, port: int, app: Flask, handler: type[WSGIRequestHandler]) -> None:
        self.hands = ThreadPoolExecutor(8, thread_name_prefix="city")
        super().__init__(host, port, app, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.hands.submit(self._answer, request, client_address)

    def _answer(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)


class _Links(HTMLParser):
    """Where a page leads: links, and forms that only look, as they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._form: tuple[str, list[tuple[str, str]]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.found.append(given["href"])
        elif tag == "form" and given.get("method", "get").lower() == "get":
            self._form = (given.get("action", ""), [])
        elif tag == "input" and self._form is not None and given.get("name"):
            if given.get("type") not in ("checkbox", "radio", "submit") or "checked" in given:
                word = given.get("value") or ("云溪" if given["name"] == "q" else "")
                self._form[1].append((given["name"], word))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form is not None:
            action, fields = self._form
            self.found.append(action.partition("?")[0] + "?" + urlencode(fields))
            self._form = None


def links_of(html: str) -> list[str]:
    """The addresses that a page offers to open, in their order."""
    reader = _Links()
    reader.feed(html)
    reader.close()
    return [address for address in reader.found if not address.startswith("#")]
