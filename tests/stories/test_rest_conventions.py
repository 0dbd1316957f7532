"""What every route of the REST API promises, whichever chapter it is of: the URL map is walked, nothing is listed by hand."""

from __future__ import annotations

import ast
import io
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from marshmallow import RAISE, Schema, fields
from werkzeug.test import TestResponse

from marketplace.base.errors import Refusal
from marketplace.base.paging import cut
from marketplace.base.roles import Role
from marketplace.web.security import Everyone, SignedIn, access_of
from tests.support.people import make_actor, make_organisation, sign_in, token_for
from tests.support.rest import Program, problem, state

ROOT = Path(__file__).resolve().parents[2]
BASE = "/api/v1"
UNKNOWN = "surely_no_such_field"
_BODIES = {"json", "form", "files", "multipart"}
_CONTENT = {"application/json", "multipart/form-data"}


@dataclass(frozen=True)
class Operation:
    """One verb on one route, with what the OpenAPI document says of it."""

    method: str
    rule: str
    endpoint: str
    said: dict[str, Any]

    @property
    def path(self) -> str:
        """The address below the API's base, with ids that nobody has."""
        filled = re.sub(r"<uuid:\w+>", lambda _: str(uuid.uuid4()), self.rule.removeprefix(BASE))
        return re.sub(r"<\w+>", "NOSUCH", filled)

    @property
    def names_an_object(self) -> bool:
        return "<" in self.rule

    @property
    def body(self) -> str | None:
        """The content type of the body, None where there is none."""
        content = self.said.get("requestBody", {}).get("content", {})
        return next(iter(content), None)

    @property
    def keyed(self) -> bool:
        return any(p.get("name") == "Idempotency-Key" and p["required"] for p in self.said.get("parameters", ()))

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


