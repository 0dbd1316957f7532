"""R15. Requests made up from the API's own description, by everybody: none may break it, and a key works once."""

from __future__ import annotations

import io
import json
import random
import re
import sys
import tempfile
import traceback
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import schemathesis
from flask import Flask, got_request_exception
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from werkzeug.test import TestResponse

from marketplace import schema
from marketplace.app import create_app
from marketplace.base import acts
from marketplace.base.clock import SetClock
from marketplace.base.roles import Role
from marketplace.web.db import db
from tests.conftest import NOON, actor_of, make_settings
from tests.proof.parts import Counts, Figure, Part, Piece, count, none, some, together
from tests.support.city import City
from tests.support.people import make_actor, make_organisation, token_for
from tests.support.postgres import Cluster, cluster
from tests.support.rest import BASE, moved

KEY = "Idempotency-Key"
KNOWN = 0.8
"""How often an id is one that is there, instead of one that was made up."""


class _Fuzz:
    """One city, tokens of every role, what ids have been seen, and how the requests ended."""

    def __init__(self, city: Any, number: int) -> None:
        self.app: Flask = city.app
        self.app.testing = False
        self.app.config["PROPAGATE_EXCEPTIONS"] = False
        self.dice = random.Random(number)
        self.who: list[dict[str, str]] = [{}]
        self.who += [token_for(self.app, actor) for actor in city.people.values()]
        self.ids: dict[str, set[str]] = defaultdict(set)
        self.seen: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.document = self.app.extensions["openapi"].to_dict()
        self.schema = schemathesis.openapi.from_dict(json.loads(json.dumps(self.document)))

    def operations(self) -> list[Any]:
        return [found.ok() for found in self.schema.get_all_operations()]

    def look_around(self) -> None:
        """Read every list as every role, so that ids are known."""
        for path, found in self.document["paths"].items():
            if "get" in found and "{" not in path:
                for who in self.who:
                    self._send("GET", path, who)

    def fuzz(self, operation: Any, examples: int) -> None:
        """So many requests that the description allows, and as many that it does not."""
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @seed(self.dice.randrange(2**32))
            @settings(
                max_examples=examples, database=None, phases=[Phase.generate], deadline=None,
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(case=operation.as_strategy(generation_mode=mode))
            def run(case: Case) -> None:
                self._try(case)

            try:
                run()
            except Exception as nothing:  # some descriptions leave nothing to get wrong
                if "Unsatisfiable" not in type(nothing).__name__ and mode is GenerationMode.POSITIVE:
                    raise

    def _try(self, case: Case) -> None:
        headers = {str(name): str(value) for name, value in (case.headers or {}).items() if _sendable(str(value))}
        wants_key = KEY in headers
        if wants_key:
            headers[KEY] = f"fuzz-{uuid.UUID(int=self.dice.getrandbits(128))}"
        path, query = self._path(case), _query(case.query)
        case.body = self._with_known(case.body)

        def sent(who: dict[str, str]) -> TestResponse | None:
            return self._send(str(case.method).upper(), path, headers | who, query=query, **_body(case))

        who = self.dice.choice(self.who)
        first = sent(who)
        if not wants_key:
            return
        for other in self.dice.sample(self.who, len(self.who)):
            if first is None or first.status_code not in (401, 403):
                break
            who, first = other, sent(other)
        if first is not None:
            self._again(partial(sent, who), first, f"{case.method} {case.path}")

    def _with_known(self, value: Any, name: str = "") -> Any:
        """A body in which most ids are such as are there."""
        if isinstance(value, dict):
            return {key: self._with_known(one, str(key)) for key, one in value.items()}
        if isinstance(value, list):
            return [self._with_known(one, re.sub("s$", "", name)) for one in value]
        known = sorted(self.ids.get(name, ()))
        return self.dice.choice(known) if isinstance(value, str) and known and self.dice.random() < KNOWN else value

    def _again(self, sent: Any, first: TestResponse, name: str) -> None:
        """The same once more under the same key: an act that was done is answered alike and not done."""
        before = moved(self.app)
        second = sent()
        self.seen["replays"] += 1
        if second is None or second.status_code == 429:
            return
        if first.status_code >= 400:
            wrong = second.status_code != first.status_code or moved(self.app) != before
            self.seen["done twice"] += wrong
            return
        self.seen["replays of acts"] += 1
        if (second.status_code, second.get_data()) != (first.status_code, first.get_data()) or moved(
            self.app
        ) != before:
            self.seen["done twice"] += 1
            print(f"  {name} was answered {second.status_code} the second time", file=sys.stderr)

    def _path(self, case: Case) -> str:
        made = case.path
        for name, value in (case.path_parameters or {}).items():
            known = sorted(self.ids.get(name) or self.ids.get("id", ()))
            if known and self.dice.random() < KNOWN:
                value = self.dice.choice(known)
            made = made.replace("{" + name + "}", quote(str(value), safe="%"))
        return made

    def _send(
        self, method: str, path: str, headers: dict[str, str], query: Any = None, **more: Any
    ) -> TestResponse | None:
        client = self.app.test_client()
        try:
            answer = client.open(path, method=method, headers=headers, query_string=query, buffered=True, **more)
        except UnicodeError:
            return None  # no program could send it
        self.seen["requests"] += 1
        self.seen[f"{answer.status_code // 100}xx"] += 1
        if answer.status_code >= 500:
            self.broken[f"{method} {path}"] += 1
        elif answer.is_json:
            self._learn(answer.get_json(silent=True), re.sub(r".*/", "", path.rsplit("/", 1)[0]))
        return answer

    def _learn(self, said: Any, name: str) -> None:
        """Remember ids by the name under which they stand; an `id` of a list under the list's own name too."""
        if isinstance(said, dict):
            for key, value in said.items():
                if isinstance(value, str) and _UUID.fullmatch(value):
                    self.ids[key].add(value)
                else:
                    self._learn(value, name)
        elif isinstance(said, list):
            for value in said[:50]:
                self._learn(value, name)


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _sendable(value: str) -> bool:
    return value.isascii() and value.isprintable()


def _query(query: Any) -> list[tuple[str, str]]:
    return [
        (str(name), str(one))
        for name, value in (query or {}).items()
        for one in (value if isinstance(value, list) else [value])
    ]


def _body(case: Case) -> dict[str, Any]:
    """A body as Flask's client takes it."""
    body: Any = case.body
    if type(body).__name__ == "NotSet":
        return {}
    if case.media_type == "multipart/form-data" and isinstance(body, dict):
        files = {
            str(name): (io.BytesIO(value), "paper.pdf") if isinstance(value, bytes) else _text(value)
            for name, value in body.items()
        }
        return {"data": files, "content_type": case.media_type}
    if isinstance(body, bytes):
        return {"data": body, "content_type": case.media_type}
    return {"data": json.dumps(body, default=str), "content_type": case.media_type or "application/json"}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


@contextmanager
def _faults(app: Flask) -> Iterator[Counter[str]]:
    """Where the program broke: the last lines of each trace."""
    found: Counter[str] = Counter()

    def note(_sender: Flask, exception: BaseException, **_rest: Any) -> None:
        where = traceback.extract_tb(exception.__traceback__)[-1]
        found[f"{type(exception).__name__} in {Path(where.filename).name}:{where.lineno}: {str(exception)[:120]}"] += 1

    with got_request_exception.connected_to(note, app):
        yield found


def _run(city: Any, wanted: slice, examples: int, number: int, *, look_around: bool = True) -> Counts:
    fuzz = _Fuzz(city, number)
    with _faults(city.app) as faults:
        if look_around:
            fuzz.look_around()
        operations = fuzz.operations()[wanted]
        for operation in operations:
            fuzz.fuzz(operation, examples)
    for words, times in [*faults.most_common(20), *fuzz.broken.most_common(10)]:
        print(f"  {times} × {words}", file=sys.stderr)
    names = ("requests", "2xx", "3xx", "4xx", "5xx", "replays", "replays of acts", "done twice")
    return {**{name: fuzz.seen[name] for name in names}, "operations": len(operations)}


def _control(city: Any) -> Counts:
    """A route that breaks must be seen to break."""
    fuzz = _Fuzz(city, 1)
    endpoint = next(rule.endpoint for rule in city.app.url_map.iter_rules() if rule.rule == f"{BASE}/me")

    def broken(*_args: Any, **_values: Any) -> None:
        raise KeyError("broken on purpose")

    with patch.dict(city.app.view_functions, {endpoint: broken}):
        fuzz._send("GET", f"{BASE}/me", fuzz.who[1])
    return {"controls": 1, "controls found": int(fuzz.seen["5xx"] > 0)}


@contextmanager
def _city(postgresql: bool) -> Iterator[City]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="marketplace-fuzz-")))
        more = {}
        if postgresql:
            more["database_url"] = stack.enter_context(cluster()).create_database("fuzz")
        city = City(folder, **more)
        stack.callback(city.close)
        yield city


