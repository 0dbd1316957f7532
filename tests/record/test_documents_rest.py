"""Files through REST: uploaded with a token, described, handed out as attachments, and to whom they exist."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.base.roles import Role
from marketplace.record.audit.models import AccessRow
from marketplace.record.documents import actions as documents
from marketplace.record.documents.models import Document
from tests.support.people import make_actor, sign_in, token_for

PDF = b"%PDF-1.7\n%...\n"
URL = "/api/v1/documents"


@pytest.fixture
def owner(app: Flask, act: Callable[..., Any]) -> dict[str, str]:
    return token_for(app, make_actor(act, Role.ENTERPRISE)[0])


def upload(app: Flask, headers: dict[str, str] | None, data: bytes = PDF, name: str = "合同.pdf", **said: Any) -> Any:
    body = {"file": (io.BytesIO(data), name), "kind": "contract", **said}
    body = {field: value for field, value in body.items() if value is not None}
    return app.test_client().post(URL, data=body, headers=headers, content_type="multipart/form-data")


def kept(act: Callable[..., Any]) -> int:
    found: int = act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Document)))
    return found


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_whoever_has_business_keeps_a_file_and_reads_it(app: Flask, act: Callable[..., Any], role: Role) -> None:
    headers = token_for(app, make_actor(act, role)[0])
    answer = upload(app, headers)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    made = answer.get_json()
    assert {k: made[k] for k in ("name", "kind", "size", "media_type", "sha256", "personal")} == {
        "name": "合同.pdf",
        "kind": "contract",
        "size": len(PDF),
        "media_type": "application/pdf",
        "sha256": hashlib.sha256(PDF).hexdigest(),
        "personal": False,
    }
    assert app.test_client().get(f"{URL}/{made['id']}", headers=headers).get_json() == made
    content = app.test_client().get(f"{URL}/{made['id']}/content", headers=headers, buffered=True)
    assert (content.data, content.mimetype) == (PDF, "application/pdf")
    disposition = content.headers["Content-Disposition"]
    assert disposition.startswith("attachment; ") and unquote(disposition).endswith("合同.pdf")
    assert content.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (content.headers["X-Content-Type-Options"], content.headers["Cache-Control"]) == ("nosniff", "no-store")


def test_to_strangers_and_visitors_a_file_does_not_exist(
    app: Flask, act: Callable[..., Any], owner: dict[str, str]
) -> None:
    made = upload(app, owner).get_json()
    stranger = token_for(app, make_actor(act, Role.ENTERPRISE)[0])
    for headers in (stranger, {}):
        for end in ("", "/content"):
            answer = app.test_client().get(f"{URL}/{made['id']}{end}", headers=headers)
            assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    public = act(lambda ctx: documents.store(ctx, PDF, "名单.pdf", "list", public=True))
    assert app.test_client().get(f"{URL}/{public.id}").get_json()["name"] == "名单.pdf"
    assert app.test_client().get(f"{URL}/{public.id}/content", buffered=True).data == PDF
    assert app.test_client().get(f"{URL}/{uuid.uuid4()}", headers=owner).status_code == 404


def test_nobody_uploads_without_a_token_that_may(app: Flask, act: Callable[..., Any]) -> None:
    person = make_actor(act, Role.ENTERPRISE)
    assert upload(app, None).status_code == 401
    browser = sign_in(app.test_client(), person[1])
    body = {"file": (io.BytesIO(PDF), "a.pdf"), "kind": "contract"}
    assert browser.post(URL, data=body, content_type="multipart/form-data").status_code == 401, "a cookie is no token"
    reader = upload(app, token_for(app, person[0], "document.read"))
    assert (reader.status_code, reader.get_json()["code"]) == (403, "permission.denied")
    assert upload(app, token_for(app, make_actor(act, Role.AUDITOR)[0])).status_code == 403, "auditors only look"
    assert kept(act) == 0


@pytest.mark.parametrize(
    ("given", "status", "code", "field"),
    [
        ({"kind": None}, 422, "input.invalid", "kind"),
        ({"kind": "Contract!"}, 422, "input.invalid", "kind"),
        ({"file": None}, 422, "input.invalid", "file"),
        ({"file": "words"}, 422, "input.invalid", "file"),
        ({"file": (io.BytesIO(PDF), "")}, 422, "input.invalid", "file"),
        ({"colour": "red"}, 422, "input.invalid", "colour"),
        ({"more": (io.BytesIO(PDF), "b.pdf")}, 422, "input.invalid", "more"),
        ({"data": b""}, 409, "document.empty", "file"),
        ({"data": b"MZ\x90"}, 409, "document.type", "file"),
    ],
)
def test_what_is_refused_is_named_and_not_kept(
    app: Flask,
    act: Callable[..., Any],
    owner: dict[str, str],
    given: dict[str, Any],
    status: int,
    code: str,
    field: str,
) -> None:
    answer = upload(app, owner, **given)
    problem = answer.get_json()
    assert (answer.status_code, problem["code"], list(problem["errors"])) == (status, code, [field])
    assert answer.mimetype == "application/problem+json" and kept(act) == 0


def test_a_key_keeps_a_file_once(app: Flask, act: Callable[..., Any], owner: dict[str, str]) -> None:
    headers = {**owner, "Idempotency-Key": "k-1"}
    first, second = upload(app, headers), upload(app, headers)
    assert first.get_json() == second.get_json() and second.headers["Idempotency-Replayed"] == "true"
    assert kept(act) == 1
    assert upload(app, headers, PDF + b"%more").get_json()["code"] == "idempotency.other_request"


def test_a_look_at_a_personal_file_is_written_down(app: Flask, act: Callable[..., Any], owner: dict[str, str]) -> None:
    made = upload(app, owner, personal="true").get_json()
    assert made["personal"] is True
    looks = lambda: act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(AccessRow)))  # noqa: E731
    app.test_client().get(f"{URL}/{made['id']}", headers=owner)
    assert looks() == 0
    app.test_client().get(f"{URL}/{made['id']}/content", headers=owner, buffered=True)
    assert looks() == 1
