"""Between a request and a verb: who is acting, a context to look, and `act` to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar, cast
from urllib.parse import urlsplit

from flask import abort, current_app, g, request
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from marketplace.base import acts
from marketplace.base.context import Actor, Context
from marketplace.base.house import House
from marketplace.base.ids import new_id
from marketplace.web.db import db

T = TypeVar("T")


def house() -> House:
    """The house of the running application."""
    return cast(House, current_app.extensions["house"])


def is_api() -> bool:
    """Whether the request is for the REST API, where only tokens authenticate."""
    return request.path.startswith("/api/")


def actor() -> Actor | None:
    """Who acts in this request: by token under /api, by session elsewhere; None is a visitor."""
    if is_api():
        return cast("Actor | None", g.get("token_actor"))
    return getattr(current_user, "actor", None)


def known_actor() -> Actor | None:
    """Who acts, or nobody when the database cannot say: the page about its failure must still appear."""
    try:
        return actor()
    except SQLAlchemyError:
        db.session.rollback()
        return None


def moment() -> datetime:
    """The request's one reading of the clock; a retried act reads it again."""
    if "moment" not in g:
        g.moment = house().clock.now(db.session())
    return cast(datetime, g.moment)


def came_from() -> str:
    """The page of ours that led here, as a path; empty when it was none of ours."""
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc != request.host or not referrer.path.startswith("/") or referrer.path.startswith(("//", "/\\")):
        return ""
    return referrer.path + (f"?{referrer.query}" if referrer.query else "")


def request_id() -> str:
    """The id of this request, for the log and the audit row."""
    if "request_id" not in g:
        g.request_id = str(new_id())
    return cast(str, g.request_id)


def reading() -> Context:
    """A context for looking; the same one for the whole request."""
    if "reading" not in g:
        who = actor()
        g.reading = acts.read(db.session(), house(), moment(), actor=who, request_id=request_id())
    return cast(Context, g.reading)


def act(verb: Callable[[Context], T]) -> T:
    """Do one act in a transaction of its own, for whoever acts in this request; never to check a field."""
    if request.method == "POST" and "X-Check" in request.headers:
        abort(400)
    who = actor()
    g.pop("reading", None)
    return acts.run(db.session(), house(), verb, actor=who, request_id=request_id(), now=g.pop("moment", None))
