"""Who is at the door: session cookies for pages, bearer tokens for the API. The accounts chapter answers both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, abort, g, request
from flask_login import LoginManager, UserMixin
from sqlalchemy.orm import Session

from marketplace.base.context import Actor
from marketplace.base.house import Port
from marketplace.web import runtime
from marketplace.web.db import db

SESSION_LOADER: Port[Callable[[Session, datetime, str], Actor | None]] = Port("session loader")
"""From the secret in a session cookie, at this moment, to the acting person."""
TOKEN_LOADER: Port[Callable[[Session, datetime, str], Actor | None]] = Port("token loader")
"""From a bearer token to the acting person, narrowed by the token's scopes."""


class SignedInUser(UserMixin):
    """What Flask-Login keeps for a request: the actor, and the session's secret as the user id."""

    def __init__(self, secret: str, actor: Actor):
        self.id = secret
        self.actor = actor


def init(app: Flask, manager: LoginManager) -> None:
    manager.init_app(app)
    manager.session_protection = None

    @manager.user_loader
    def by_session(secret: str) -> Any:
        for load in runtime.house().all(SESSION_LOADER):
            actor = load(db.session(), runtime.moment(), secret)
            if actor is not None:
                return SignedInUser(secret, actor)
        return None

    @app.before_request
    def by_token() -> None:
        if not runtime.is_api():
            return
        header = request.headers.get("Authorization", "")
        if not header:
            return
        scheme, _, secret = header.partition(" ")
        if scheme.lower() == "bearer" and secret:
            for load in runtime.house().all(TOKEN_LOADER):
                g.token_actor = load(db.session(), runtime.moment(), secret.strip())
        if g.get("token_actor") is None:
            abort(401)

    # The token must be known before access is checked, whatever order the hooks were registered in.
    hooks = app.before_request_funcs[None]
    hooks.insert(0, hooks.pop(hooks.index(by_token)))