@dataclass
class Api:
    """The whole API, and a program of every role."""

    app: Flask
    document: dict[str, Any]
    operations: list[Operation]
    programs: dict[Role, Program]

    def needed(self, operation: Operation) -> tuple[Any, ...]:
        return access_of(self.app, operation.endpoint, operation.method) or ()

    def is_public(self, operation: Operation) -> bool:
        return any(isinstance(need, Everyone) for need in self.needed(operation))

    def program(self, operation: Operation) -> Program:
        """A program that may come in, whatever it finds inside."""
        if any(isinstance(need, (Everyone, SignedIn)) for need in self.needed(operation)):
            return self.programs[Role.ENTERPRISE]
        matrix = self.app.extensions["house"].matrix
        for role, program in self.programs.items():
            if any(matrix.within(need, role) is not None for need in self.needed(operation)):
                return program
        raise AssertionError(f"nobody may use {operation}")

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A schema of the document, with its reference followed."""
        while "$ref" in schema or "allOf" in schema:
            name = schema["$ref"] if "$ref" in schema else schema["allOf"][0]["$ref"]
            schema = self.document["components"]["schemas"][name.rsplit("/", 1)[-1]]
        return schema

    def faults(self, check: Callable[[Operation], Any]) -> list[str]:
        """What a check has to say of each operation, where it has something to say."""
        found = ((operation, check(operation)) for operation in self.operations)
        return [f"{operation}: {said}" for operation, said in found if said]


@pytest.fixture
def api(app: Flask, act: Callable[..., Any]) -> Api:
    document = app.extensions["openapi"].to_dict()
    operations = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(BASE + "/") and rule.endpoint != "api.openapi":
            said = document["paths"].get(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), {})
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                operations.append(Operation(method, rule.rule, rule.endpoint, said.get(method.lower(), {})))
    programs = {}
    for role in Role:
        office = make_organisation(act, capacity="bureau", region="360000") if role is Role.PROVINCE else None
        programs[role] = Program(app, token_for(app, make_actor(act, role, organisation=office)[0]))
    return Api(app, document, sorted(operations, key=str), programs)


def test_the_document_names_every_route_and_no_other(api: Api) -> None:
    there = {(o.method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", o.rule)) for o in api.operations}
    said = {
        (method.upper(), path)
        for path, operations in api.document["paths"].items()
        for method in operations
        if method != "parameters"
    }
    assert there == said and len(there) > 150
    assert (api.document["openapi"], api.document["security"]) == ("3.1.0", [{"bearer": []}])
    served = api.app.test_client().get(BASE + "/openapi.json")
    assert served.status_code == 200 and served.get_json()["paths"].keys() == api.document["paths"].keys()


def test_the_document_says_what_a_reader_needs(api: Api) -> None:
    def check(operation: Operation) -> str:
        if not operation.said.get("summary"):
            return "has no summary"
        if api.is_public(operation) != (operation.said.get("security") == []):
            return "is public and the document hides it, or the other way round"
        if any(p["in"] not in ("query", "header", "path") for p in operation.said.get("parameters", ())):
            return "has parameters in no place of OpenAPI 3"
        if operation.body not in _CONTENT | {None}:
            return f"takes {operation.body}"
        failing = operation.said["responses"].get("default", {}).get("$ref", "")
        return "" if failing.endswith("/DEFAULT_ERROR") else "does not say how it fails"

    assert not api.faults(check)
    failed = api.document["components"]["responses"]["DEFAULT_ERROR"]["content"]
    said = api.resolve(failed["application/problem+json"]["schema"])
    assert set(said["required"]) == {"type", "title", "status", "detail", "instance", "code", "clause"}


def answered_with(api: Api, operation: Operation) -> dict[str, Any]:
    for status in ("200", "201"):
        content = operation.said["responses"].get(status, {}).get("content", {}).get("application/json")
        if content:
            return api.resolve(content["schema"])
    return {}


def test_every_list_is_a_page(api: Api) -> None:
    """Whatever answers with several things takes `limit` (at most 100) and `cursor`, and says where it goes on."""

    def check(operation: Operation) -> str:
        if operation.method != "GET":
            return ""
        answer = answered_with(api, operation)
        if answer.get("type") == "array":
            return "answers with a bare array"
        named = set(answer.get("properties", {}))
        items = named if named <= {"items", "next_cursor"} else set()
        given = {p["name"]: p["schema"] for p in operation.said.get("parameters", ()) if p["in"] == "query"}
        if not items:
            return "takes a cursor and gives no page" if "cursor" in given else ""
        if items != {"items", "next_cursor"}:
            return "gives items without a cursor"
        if (given.get("limit", {}).get("maximum"), given.get("limit", {}).get("minimum")) != (100, 1):
            return "does not bound its limit"
        return "" if "cursor" in given else "takes no cursor"

    assert not api.faults(check)
    assert sum("next_cursor" in answered_with(api, o).get("properties", {}) for o in api.operations) > 30


def test_a_list_refuses_what_it_does_not_know(api: Api) -> None:
    def check(operation: Operation) -> str:
        if operation.method != "GET" or "next_cursor" not in answered_with(api, operation).get("properties", {}):
            return ""
        program = api.program(operation)
        for query, field in (("limit=101", "limit"), ("limit=0", "limit"), (f"{UNKNOWN}=1", UNKNOWN)):
            found = problem(program.send("GET", f"{operation.path}?{query}"), 422)
            if list(found["errors"]) != [field]:
                return f"?{query}: {found['errors']}"
        if operation.names_an_object:
            return ""
        for cursor in ("!", "W10", "bm90IGpzb24"):
            found = problem(program.send("GET", f"{operation.path}?cursor={cursor}"), 409)
            if found["code"] != "cursor.invalid":
                return f"?cursor={cursor}: {found}"
        page = program.get(f"{operation.path}?limit=1")
        return "" if set(page) == {"items", "next_cursor"} and len(page["items"]) <= 1 else str(page)

    assert not api.faults(check)


def test_a_short_list_is_cut_into_pages() -> None:
    words = ["a", "b", "c", "d", "e"]
    read: list[str] = []
    cursor = None
    for _ in range(3):
        page = cut(words, limit=2, cursor=cursor, name=str)
        read += page.items
        cursor = page.next_cursor
    assert (read, cursor) == (words, None)
    assert cut(words, limit=5, name=str).next_cursor is None
    assert len(cut([str(n) for n in range(600)], limit=1000, name=str).items) == 500
    last = cut(words, limit=1, name=str).next_cursor
    with pytest.raises(Refusal) as lost:
        cut(words[1:], cursor=last, name=str)  # what the cursor names is gone
    assert lost.value.code == "cursor.invalid"


def unknown_sent(api: Api, operation: Operation) -> TestResponse:
    """A body with one field that no act has."""
    program, key = api.program(operation), uuid.uuid4().hex
    if operation.body == "multipart/form-data":
        more = {"data": {UNKNOWN: "x"}, "content_type": operation.body}
        return program.send(operation.method, operation.path, key=key, **more)
    return program.send(operation.method, operation.path, {UNKNOWN: 1}, key=key)


def test_unknown_fields_are_refused_not_dropped(api: Api) -> None:
    before = state(api.app)

    def check(operation: Operation) -> str:
        if operation.method == "GET":
            return ""
        found = problem(unknown_sent(api, operation), 422)
        return "" if UNKNOWN in found["errors"] and found["code"] == "input.invalid" else str(found)

    assert not api.faults(check)
    assert state(api.app) == before


def test_an_unknown_file_is_refused_too(api: Api) -> None:
    def check(operation: Operation) -> str:
        if operation.method != "POST" or operation.body == "application/json":
            return ""
        more = {"data": {UNKNOWN: (io.BytesIO(b"x"), "x.pdf")}, "content_type": "multipart/form-data"}
        answer = api.program(operation).send("POST", operation.path, key=uuid.uuid4().hex, **more)
        return "" if UNKNOWN in problem(answer, 422)["errors"] else answer.get_data(as_text=True)

    assert not api.faults(check)


def nested(schema: Schema | type[Schema], seen: set[type]) -> Iterator[Schema]:
    """A schema and all that it holds."""
    one = schema() if isinstance(schema, type) else schema
    if type(one) in seen:
        return
    seen.add(type(one))
    yield one
    for field in one.load_fields.values():
        yield from within(field, seen)


def within(field: fields.Field[Any], seen: set[type]) -> Iterator[Schema]:
    if isinstance(field, fields.Nested):
        yield from nested(field.schema, seen)
    for inner in (getattr(field, "inner", None), getattr(field, "value_field", None)):
        if inner is not None:
            yield from within(inner, seen)


def test_unknown_fields_are_refused_in_the_depth_of_a_body(api: Api) -> None:
    def check(operation: Operation) -> str:
        view = api.app.view_functions[operation.endpoint]
        taken = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", ())
        schemas = [s for p in taken if p["in"] in _BODIES for s in nested(p["schema"], set())]
        return ", ".join(type(s).__name__ for s in schemas if s.unknown != RAISE)

    assert not api.faults(check)


def test_what_is_not_public_needs_a_token(api: Api, act: Callable[..., Any]) -> None:
    """401 with `WWW-Authenticate`, whether nothing, a cookie or a wrong token is shown; nothing is read or done."""
    actor, person = make_actor(act, Role.CITY)
    browser = sign_in(api.app.test_client(), person)
    assert browser.get("/orders").status_code == 200, "the cookie is good for pages"
    wrong = {"Authorization": f"Bearer {uuid.uuid4().hex}"}
    before = state(api.app)

    def check(operation: Operation) -> str:
        body = {} if operation.method == "GET" else {"json": {}}
        address = BASE + operation.path
        if not api.is_public(operation):
            for answer in (
                api.app.test_client().open(address, method=operation.method, **body),
                browser.open(address, method=operation.method, **body),
            ):
                if problem(answer, 401)["code"] != "token.required":
                    return answer.get_data(as_text=True)
        for headers in (wrong, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer "}):
            answer = browser.open(address, method=operation.method, headers=headers, **body)
            if answer.status_code != 401 or problem(answer, 401)["code"] != "token.required":
                return f"{headers}: {answer.status_code}"
        return ""

    assert not api.faults(check)
    assert state(api.app) == before
    assert browser.get(BASE + "/me").status_code == 401
    assert api.app.test_client().get(BASE + "/me", headers=token_for(api.app, actor)).status_code == 200


SAMPLES: dict[str, Any] = {
    "date": "2031-03-12",
    "uuid": "01a205b7-0ef7-76ae-9316-c15c570df7e1",
}


def sample(api: Api, schema: dict[str, Any]) -> Any:
    """Something that a schema accepts."""
    schema = api.resolve(schema)
    if "const" in schema or schema.get("enum"):
        return schema.get("const") or next(v for v in schema["enum"] if v is not None)
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        wanted = schema.get("required", ())
        return {name: sample(api, part) for name, part in schema.get("properties", {}).items() if name in wanted}
    if kind == "array":
        return [sample(api, schema["items"])] * max(1, schema.get("minItems", 0))
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    if schema.get("format") == "binary":
        return (io.BytesIO(b"%PDF-1.4\n"), "x.pdf")
    example = (schema.get("examples") or [None])[0] or SAMPLES.get(schema.get("format", ""))
    words = [example] if example else ["1" * max(1, schema.get("minLength", 1)), "a1"]
    return next(word for word in words if re.search(schema.get("pattern", ""), word))


def test_what_nobody_has_is_not_found(api: Api) -> None:
    """404 as problem+json for ids that nobody has, on every route that names an object; nothing is changed."""
    before = state(api.app)

    def check(operation: Operation) -> str:
        if not operation.names_an_object:
            return ""
        more: dict[str, Any] = {}
        if operation.body:
            said = sample(api, operation.said["requestBody"]["content"][operation.body]["schema"])
            multipart = operation.body == "multipart/form-data"
            more = {"data": said, "content_type": operation.body} if multipart else {"json": said}
        asked = [p for p in operation.said.get("parameters", ()) if p["in"] == "query" and p.get("required")]
        more["query_string"] = {p["name"]: sample(api, p["schema"]) for p in asked}
        answer = api.program(operation).send(operation.method, operation.path, key=uuid.uuid4().hex, **more)
        if answer.status_code != 404:
            return f"{answer.status_code} {answer.get_data(as_text=True)[:300]}"
        return "" if problem(answer, 404)["code"] == "not_found" else answer.get_data(as_text=True)

    faults = api.faults(check)
    assert not faults, "\n".join(faults)
    assert state(api.app) == before


def test_what_is_no_route_is_not_found(api: Api) -> None:
    for path in ("/nowhere", "/orders/not-an-id", "/orders/"):
        assert problem(Program(api.app).send("GET", path), 404)["code"] == "not_found"


def test_a_wrong_verb_is_told_the_right_ones(api: Api) -> None:
    verbs: dict[str, set[str]] = {}
    for operation in api.operations:
        verbs.setdefault(operation.rule, set()).add(operation.method)
    for rule, right in verbs.items():
        path = Operation("", rule, "", {}).path
        for verb in {"GET", "POST", "PUT", "PATCH", "DELETE"} - right:
            adapter = api.app.url_map.bind("localhost")
            allowed = set(adapter.allowed_methods(BASE + path))
            if verb in allowed:
                continue  # another route of the same shape takes it
            answer = Program(api.app).send(verb, path)
            assert problem(answer, 405)["code"] == "method.not_allowed", (verb, rule)
            assert set(answer.headers["Allow"].replace(" ", "").split(",")) == allowed >= right, (verb, rule)


def test_what_moves_money_needs_a_key(api: Api) -> None:
    """Every act that says `money=True` is marked in the document, refuses without a key, and does nothing then."""
    before = state(api.app)
    keyed = [operation for operation in api.operations if operation.keyed]

    def check(operation: Operation) -> str:
        if not operation.keyed:
            return ""
        for key in (None, "", "k" * 129, "a\x7fb"):
            headers = {} if key is None else {"Idempotency-Key": key}
            answer = api.program(operation).send("POST", operation.path, {UNKNOWN: 1}, headers=headers)
            found = problem(answer, 400)
            if (found["code"], list(found["errors"])) != ("idempotency.key_required", ["Idempotency-Key"]):
                return str(found)
        return ""

    assert not api.faults(check)
    assert state(api.app) == before
    assert len(keyed) == said_money() > 15 and {operation.method for operation in keyed} == {"POST"}


def said_money() -> int:
    """How many calls of `do` in the sources say that they move money."""
    return sum(
        any(word.arg == "money" and getattr(word.value, "value", False) is True for word in call.keywords)
        for package in ("marketplace", "providers", "vouchers")
        for path in (ROOT / package).rglob("*.py")
        if "api" in path.relative_to(ROOT).as_posix()
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
    )


def test_broken_bodies_are_problems_too(api: Api) -> None:
    city = api.programs[Role.CITY]
    broken = city.send("POST", "/calls", data=b"{", content_type="application/json")
    assert problem(broken, 400)["code"]
    other = city.send("POST", "/calls", data=b"<a/>", content_type="application/xml")
    assert problem(other, 422)["code"] == "input.invalid"
    listed = city.send("POST", "/calls", [1, 2])
    assert problem(listed, 422)["code"] == "input.invalid"
