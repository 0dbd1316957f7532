"""Every route says who may use it; every answer carries the strict policy; nothing inline runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask, abort, current_app, g, redirect, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from marketplace.base.errors import Forbidden
from marketplace.base.networks import network
from marketplace.base.permissions import Permission
from marketplace.web import runtime
from marketplace.web.pace import Pace

F = TypeVar("F", bound=Callable[..., Any])

csrf = CSRFProtect()

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


class Everyone:
    """Marks a route that needs no sign-in."""

    code = "public"


class SignedIn:
    """Marks a route for anybody who has signed in, whatever the role: own account, inbox, switching."""

    code = "signed_in"


class Newcomer:
    """Marks a route for whoever has signed in and acts for nobody yet, beside the roles of its permissions."""

    code = "newcomer"


PUBLIC = Everyone()
SIGNED_IN = SignedIn()
NEWCOMER = Newcomer()


def access(
    *needed: Permission | Everyone | SignedIn | Newcomer, post: Permission | None = None, pace: int | None = None
) -> Callable[[F], F]:
    """Declare who may use a view: any of the permissions. The object itself is checked by the chapter's `get`.

    A page that everybody with the first permissions reads, and on which only some act, names the act's as `post`.
    `pace` is how many times a minute one network may ask, where asking costs more than it seems.
    """

    def mark(view: F) -> F:
        view.__access__ = needed  # type: ignore[attr-defined]
        view.__access_to_post__ = needed if post is None else (post,)  # type: ignore[attr-defined]
        view.__pace__ = pace  # type: ignore[attr-defined]
        return view

    return mark


def access_of(app: Flask, endpoint: str, method: str) -> tuple[Any, ...] | None:
    """What a route declared, or None when it declared nothing (which the application refuses)."""
    view = app.view_functions[endpoint]
    view_class = getattr(view, "view_class", None)
    if view_class is not None:
        handler = getattr(view_class, method.lower(), None) or getattr(view_class, "get", None)
        return getattr(handler, "__access__", getattr(view_class, "__access__", None))
    declared = getattr(view, "__access__", None)
    return getattr(view, "__access_to_post__", declared) if method == "POST" else declared


def init(app: Flask) -> None:
    """Check access before each view and set the headers after it."""
    csrf.init_app(app)
    app.extensions["pace"] = Pace()

    app.before_request(_check)
    app.before_request(_refuse_nul)

    @app.after_request
    def headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("X-Request-ID", runtime.request_id())
        if request.endpoint and not request.endpoint.startswith("assets.") and "static" not in request.endpoint:
            response.headers.setdefault("Cache-Control", "no-store" if runtime.known_actor() else "no-cache")
        if app.config.get("SESSION_COOKIE_SECURE"):
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def _check() -> Response | None:
    """Let a request through when its route's declaration and the actor's role allow it."""
    if request.endpoint is None or request.method == "OPTIONS":
        return None
    needed = access_of(current_app, request.endpoint, request.method)
    if needed is None:
        current_app.logger.error("route %s declares no access", request.endpoint)
        abort(500)
    most = getattr(current_app.view_functions[request.endpoint], "__pace__", None)
    if most is not None:
        current_app.extensions["pace"].count(request.endpoint, network(request.remote_addr or ""), most)
    if any(isinstance(n, Everyone) for n in needed):
        return None
    actor = runtime.actor()
    if actor is None:
        return _unknown()
    if any(isinstance(n, SignedIn) or (isinstance(n, Newcomer) and actor.role is None) for n in needed):
        return None
    needed = tuple(n for n in needed if isinstance(n, Permission))
    matrix = runtime.house().matrix
    if not any(matrix.within(n, actor.role) is not None for n in needed):
        raise Forbidden(needed[0].code)
    if actor.permissions is not None and not any(n.code in actor.permissions for n in needed):
        raise Forbidden(needed[0].code)
    return None


def _refuse_nul() -> None:
    """Refuse words with a NUL in them, which PostgreSQL cannot hold: nobody types one. The lists of pages, whose
    addresses people pass on, drop it from their query by themselves."""
    said: list[Any] = [request.path, *(value for values in request.form.listvalues() for value in values)]
    if runtime.is_api():
        said += (value for values in request.args.listvalues() for value in values)
        if request.is_json and b"\\u0000" in request.get_data():
            said.append(request.get_json(silent=True))
    if any(_has_nul(value) for value in said):
        abort(400)


def _has_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_nul(one) for pair in value.items() for one in pair)
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value


def _unknown() -> Response:
    """A visitor at a closed door: the API says 401, a page leads to the sign-in and back again."""
    if runtime.is_api():
        abort(401)
    g.pop("reading", None)
    target = request.full_path.rstrip("?") if request.method == "GET" else (runtime.came_from() or "/")
    return redirect("/account/sign-in?" + urlencode({"next": target}))
