"""The first page, the search over everything, and the language switch."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, redirect, request
from werkzeug.wrappers import Response

from marketplace.web import nav
from marketplace.web.html import render
from marketplace.web.i18n import LOCALES
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = Blueprint("home", __name__)


@bp.get("/")
@access(PUBLIC)
def index() -> str:
    """A visitor sees what the platform is; a signed-in person sees what waits for them."""
    ctx = reading()
    if ctx.actor is None:
        return render("home/index.html", ctx=ctx, tasks=[])
    return render("home/index.html", ctx=ctx, tasks=nav.tasks(ctx), cards=nav.cards(ctx))


@bp.get("/search")
@access(PUBLIC)
def search() -> str:
    ctx = reading()
    words = request.args.get("q", "").strip()[:100]
    found: list[tuple[str, list[Any]]] = []
    if words:
        for source in ctx.house.all(nav.SEARCH):
            hits = list(source.find(ctx, words))
            if hits:
                found.append((source.label, hits))
    return render("home/search.html", ctx=ctx, words=words, found=found)


@bp.post("/language")
@access(PUBLIC)
def language() -> Response:
    """Keep the chosen language in a cookie and go back to where the reader was."""
    chosen = request.form.get("lang", "zh")
    target = request.form.get("next", "/")
    if not target.startswith("/") or target.startswith(("//", "/\\")):
        target = "/"
    response = redirect(target, code=303)
    response.set_cookie(
        "lang", chosen if chosen in LOCALES else "zh", max_age=31_536_000, samesite="Lax", httponly=True
    )
    return response


def init(app: Flask) -> None:
    app.register_blueprint(bp)
