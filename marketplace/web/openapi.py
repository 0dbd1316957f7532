"""What every route of the REST API is made of, and what the OpenAPI document says of it."""

from __future__ import annotations

import functools
import inspect
from typing import Any

from flask import Request, request
from flask_smorest import Api, Blueprint
from marshmallow import RAISE, Schema, fields, validate
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import CombinedMultiDict

from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_
from marketplace.web.security import PUBLIC


class Shape(Schema):
    """Base of every API schema: unknown fields are refused."""

    class Meta:
        unknown = RAISE


class ListArgs(Schema):
    """The query of every list; resources add their filters by inheriting."""

    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=100))
    cursor = fields.String(load_default=None)

    class Meta:
        unknown = RAISE


def page_of(item: type[Schema]) -> Schema:
    """The schema of a list answer: items and the cursor of the next page."""
    name = item.__name__.removesuffix("Schema") + "Page"
    return Schema.from_dict(
        {"items": fields.List(fields.Nested(item)), "next_cursor": fields.String(allow_none=True)}, name=name
    )()


class ProblemSchema(Shape):
    """A refusal (RFC 9457). `code` is stable; `clause` cites the rule that refused; `errors` are by field."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True, metadata={"description": "names this request in the log"})
    code = fields.String(required=True)
    clause = fields.String(required=True, allow_none=True)
    values = fields.Dict(keys=fields.String(), values=fields.String())
    errors = fields.Dict(keys=fields.String())


class _Strict(FlaskParser):
    """Refuses unknown arguments of a query as it refuses unknown fields of a body.

    The location ``multipart`` takes the words and the files of a form together.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE, "files": RAISE}
    __location_map__ = {**FlaskParser.__location_map__, "multipart": "load_multipart"}

    def load_multipart(self, req: Request, schema: Schema) -> Any:
        return self._makeproxy(CombinedMultiDict([req.form, req.files]), schema)


KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Made by the client before it asks; the same key and body give the same answer, done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128},
}


class ApiBlueprint(Blueprint):
    """A flask-smorest blueprint whose routes live under /api/v1.

    The document says which routes need an ``Idempotency-Key`` and which need no token. A route that takes no body
    refuses fields that come with one.
    """

    ARGUMENTS_PARSER = _Strict()
    DEFAULT_LOCATION_CONTENT_TYPE_MAPPING = {
        **Blueprint.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING,
        "multipart": "multipart/form-data",
    }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(_say_more)

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **options: Any
    ) -> None:
        takes = {p["in"] for p in getattr(view_func, "_apidoc", {}).get("arguments", {}).get("parameters", ())}
        if options.get("methods") != ["GET"] and takes.isdisjoint(self.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING):
            view_func = _without_body(view_func)
        if moves_money(view_func):
            view_func = _with_key(view_func)
        super().add_url_rule(rule, endpoint, view_func, *args, **options)

    def _store_endpoint_docs(self, endpoint: str, obj: Any, parameters: Any, tags: Any, **options: Any) -> None:
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        for method in options["methods"]:
            info = self._docs[endpoint][method.lower()]
            info["moves_money"], info["public"] = moves_money(obj), PUBLIC in getattr(obj, "__access__", ())


def _say_more(doc: dict[str, Any], info: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    if info.get("moves_money"):
        doc.setdefault("parameters", []).append(dict(KEY_HEADER))
    if info.get("public"):
        doc["security"] = []
    return doc


def _without_body(view: Any) -> Any:
    """The view, after whoever asks was told of fields that nobody would read."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        said = request.get_json(silent=True) if request.is_json else None
        fields_ = said if isinstance(said, dict) else {}
        unread: list[str] = [*fields_, *request.form, *request.files]
        if unread:
            raise Invalid({name: [N_("此请求没有这个字段。")] for name in unread})
        return view(*args, **kwargs)

    return guarded


def _with_key(view: Any) -> Any:
    """The view, after the key was asked for: whoever forgot it hears of that before anything else."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        idempotency_key(needed=True)
        return view(*args, **kwargs)

    return guarded


def idempotency_key(*, needed: bool) -> str:
    """The request's ``Idempotency-Key``; empty where none is needed and none was sent. Refuses with 400."""
    key = request.headers.get("Idempotency-Key", "")
    if not key and not needed:
        return ""
    if not key or len(key) > 128 or not key.isprintable():
        refusal = Refusal(
            "idempotency.key_required",
            N_("此操作需要请求头 Idempotency-Key（1 至 128 个字符）。"),
            field="Idempotency-Key",
        )
        refusal.status = 400
        raise refusal
    return key


def moves_money(view: Any) -> bool:
    """Whether a view calls `do(…, money=True)`, read from its code so that the document can't forget what the act does.

    The names of keyword arguments are a constant of the calling code.
    """
    code = getattr(inspect.unwrap(view), "__code__", None)
    return code is not None and any("money" in names for names in code.co_consts if isinstance(names, tuple))


class Document(Api):
    """The OpenAPI document. HTML errors stay the pages': smorest would turn every 404 of the application into JSON."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        return None

    def _register_responses(self) -> None:
        """The shared answers are all problems; other answers keep plain JSON, the class's own default."""
        self.DEFAULT_RESPONSE_CONTENT_TYPE = "application/problem+json"
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE
