"""The public list, its export, and the verification of certificates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.ids import normal_number, spoken
from marketplace.base.sheets import write_csv
from marketplace.base.text import N_
from marketplace.people.organisations import industries
from marketplace.people.regions import queries as regions
from marketplace.shop.roster import queries
from marketplace.shop.roster.schemas import clean
from marketplace.shop.roster.states import CLASS_LABELS, LIFECYCLE, ORDERABLE, RosterState, ServiceClass
from marketplace.web.html import render
from marketplace.web.i18n import language, say
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = Blueprint("roster", __name__, url_prefix="/roster")

_HEADER = (
    N_("单位名称"),
    N_("统一社会信用代码"),
    N_("所在市"),
    N_("类别"),
    N_("行业"),
    N_("证书编号"),
    N_("有效期自"),
    N_("有效期至"),
    N_("状态"),
)


@bp.get("")
@access(PUBLIC)
def index() -> str:
    ctx = reading()
    filters = clean(request.args.to_dict())
    page = queries.search(ctx, **filters, cursor=request.args.get("cursor"))
    return render(
        "roster/index.html",
        ctx=ctx,
        found=page,
        filters={k: v for k, v in request.args.items() if v and k != "cursor"},
        cities=regions.cities(ctx),
        city_names={r.code: _name(r) for r in regions.cities(ctx)},
        classes=CLASS_LABELS,
        states=LIFECYCLE.labels,
        industries=[(code, industries.name_of(code, language())) for code in industries.divisions()],
        industry_name=lambda code: industries.name_of(code, language()),
        spoken=spoken,
    )


@bp.get("/export.csv")
@access(PUBLIC)
def export() -> Response:
    """The list as it is filtered, row by row."""
    ctx = reading()
    filters = clean(request.args.to_dict())
    names = {r.code: _name(r) for r in regions.cities(ctx)}
    lines = write_csv([say(text) for text in _HEADER], list(_rows(ctx, filters, names)))
    answer = Response(lines, mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="roster.csv"'
    return answer


def _rows(ctx: Context, filters: dict[str, Any], names: dict[str, str]) -> Iterator[list[Any]]:
    cursor: str | None = None
    while True:
        page = queries.search(ctx, **filters, limit=100, cursor=cursor)
        for item in page.items:
            entry = item.entry
            yield [
                item.name,
                item.uscc,
                names.get(entry.city, entry.city),
                say(CLASS_LABELS[entry.klass]),
                " ".join(item.industries),
                spoken(entry.certificate_number),
                entry.valid_from.isoformat(),
                entry.valid_until.isoformat(),
                say(LIFECYCLE.labels[entry.state]),
            ]
        cursor = page.next_cursor
        if cursor is None:
            return


@bp.get("/certificates")
@access(PUBLIC)
def verify() -> str | Answer:
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
    names = {r.code: _name(r) for r in regions.names(ctx, [entry.city]).values()}
    return render(
        "roster/certificate.html",
        ctx=ctx,
        item=item,
        entry=entry,
        holds=holds,
        suspended=entry.state is RosterState.SUSPENDED,
        city=names.get(entry.city, entry.city),
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


def _name(region: Any) -> str:
    return region.name_en if language() == "en" else region.name
