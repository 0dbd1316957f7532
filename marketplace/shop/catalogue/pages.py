"""Pages: the public catalogue, a provider's products, the city's review of listings."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_, Bilingual, Text
from marketplace.people.organisations import industries
from marketplace.people.regions import queries as regions
from marketplace.policy.books.model import PilotType
from marketplace.shop.catalogue import actions, queries
from marketplace.shop.catalogue.listings import PRODUCTS, SUBMITTED
from marketplace.shop.catalogue.models import Listing, Product
from marketplace.shop.catalogue.permissions import OFFER, READ, REVIEW
from marketplace.shop.catalogue.ports import LISTING_PANELS
from marketplace.shop.catalogue.schemas import (
    MAX_PACKAGES,
    ListingWithdrawalSchema,
    ProductForm,
    SubmitForm,
    form_values,
    review_form,
)
from marketplace.shop.catalogue.states import COST_TYPES, DEPLOYMENTS, LISTING, SCENARIOS, ListingState
from marketplace.shop.roster import queries as roster
from marketplace.shop.roster.states import CLASS_LABELS, ORDERABLE
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.nav import Task
from marketplace.web.runtime import act, reading
from marketplace.web.security import PUBLIC, access

bp = Blueprint("catalogue", __name__, url_prefix="/catalogue")
products = Blueprint("products", __name__, url_prefix="/products")
listings = Blueprint("listings", __name__, url_prefix="/listings")

FACETS = {
    "scenario": N_("应用场景"),
    "industry": N_("适用行业"),
    "deployment": N_("部署方式"),
    "klass": N_("服务商类别"),
}
FOUR = {
    "small": (N_("小"), N_("小型化")),
    "fast": (N_("快"), N_("快速化")),
    "light": (N_("轻"), N_("轻量化")),
    "precise": (N_("准"), N_("精准化")),
}


def word(facet: str, value: Any) -> Text | str:
    """What people read for a value of a facet."""
    value = str(value)
    if facet == "industry":
        return Bilingual(industries.name_of(value), {}, industries.name_of(value, "en"))
    words: dict[str, dict[Any, str]] = {"scenario": SCENARIOS, "deployment": DEPLOYMENTS, "klass": CLASS_LABELS}
    return {str(k): v for k, v in words[facet].items()}.get(value, value)


LABELS = {
    "name": N_("产品名称"),
    "klass": N_("服务商类别"),
    "summary": N_("一句话说明"),
    "scenarios": N_("应用场景"),
    "industries": N_("适用行业"),
    "deployment": N_("部署方式"),
    "delivery_days": N_("交付周期"),
    "small": N_("小：小型化"),
    "fast": N_("快：快速化"),
    "light": N_("轻：轻量化"),
    "precise": N_("准：精准化"),
    "cases": N_("成功案例"),
    "exit_terms": N_("数据导出与退出"),
    "packages": N_("价格"),
}
WORDS = {"word": word, "four": FOUR, "cost_types": COST_TYPES}


@bp.get("")
@access(PUBLIC)
def index() -> str:
    """Search, narrow by facets, sort: every control is a plain link or a small form."""
    ctx = reading()
    asked = {k: v.strip()[:100] for k, v in request.args.items() if v.strip()}
    facets = {f: asked[f] for f in FACETS if f in asked}
    words, city, cheapest = asked.get("q", ""), asked.get("city"), asked.get("sort") == "cheapest"
    page = queries.browse(
        ctx, words=words, city=city, facets=facets, cheapest=cheapest, cursor=request.args.get("cursor")
    )
    kept = {k: v for k, v in asked.items() if k in {"q", "city", "sort", *FACETS}}
    cities = queries.cities(ctx)
    return render(
        "catalogue/index.html",
        ctx=ctx,
        page=page,
        editions=queries.editions_of(ctx, page.items),
        total=queries.how_many(ctx, words=words, city=city, facets=facets),
        facets=_facets(ctx, words, city, facets, kept),
        chips=_chips(ctx, kept),
        kept=kept,
        words=words,
        cheapest=cheapest,
        cities=regions.names(ctx, cities) if len(cities) > 1 else {},
        address=lambda **changes: _address(kept, **changes),
        **WORDS,
    )


def _address(kept: dict[str, str], **changes: str | None) -> str:
    """The catalogue with some of the present choices changed; None takes one away."""
    wanted = {k: v for k, v in {**kept, **changes}.items() if v}
    return url_for("catalogue.index", **wanted)  # type: ignore[arg-type]


def _facets(
    ctx: Context, words: str, city: str | None, chosen: dict[str, str], kept: dict[str, str]
) -> list[dict[str, Any]]:
    counts = queries.facet_counts(ctx, words=words, city=city, facets=chosen)
    return [
        {
            "label": label,
            "values": [
                {"label": word(facet, v), "count": n, "url": _address(kept, **{facet: v})}
                for v, n in counts[facet].items()
            ],
        }
        for facet, label in FACETS.items()
        if facet not in chosen and counts[facet]
    ]


def _chips(ctx: Context, kept: dict[str, str]) -> list[dict[str, Any]]:
    """What the list is narrowed by, each with the address that takes it away."""
    chips: list[dict[str, Any]] = []
    if "q" in kept:
        chips.append({"label": "“" + kept["q"] + "”", "url": _address(kept, q=None)})
    if "city" in kept:
        found = regions.names(ctx, [kept["city"]]).get(kept["city"])
        name = Bilingual(found.name, {}, found.name_en) if found else kept["city"]
        chips.append({"label": name, "url": _address(kept, city=None)})
    chips += [{"label": word(f, kept[f]), "url": _address(kept, **{f: None})} for f in FACETS if f in kept]
    return chips


@bp.get("/<uuid:listing_id>")
@access(PUBLIC)
def show(listing_id: uuid.UUID) -> str:
    """A product: evidence for small, fast, light, precise; prices; who sells it; what a voucher gives."""
    ctx = reading()
    offer = queries.offer(ctx, listing_id)
    panels = [panel for source in ctx.house.all(LISTING_PANELS) if (panel := source(ctx, offer)) is not None]
    return render(
        "catalogue/show.html",
        ctx=ctx,
        offer=offer,
        panels=panels,
        states=ListingState,
        **_whereabouts(ctx, offer.listing),
        **WORDS,
    )


@products.get("")
@access(OFFER)
def mine() -> str | Response:
    return PRODUCTS.answer("catalogue/products.html")


@products.route("/new", methods=["GET", "POST"])
@access(OFFER)
def new() -> Any:
    form = Form(ProductForm, live=True)
    if form.submitted and form.act(lambda ctx, data: actions.draft_product(ctx, content=data["content"])):
        return done(N_("草稿已保存。"), url_for("products.one", product_id=form.result.id))
    return _edit_page(form, None)


@products.route("/<uuid:product_id>/edit", methods=["GET", "POST"])
@access(OFFER)
def edit(product_id: uuid.UUID) -> Any:
    product = queries.product(reading(), product_id)
    form = Form(ProductForm, values=form_values(product.draft), live=True)
    if form.submitted and form.act(lambda ctx, data: actions.edit_product(ctx, product_id, content=data["content"])):
        return done(N_("草稿已保存。"), url_for("products.one", product_id=product_id))
    return _edit_page(form, product)


def _edit_page(form: Form, product: Product | None) -> Any:
    rows = range(1, MAX_PACKAGES + 1)
    filled = [n for n in rows if n == 1 or any(k.startswith(f"package{n}_") and v for k, v in form.values.items())]
    page = render(
        "catalogue/edit.html",
        form=form,
        product=product,
        filled=filled,
        spare=[n for n in rows if n not in filled],
        lacking=len(actions.lint(product.draft if product else {})),
        total=len(LABELS),
        classes=[(c.value, say(label)) for c, label in CLASS_LABELS.items()],
        scenarios=[(code, say(label)) for code, label in SCENARIOS.items()],
        industries=[(code, say(word("industry", code))) for code in industries.divisions()],
        deployments=[(d.value, say(label)) for d, label in DEPLOYMENTS.items()],
        cost_choices=[(c.value, say(label)) for c, label in COST_TYPES.items()],
    )
    return page, form.status


@products.route("/<uuid:product_id>", methods=["GET", "POST"])
@access(OFFER)
def one(product_id: uuid.UUID) -> Any:
    """The draft as customers will see it, what it still lacks, its editions and where they are listed."""
    product = queries.product(reading(), product_id)
    form = Form(SubmitForm)
    if form.submitted and form.act(lambda ctx, data: actions.submit_listing(ctx, product_id, city=data["city"])):
        return done(N_("已提交上架申请，请等待审核。"), url_for("products.one", product_id=product_id))
    ctx = reading()
    found = queries.listings_of(ctx, product)
    entries = roster.standing_of(ctx, product.provider_id)
    cities = {e.city for e in entries if e.state in ORDERABLE and e.valid_from <= ctx.today <= e.valid_until}
    published = queries.editions(ctx, product)
    faults = actions.lint(product.draft)
    unchanged = bool(published) and actions.digest_of(product.draft) == published[0].content_hash
    page = render(
        "catalogue/product.html",
        ctx=ctx,
        product=product,
        form=form,
        faults=faults,
        labels=LABELS,
        unchanged=unchanged,
        path=_path(not faults, unchanged, [x.state for x in found if published and x.edition_id == published[0].id]),
        editions=published,
        listings=found,
        places=regions.names(ctx, {x.city for x in found} | cities),
        cities=_cities(ctx, cities, product, found, published),
        **WORDS,
    )
    return page, form.status


def _path(complete: bool, published: bool, states: Sequence[ListingState]) -> list[dict[str, str]]:
    """From the draft to the list: the steps, of which the first that is not done is now."""
    listed = ListingState.LISTED in states
    reached = [complete, published, listed or ListingState.SUBMITTED in states, listed]
    done = next((n for n, step in enumerate(reached) if not step), len(reached))
    labels = (N_("补全草稿"), N_("发布版本"), N_("提交上架"), N_("城市审核"))
    return [
        {"label": say(label), "state": "done" if n < done else "now" if n == done else "next"}
        for n, label in enumerate(labels)
    ]


def _cities(ctx: Context, cities: set[str], product: Product, found: Any, published: Any) -> list[tuple[str, str]]:
    """Cities whose list the provider stands on and that do not have the latest edition yet, nor wait for it."""
    if not published:
        return []
    have = {x.city for x in found if x.state is ListingState.SUBMITTED}
    have |= {x.city for x in found if x.state is ListingState.LISTED and x.edition_id == published[0].id}
    names = regions.names(ctx, cities - have)
    return [(code, say(Bilingual(place.name, {}, place.name_en))) for code, place in sorted(names.items())]


@products.post("/<uuid:product_id>/publish")
@access(OFFER)
def publish(product_id: uuid.UUID) -> Response:
    edition = act(lambda ctx: actions.publish_edition(ctx, product_id))
    return done(N_("第 {number} 版已发布。"), url_for("products.one", product_id=product_id), number=edition.number)


@listings.get("")
@access(READ)
def to_review() -> str | Response:
    return SUBMITTED.answer("catalogue/listings.html")


@listings.route("/<uuid:listing_id>", methods=["GET", "POST"])
@access(READ, post=REVIEW)
def review(listing_id: uuid.UUID) -> Any:
    """What was submitted, in full; the city decides here, with a subsidy category per pilot type (四(二))."""
    ctx = reading()
    offer = queries.offer(ctx, listing_id)
    kinds = queries.category_choices(ctx, offer.listing.city)
    form = Form(review_form(list(kinds)), values={f"category_{k}": v for k, v in offer.listing.categories.items()})
    if form.submitted and form.act(lambda ctx, data: _decide(ctx, listing_id, list(kinds), data)):
        listed = form.result.state is ListingState.LISTED
        return done(N_("已上架。") if listed else N_("已退回。"), url_for("listings.to_review"))
    ctx = reading()
    may_review = offer.listing.state is ListingState.SUBMITTED and ctx.may(REVIEW, offer.listing)
    page = render(
        "catalogue/review.html",
        ctx=ctx,
        offer=offer,
        form=form,
        kinds=kinds,
        categories={k: _category_words(kind) for k, kind in kinds.items()},
        chosen=_chosen(offer.listing, kinds),
        mine=ctx.may(OFFER, offer.listing),
        may_review=may_review,
        may_withdraw=LISTING.allows(offer.listing, "withdraw")
        and not may_review
        and (ctx.may(OFFER, offer.listing) or ctx.may(REVIEW, offer.listing)),
        **_whereabouts(ctx, offer.listing),
        **WORDS,
    )
    return page, form.status


def _category_words(kind: Any) -> list[tuple[str, str]]:
    return [(c.code, say(Bilingual(c.name_zh, {}, c.name_en))) for c in kind.categories.values()]


def _chosen(listing: Listing, kinds: dict[str, PilotType]) -> list[tuple[str, str]]:
    """What the review settled: for each pilot type what its money buys the product as."""
    found = []
    for code, category in listing.categories.items():
        if code in kinds:
            kind = kinds[code]
            words = kind.categories.get(category)
            label = Text(N_("资金用途：{kind}"), {"kind": Bilingual(kind.name_zh, {}, kind.name_en)})
            found.append((say(label), say(Bilingual(words.name_zh, {}, words.name_en)) if words else category))
    return found


def _whereabouts(ctx: Context, listing: Listing) -> dict[str, Any]:
    """The city of a listing, and how its provider stands on that city's list."""
    return {
        "place": regions.names(ctx, [listing.city]).get(listing.city),
        "standing": [e for e in roster.standing_of(ctx, listing.provider_id) if e.city == listing.city],
    }


