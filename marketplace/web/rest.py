"""REST under /api/v1: problem+json, idempotent verbs, keyset lists, ETags; OpenAPI comes from the same schemas."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, make_response, request
from marshmallow import Schema
from werkzeug.exceptions import HTTPException

from marketplace.base import idempotency
from marketplace.base.context import Context
from marketplace.base.errors import ReasonNeeded, Refusal, Stale
from marketplace.base.text import N_
from marketplace.base.types import canonical
from marketplace.web import reference, runtime
from marketplace.web.html import render
from marketplace.web.i18n import say
from marketplace.web.nav import API_BLUEPRINTS
from marketplace.web.openapi import ApiBlueprint, Document, ListArgs, Shape, idempotency_key, page_of
from marketplace.web.security import PUBLIC, access, csrf


def init(app: Flask) -> None:
    """Mount the registered blueprints and the OpenAPI document."""
    app.config.update(
        API_TITLE="Voucher marketplace",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
    )
    api = Document(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"bearer": []}]
    for blueprint in runtime_house(app).all(API_BLUEPRINTS):
        csrf.exempt(blueprint)
        api.register_blueprint(blueprint, url_prefix="/api/v1" + (blueprint.url_prefix or ""))
    app.extensions["openapi"] = api.spec

    @app.get("/api/v1/openapi.json", endpoint="api.openapi")
    @access(PUBLIC)
    def openapi() -> Response:
        return jsonify(api.spec.to_dict())

    @app.get("/api/docs", endpoint="api.docs")
    @access(PUBLIC)
    def docs() -> str:
        if "reference" not in app.extensions:
            app.extensions["reference"] = reference.groups(api.spec.to_dict())
        return render("api/docs.html", groups=app.extensions["reference"])


def runtime_house(app: Flask) -> Any:
    return app.extensions["house"]


def problem(refusal: Refusal) -> Response:
    """A refusal as RFC 9457 problem+json, with the clause where a policy refused."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": say(refusal.text),
        "status": refusal.status,
        "code": refusal.code,
        "clause": refusal.clause,
    }
    if refusal.text.values:
        body["values"] = {k: str(v) for k, v in refusal.text.values.items()}
    errors = getattr(refusal, "errors", None)
    if errors is None and refusal.field:
        errors = {refusal.field: [refusal.text]}
    if errors:
        body["errors"] = {name: _messages(found) for name, found in errors.items()}
    if isinstance(refusal, ReasonNeeded):
        body["warnings"] = [{**warning, "message": say(warning["message"])} for warning in refusal.warnings]
    response = _problem(body, refusal.status)
    if hasattr(refusal, "retry_after"):
        response.headers["Retry-After"] = str(refusal.retry_after)
    elif refusal.code == "busy":
        response.headers["Retry-After"] = "1"
    return response


def http_problem(fault: HTTPException) -> Response:
    """A plain HTTP error under /api as problem+json, keeping its headers (405 names the allowed verbs)."""
    status = fault.code or 500
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": fault.name,
        "status": status,
        "code": _HTTP_CODES.get(status, f"http.{status}"),
        "clause": None,
    }
    data = getattr(fault, "data", None) or {}
    if "messages" in data:
        errors = {}
        for place, found in data["messages"].items():
            errors.update(found if isinstance(found, dict) else {place: found})
        body["errors"] = errors
        body["title"] = say(N_("有内容需要修改，请查看标出的字段。"))
        body["code"] = "input.invalid"
    response = _problem(body, status)
    for name, value in fault.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


_HTTP_CODES = {
    400: "request.bad",
    401: "token.required",
    403: "permission.denied",
    404: "not_found",
    405: "method.not_allowed",
    413: "request.too_large",
    415: "media_type.unsupported",
    422: "input.invalid",
    429: "throttled",
    500: "internal",
}


def _messages(found: Any) -> Any:
    if isinstance(found, dict):
        return {k: _messages(v) for k, v in found.items()}
    return [say(m) for m in found] if isinstance(found, (list, tuple)) else say(found)


def _problem(body: dict[str, Any], status: int) -> Response:
    body = {**body, "detail": body["title"], "instance": f"urn:uuid:{runtime.request_id()}"}
    response = make_response(jsonify(body), status)
    response.headers["Content-Type"] = "application/problem+json"
    return response


def do(
    schema: type[Schema] | Schema | None, verb: Callable[[Context], Any], *, status: int = 200, money: bool = False
) -> Response:
    """Do one act for the API and answer with `schema` (None: 204).

    `money=True` for verbs that move money or issue vouchers: they need an ``Idempotency-Key``; the answer is kept
    with the act, and the same request is answered the same way again without doing anything. Other verbs honour
    the header when it is sent.
    """
    shape = schema() if isinstance(schema, type) else schema
    asked = _idempotency(money)
    replayed = False

    def once(ctx: Context) -> Any:
        nonlocal replayed
        if asked is not None:
            earlier = idempotency.find(ctx, asked)
            if earlier is not None:
                replayed = True
                return earlier.status, earlier.body
            ctx.notes["idempotency"] = asked
        result = verb(ctx)
        ctx.session.flush()
        body = None if shape is None else shape.dump(result)
        if asked is not None:
            idempotency.keep(ctx, asked, status, body)
        return status, body

    code, body = runtime.act(once)
    response = make_response("" if shape is None and body is None else jsonify(body), 204 if shape is None else code)
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _idempotency(needed: bool) -> idempotency.Request | None:
    key = idempotency_key(needed=needed)
    if not key:
        return None
    actor = runtime.actor()
    scope = str(actor.organisation_id or actor.person_id) if actor else "visitor"
    body = request.get_json(silent=True) if request.is_json else _form_digest()
    return idempotency.Request(scope, key, idempotency.digest(request.method, request.path, body))


def _form_digest() -> Any:
    files = {}
    for name, upload in request.files.items():
        files[name] = hashlib.sha256(upload.stream.read()).hexdigest()
        upload.stream.seek(0)
    return {"form": sorted(request.form.items(multi=True)), "files": files}


def etag_of(value: Any) -> str:
    """The ETag of an edited document: a digest of its canonical form."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:32]


def check_match(value: Any) -> None:
    """Refuse with 412 when the client edited an older state than `value` (If-Match)."""
    if request.if_match and not request.if_match.contains_weak(etag_of(value)):
        raise Stale()


__all__ = ["ApiBlueprint", "ListArgs", "Shape", "access", "check_match", "do", "etag_of", "page_of", "problem"]
