"""The public list, and the verification of certificates."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.ids import normal_number, spoken
from marketplace.people.organisations import industries
from marketplace.people.regions import queries as regions
from marketplace.shop.roster import queries
from marketplace.shop.roster.listings import ROSTER
from marketplace.shop.roster.states import CLASS_LABELS, ORDERABLE, RosterState, ServiceClass
from marketplace.web.html import render
from marketplace.web.i18n import language, say
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = Blueprint("roster", __name__, url_prefix="/roster")


@bp.get("")
@access(PUBLIC)
def index() -> str | Response:
    return ROSTER.answer("roster/index.html")


@bp.get("/certificates")
@access(PUBLIC)
def verify() -> str | Response:
    """Type a certificate number and see whose it is."""
    typed = request.args.get("number", "").strip()
    bare = normal_number(typed) if typed else None
    if bare:
        return redirect(url_for("roster.certificate", number=bare))
    return render("roster/verify.html", typed=typed[:40])


@bp.get("/certificates/<number>")
@access(PUBLIC)
def certificate(number: str) -> str | tuple[str, int]:
    """Whose certificate this is, and whether it holds today."""
    ctx = reading()
    try:
        item = queries.by_certificate(ctx, number)
    except NotFound:
        return render("roster/verify.html", ctx=ctx, typed=number[:40]), 404
    entry = item.entry
    holds = entry.state in ORDERABLE and entry.valid_from <= ctx.today <= entry.valid_until
    place = regions.names(ctx, [entry.city]).get(entry.city)
    return render(
        "roster/certificate.html",
        ctx=ctx,
        item=item,
        entry=entry,
        holds=holds,
        suspended=entry.state is RosterState.SUSPENDED,
        city=say(place.label) if place else entry.city,
        class_label=CLASS_LABELS[ServiceClass(entry.klass)],
        trades=[industries.name_of(code, language()) for code in item.industries],
        number=spoken(entry.certificate_number),
    )


def find(ctx: Context, words: str) -> Iterable[tuple[str, str, str]]:
    """Providers on the list by name, or one by its certificate number."""
    if normal_number(words):
        try:
            found = [queries.by_certificate(ctx, words)]
        except NotFound:
            found = []
    else:
        found = queries.search(ctx, name=words, limit=10).items
    return [
        (
            item.name,
            say(CLASS_LABELS[item.entry.klass]),
            url_for("roster.certificate", number=item.entry.certificate_number),
        )
        for item in found
    ]