def _decide(ctx: Context, listing_id: uuid.UUID, kinds: list[str], data: dict[str, Any]) -> Listing:
    chosen = {kind: data[f"category_{kind}"] for kind in kinds if data[f"category_{kind}"]}
    approve = data["decision"] == "list"
    return actions.review_listing(
        ctx, listing_id, approve=approve, reason=data["reason"], categories=chosen if approve else None
    )


@listings.route("/<uuid:listing_id>/withdraw", methods=["GET", "POST"])
@access(OFFER, REVIEW)
def withdraw(listing_id: uuid.UUID) -> Any:
    listing = queries.get(reading(), listing_id)
    form = Form(ListingWithdrawalSchema)
    if form.submitted and form.act(lambda ctx, data: actions.withdraw_listing(ctx, listing_id, reason=data["reason"])):
        return done(N_("已下架。"), url_for("listings.review", listing_id=listing_id))
    return render("catalogue/withdraw.html", form=form, listing=listing), form.status


def tasks(ctx: Context) -> list[Task]:
    """Submitted listings for the city; rejected ones stay with their provider's own list."""
    if ctx.actor is None or ctx.actor.role is not Role.CITY:
        return []
    waiting = queries.waiting(ctx)
    if not waiting:
        return []
    return [Task(Text(N_("{count} 个产品待审核上架"), {"count": waiting}), url_for("listings.to_review"), tone="warn")]