PIECES = 3


def _piece(postgresql: bool, number: int, examples: int) -> Counts:
    with _city(postgresql) as city:
        return together([_control(city), _run(city, slice(number, None, PIECES), examples, number)])


@contextmanager
def _hamlet() -> Iterator[Any]:
    """An application with one person of each role and nothing else: enough for a few requests."""
    with tempfile.TemporaryDirectory(prefix="marketplace-fuzz-") as folder:
        app = create_app(make_settings(Path(folder)), SetClock(NOON))
        with app.app_context():
            schema.upgrade()
            acts.run(db.session(), app.extensions["house"], schema.load_reference, system=True)
            db.session.remove()
        act = actor_of(app)
        office = make_organisation(act, capacity="bureau", region="360000")
        people = {
            role: make_actor(act, role, organisation=office if role is Role.PROVINCE else None)[0] for role in Role
        }
        yield SimpleNamespace(app=app, people=people)
        with app.app_context():
            db.engine.dispose()


def _short(_server: Cluster) -> Counts:
    with _hamlet() as city:
        return together([_control(city), _run(city, slice(3, None, 24), 2, 1, look_around=False)])


def _figures(counts: Counts) -> list[Figure]:
    found, controls = counts.get("controls found", 0), counts.get("controls", 0)
    return [
        Figure("operations of the API, on either database", count(counts, "operations")),
        some(counts, "requests", "requests", 30),
        Figure("answered", count(counts, "2xx")),
        Figure("refused", count(counts, "4xx")),
        none(counts, "5xx", "that broke the program (5xx)"),
        some(counts, "replays", "sent twice under one key", 0),
        Figure("of them acts that had been done", count(counts, "replays of acts")),
        none(counts, "done twice", "done twice, or answered otherwise the second time"),
        Figure("controls: a route that breaks, seen / tried", f"{found:,.0f} / {controls:,.0f}", "all",
               bool(found == controls > 0)),
    ]  # fmt: skip


PART = Part(
    code="fuzzing",
    title="R15. Made-up requests",
    method=(
        "Schemathesis makes up requests to every operation from the API's own description, right ones and wrong ones."
        " They go to the demo's city, sent by every role in turn and by nobody; four of five ids are such as earlier"
        " answers named. Requests that carry an idempotency key are sent twice. Nothing may end in a server's error, and"
        " nothing may be done twice."
    ),
    pieces=[
        Piece(f"{name}-{number + 1}", partial(_piece, name == "postgresql", number, 10))
        for name in ("sqlite", "postgresql")
        for number in range(PIECES)
    ],
    short=_short,
    figures=_figures,
)
