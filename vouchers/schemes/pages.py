"""Pages: schemes in plain words for everybody, and the pilot office's drafts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import Forbidden
from marketplace.base.money import Yuan
from marketplace.base.roles import Role
from marketplace.base.states import Labels
from marketplace.base.text import N_, Text
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.catalogue.ports import Panel
from marketplace.shop.catalogue.queries import Offer
from marketplace.shop.catalogue.states import COST_TYPES, CostType, ListingState
from marketplace.shop.orders.events import CostLine
from marketplace.shop.orders.states import MODES
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import act, reading
from marketplace.web.security import PUBLIC, access
from vouchers.schemes import actions, queries, rules
from vouchers.schemes.listings import SCHEMES
from vouchers.schemes.models import SchemeVersion
from vouchers.schemes.permissions import MAKE
from vouchers.schemes.ports import VERSION_STEPS, NextStep
from vouchers.schemes.schemas import NewSchemeForm, TermsForm, form_values, terms_of
from vouchers.schemes.states import BASES, BASIS_WORDS, MODE_WORDS, ON_SHORT, SHORT_WORDS, VersionState

bp = Blueprint("schemes", __name__, url_prefix="/schemes")

EXAMPLE_FEN = 10_000_000
"""The example order of 100,000 yuan by which a scheme is explained."""


@bp.get("")
@access(PUBLIC)
def index() -> str | Response:
    ctx = reading()
    return SCHEMES.answer("schemes/index.html", ctx=ctx, may_make=ctx.may(MAKE) and ctx.who.pilot_id is not None)


@bp.get("/<uuid:scheme_id>")
@access(PUBLIC)
def show(scheme_id: uuid.UUID) -> str:
    """What the scheme gives, in plain words, with the arithmetic of an example."""
    ctx = reading()
    scheme = queries.get(ctx, scheme_id)
    versions = queries.versions(ctx, scheme)
    told = next((v for v in versions if v.state is VersionState.PUBLISHED), versions[0])
    draft = next((v for v in versions if v.state is VersionState.DRAFT), None)
    return render(
        "schemes/show.html",
        ctx=ctx,
        scheme=scheme,
        version=told,
        draft=draft,
        versions=versions,
        category=pilots.categories(ctx, scheme.pilot_id).get(told.category, told.category),
        pilot_name=pilots.names(ctx, [scheme.pilot_id]).get(scheme.pilot_id, ""),
        example=example(told, ctx.today),
        example_fen=EXAMPLE_FEN,
        explain=rules.explain,
        may_make=ctx.may(MAKE, scheme),
        step=_step(ctx, told),
        limits=[(say(label), say(value)) for label, value in limits(told)],
        shop=_buys(ctx) and told.state is VersionState.PUBLISHED and told.use_by >= ctx.today,
        percent=rules.percent,
        cost_types=COST_TYPES,
        modes=MODES,
        mode_words=MODE_WORDS,
        bases=BASES,
        short_words=SHORT_WORDS,
        states=VersionState,
    )


def limits(version: SchemeVersion) -> list[tuple[str, Text]]:
    """The limits that a version has beside its caps in the figures: label and value, those that are set."""
    amounts = (
        (N_("单笔订单上限"), version.cap_order_fen),
        (N_("每家服务商年度上限"), version.cap_provider_year_fen),
        (N_("方案发券总额"), version.cap_scheme_fen),
    )
    days = ((N_("发券后几天内下单"), version.use_days), (N_("下单后几天内确认交付"), version.redeem_days))
    found = [(label, Text("{amount}", {"amount": Yuan(fen)})) for label, fen in amounts if fen is not None]
    found += [(label, Text(N_("{days} 天"), {"days": number})) for label, number in days if number is not None]
    if version.faces_fen:
        faces = Labels(str(Yuan(fen)) for fen in version.faces_fen)
        found.insert(0, (N_("面额档次"), Text("{faces}", {"faces": faces})))
    if version.automatic_fen is not None:
        found.insert(0, (N_("自动额度"), Text(N_("名单内每家企业 {amount}"), {"amount": Yuan(version.automatic_fen)})))
    if version.min_use_bps is not None:
        share = Text("{share}%", {"share": rules.percent(version.min_use_bps)})
        found.append((N_("再领前的最低使用率"), share))
    return found


def _buys(ctx: Context) -> bool:
    return ctx.actor is None or ctx.actor.role is Role.ENTERPRISE


def _step(ctx: Context, version: SchemeVersion) -> NextStep | None:
    """What a later chapter offers to do with the open version."""
    if version.state is not VersionState.PUBLISHED:
        return None
    found = (offer(ctx, version) for offer in ctx.house.all(VERSION_STEPS))
    return next((step for step in found if step is not None), None)


def example(version: SchemeVersion, on: date) -> rules.Trace:
    """An order of 100,000 yuan of the first eligible kind of cost, on a voucher of the largest face value."""
    line = CostLine("", CostType(version.cost_types[0]), EXAMPLE_FEN, EXAMPLE_FEN)
    return rules.compute(version, [line], on=on, voucher_left_fen=version.cap_voucher_fen)


def _choices(labels: Mapping[Any, Text | str]) -> list[tuple[str, str]]:
    return [(str(value), say(label)) for value, label in labels.items()]


def _cards(labels: Mapping[Any, str], words: Mapping[Any, str]) -> list[dict[str, str]]:
    return [{"value": str(value), "title": say(label), "text": say(words[value])} for value, label in labels.items()]


def _own_pilot(ctx: Context) -> uuid.UUID:
    if ctx.who.pilot_id is None:
        raise Forbidden(MAKE.code)
    return ctx.who.pilot_id


@bp.route("/new", methods=["GET", "POST"])
@access(MAKE)
def new() -> Any:
    pilot_id = _own_pilot(reading())
    form = Form(NewSchemeForm, values={"mode": "direct", "basis": "net", "on_short": "partial"})
    if form.submitted and form.act(
        lambda ctx, data: actions.draft_scheme(
            ctx, pilot_id=pilot_id, code=data["code"], name=data["name"], terms=terms_of(data)
        )
    ):
        return done(N_("方案草稿已保存，核对后即可发布。"), url_for("schemes.show", scheme_id=form.result.id))
    return _terms_page("schemes/new.html", form, pilot_id)


@bp.route("/<uuid:scheme_id>/terms", methods=["GET", "POST"])
@access(MAKE)
def terms(scheme_id: uuid.UUID) -> Any:
    """The draft's terms; where there is no draft, the next version begins from the latest."""
    ctx = reading()
    scheme = queries.get(ctx, scheme_id)
    ctx.require(MAKE, scheme)
    latest = queries.versions(ctx, scheme)[0]
    draft_id = latest.id if latest.state is VersionState.DRAFT else None
    form = Form(TermsForm, values=form_values(latest))
    if form.submitted and form.act(
        lambda own, data: (
            actions.edit_version(own, draft_id, terms=terms_of(data))
            if draft_id
            else actions.draft_version(own, scheme_id, terms=terms_of(data))
        )
    ):
        return done(N_("草稿已保存，核对后即可发布。"), url_for("schemes.show", scheme_id=scheme_id))
    return _terms_page("schemes/terms.html", form, scheme.pilot_id, scheme=scheme, is_draft=draft_id is not None)


