"""Pages: the places and their classes, and the province's corrections."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.people.regions import actions, picker, queries
from marketplace.people.regions.permissions import ADD_ZONE, CLASSIFY
from marketplace.people.regions.schemas import ClassifyForm, ZoneForm
from marketplace.people.regions.states import CLASS_LABELS, KIND_LABELS, LEVEL_LABELS, RegionKind
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = Blueprint("regions", __name__, url_prefix="/regions")


@bp.get("")
@access(PUBLIC)
def index() -> str:
    """Cities, and the counties and zones of the one that was chosen."""
    ctx = reading()
    cities = queries.cities(ctx)
    chosen = next((c for c in cities if c.code == request.args.get("city")), None)
    return render(
        "regions/index.html",
        ctx=ctx,
        cities=cities,
        chosen=chosen,
        places=queries.within(ctx, chosen.code) if chosen else cities,
        classes=queries.classes(ctx, ctx.today.year),
        kinds=KIND_LABELS,
        levels=LEVEL_LABELS,
        class_labels=CLASS_LABELS,
        may_classify=ctx.may(CLASSIFY),
        may_add=ctx.may(ADD_ZONE),
    )


@bp.route("/classes", methods=["GET", "POST"])
@access(CLASSIFY)
def classify() -> Any:
    ctx = reading()
    form = Form(ClassifyForm, values={"year": ctx.today.year, "region": request.args.get("region", "")})
    if form.submitted and form.act(lambda ctx, data: actions.classify(ctx, **data)):
        return done(N_("类别已认定。"), url_for("regions.index"))
    ctx = reading()
    return render(
        "regions/classify.html",
        ctx=ctx,
        form=form,
        places=picker.picker(ctx, RegionKind.CITY, RegionKind.COUNTY, province=ctx.who.region),
        values=[(value, say(label)) for value, label in CLASS_LABELS.items()],
    ), form.status


@bp.route("/zones/new", methods=["GET", "POST"])
@access(ADD_ZONE)
def add_zone() -> Any:
    form = Form(ZoneForm)
    if form.submitted and form.act(lambda ctx, data: actions.add_zone(ctx, **data)):
        return done(N_("开发区已登记。"), url_for("regions.index", city=form.result.parent))
    ctx = reading()
    return render(
        "regions/zone.html",
        ctx=ctx,
        form=form,
        cities=_options(ctx, RegionKind.CITY),
        levels=[(level.value, say(label)) for level, label in LEVEL_LABELS.items()],
    ), form.status


@bp.get("/options")
@access(PUBLIC)
def options() -> str:
    """The second list of a form's two: what lies in the city that was chosen in the first."""
    city = request.args.get(request.args.get("of", "city"), "")
    kinds = {RegionKind(k) for k in request.args.get("kinds", "").split(",") if k in set(RegionKind)}
    found = [group for group in picker.groups(reading(), *kinds) if group.code == city]
    return render_template("regions/options.html", group=found[0] if found else None)


def _options(ctx: Context, *kinds: RegionKind) -> list[tuple[str, str]]:
    """Choices of places within the acting province: (code, name)."""
    province = ctx.who.region
    found = [r for r in queries.tree(ctx) if r.kind in kinds and (province or "")[:2] in r.city[:2]]
    names = {r.code: say(r.label) for r in found}
    return [(r.code, f"{names[r.parent]} · {names[r.code]}" if r.parent in names else names[r.code]) for r in found]
