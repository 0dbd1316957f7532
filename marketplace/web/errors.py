"""What goes wrong, said in the shape that was asked for: a page, or problem+json under /api."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from marketplace.base.errors import Refusal
from marketplace.web import rest, runtime
from marketplace.web.db import db

log = structlog.get_logger(__name__)
PAGES = {400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 500, 503}


def init(app: Flask) -> None:
    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Any:
        log.info("refused", code=refusal.code, clause=refusal.clause, request_id=runtime.request_id())
        if runtime.is_api():
            return rest.problem(refusal)
        headers = {"Retry-After": str(refusal.retry_after)} if hasattr(refusal, "retry_after") else {}
        return _page(refusal.status, refusal=refusal), refusal.status, headers

    @app.errorhandler(CSRFError)
    def forged(fault: CSRFError) -> Any:
        return _page(400, expired=True), 400

    @app.errorhandler(HTTPException)
    def http(fault: HTTPException) -> Any:
        if fault.response is not None or (isinstance(fault.code, int) and fault.code < 400):
            return fault
        if runtime.is_api():
            return rest.http_problem(fault)
        response: Any = Response(_page(fault.code or 500), fault.code, mimetype="text/html")
        for name, value in fault.get_headers():
            if name.lower() not in ("content-type", "content-length"):
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def unexpected(fault: Exception) -> Any:
        db.session.rollback()
        log.exception("unexpected", request_id=runtime.request_id())
        if app.testing and app.config.get("PROPAGATE_EXCEPTIONS", True):
            raise fault
        if runtime.is_api():
            return rest._problem(
                {
                    "type": "about:blank",
                    "title": "Internal error",
                    "status": 500,
                    "code": "internal",
                    "clause": None,
                    "request_id": runtime.request_id(),
                },
                500,
            )
        return _page(500), 500


def _page(status: int, **values: Any) -> str:
    """The error page of a status; it never needs the database, which may be what failed."""
    return render_template(
        "errors/error.html",
        status=status if status in PAGES else (400 if status < 500 else 500),
        request_id=runtime.request_id(),
        **{"refusal": None, "expired": False, **values},
    )