def _terms_page(template: str, form: Form, pilot_id: uuid.UUID, **values: Any) -> Any:
    ctx = reading()
    page = render(
        template,
        ctx=ctx,
        form=form,
        pilot_name=pilots.names(ctx, [pilot_id]).get(pilot_id, ""),
        period=pilots.period(ctx, pilot_id),
        categories=_choices(pilots.categories(ctx, pilot_id)),
        modes=_cards(MODES, MODE_WORDS),
        bases=_cards(BASES, BASIS_WORDS),
        shorts=_cards(ON_SHORT, SHORT_WORDS),
        cost_choices=_choices(COST_TYPES),
        **values,
    )
    return page, form.status


@bp.post("/<uuid:scheme_id>/versions/<uuid:version_id>/publish")
@access(MAKE)
def publish(scheme_id: uuid.UUID, version_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.publish_version(ctx, version_id))
    return done(N_("方案已发布，可以发券。"), url_for("schemes.show", scheme_id=scheme_id))


@bp.post("/<uuid:scheme_id>/versions/<uuid:version_id>/close")
@access(MAKE)
def close(scheme_id: uuid.UUID, version_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.close_version(ctx, version_id))
    return done(N_("已停止按此版本发券。"), url_for("schemes.show", scheme_id=scheme_id))


def on_listing(ctx: Context, offer: Offer) -> Panel | None:
    """What the city's vouchers give for each price of a product."""
    if offer.listing.state is not ListingState.LISTED:
        return None
    rows = [
        (terms, scheme, after)
        for kind, terms, scheme in queries.offers_with_schemes(ctx, offer.listing.city)
        if (after := _after(offer, kind, terms, ctx.today))
    ]
    return Panel("schemes/on_listing.html", {"rows": rows, "percent": rules.percent}) if rows else None


def _after(offer: Offer, kind: str, terms: SchemeVersion, on: date) -> list[tuple[Any, int]]:
    """The packages that these terms help with, each with its price afterwards in fen."""
    found = [
        (p, rules.lowest_after(p.price_fen, p.cost_type, offer.listing.categories, [(kind, terms)], on))
        for p in offer.packages
    ]
    return [(package, price) for package, price in found if price is not None]
