"""A program that speaks only REST: one token, JSON in and out, and every problem looked at closely."""

from __future__ import annotations

import hashlib
import io
import itertools
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from marketplace.base.db import Base
from marketplace.web.db import db

BASE = "/api/v1"
ALWAYS = {"type", "title", "status", "detail", "instance", "code", "clause"}
"""What every problem carries (RFC 9457, and our code and clause)."""
_ASIDE = {"api_token", "throttle"}
"""Tables that a request may touch although it changes nothing of the matter."""
_keys = itertools.count(1)


class Program:
    """One holder of a token; without headers a visitor."""

    def __init__(self, app: Flask, headers: dict[str, str] | None = None):
        self.app = app
        self.headers = headers or {}

    def send(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, headers: Any = None, **more: Any
    ) -> TestResponse:
        """One request, its answer whatever it is."""
        sent = {**self.headers, **(headers or {}), **({"Idempotency-Key": key} if key else {})}
        if body is not None:
            more["json"] = body
        return self.app.test_client().open(BASE + path, method=method, headers=sent, buffered=True, **more)

    def get(self, path: str, status: int = 200) -> Any:
        return answer(self.send("GET", path), status)

    def items(self, path: str) -> list[Any]:
        found: list[Any] = self.get(path)["items"]
        return found

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """An act that needs no key, because it moves no money."""
        before = moved(self.app)
        made = answer(self.send("POST", path, body), status)
        assert moved(self.app) == before, f"POST {path} moves money and asks for no key"
        return made

    def put(self, path: str, body: Any, status: int = 200) -> Any:
        return answer(self.send("PUT", path, body), status)

    def pay(self, path: str, body: Any = None, status: int = 200, **files: tuple[str, bytes]) -> Any:
        """An act that moves money, with a key of its own; said again with that key, it is answered and not done."""
        key = f"key-{next(_keys)}"
        first = self.send("POST", path, body, key=key, **form(**files))
        made = answer(first, status)
        before = state(self.app)
        second = self.send("POST", path, body, key=key, **form(**files))
        assert (second.status_code, second.get_json()) == (status, made), second.get_data(as_text=True)
        assert second.headers["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first.headers
        assert state(self.app) == before
        return made

    def upload(self, name: str, data: bytes, kind: str) -> str:
        """Keep a file and give its id."""
        made = answer(self.send("POST", "/documents", **form({"kind": kind}, file=(name, data))), 201)
        assert made["sha256"] == hashlib.sha256(data).hexdigest()
        found: str = made["id"]
        return found

    def refused(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        code: str,
        clause: str | None = None,
        status: int = 409,
        values: dict[str, str] | None = None,
        **files: tuple[str, bytes],
    ) -> dict[str, Any]:
        """The problem that a request is answered with; nothing was changed by it."""
        before = state(self.app)
        given = self.send(method, path, body, key=f"key-{next(_keys)}", **form(**files))
        found = problem(given, status)
        assert (found["code"], found["clause"]) == (code, clause), found
        assert (values or {}).items() <= found.get("values", {}).items(), found
        assert state(self.app) == before, f"{method} {path} was refused and yet changed something"
        return found


def form(words: dict[str, Any] | None = None, **files: tuple[str, bytes]) -> dict[str, Any]:
    """Words and files as the fields of a form."""
    if not files and not words:
        return {}
    data = {field: (io.BytesIO(content), name) for field, (name, content) in files.items()}
    return {"data": {**(words or {}), **data}, "content_type": "multipart/form-data"}


def answer(response: TestResponse, status: int = 200) -> Any:
    """The JSON of an answer that has this status."""
    assert response.status_code == status, response.get_data(as_text=True)
    return response.get_json() if response.data else None


def problem(response: TestResponse, status: int) -> dict[str, Any]:
    """The problem of an answer, with everything that a problem must carry."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.mimetype == "application/problem+json", response.mimetype
    found: dict[str, Any] = response.get_json()
    assert set(found) >= ALWAYS and found["status"] == status, found
    assert found["code"] and found["detail"] and found["instance"].startswith("urn:uuid:"), found
    assert response.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)
    return found


def moved(app: Flask) -> tuple[int, ...]:
    """How many entries the ledger has, of vouchers and of funds."""
    with app.app_context():
        tables = [Base.metadata.tables[name] for name in ("entry", "fund_entry")]
        counts = tuple(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
        db.session.remove()
    return counts


def state(app: Flask) -> dict[str, str]:
    """A digest of every table."""
    digests = {}
    with app.app_context():
        for table in Base.metadata.sorted_tables:
            if table.name not in _ASIDE:
                rows = db.session.execute(table.select()).all()
                digests[table.name] = hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()
        db.session.remove()
    return digests
