"""Offering: write a product, publish an edition, submit it to a city; the city lists or rejects it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update

from marketplace.base import search
from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_, Text
from marketplace.base.types import canonical
from marketplace.people.organisations import queries as organisations
from marketplace.record.audit import actions as audit
from marketplace.shop.catalogue import permissions, queries
from marketplace.shop.catalogue.events import ListingReviewed, ListingSubmitted, ProductListed
from marketplace.shop.catalogue.models import Edition, Listing, ListingFacet, ListingWord, Package, Product
from marketplace.shop.catalogue.states import LISTING, CostType, Deployment, ListingState
from marketplace.shop.roster import queries as roster
from marketplace.shop.roster.states import ServiceClass

CONTENT = (
    "name", "klass", "summary", "scenarios", "industries", "deployment", "delivery_days",
    "small", "fast", "light", "precise", "cases", "exit_terms",
)  # fmt: skip


def draft_product(ctx: Context, *, content: dict[str, Any]) -> Product:
    """Begin a product; `content` is what the next edition will say (see `CONTENT` and `packages`)."""
    ctx.require(permissions.OFFER)
    provider = organisations.require_confirmed(ctx, queries.acting_organisation(ctx))
    product = ctx.add(Product(provider_id=provider.id, name=content["name"], draft=content, editions=0))
    audit.record(ctx, "product.drafted", product, name=product.name)
    return product


def edit_product(ctx: Context, product_id: uuid.UUID, *, content: dict[str, Any]) -> Product:
    """Rewrite the draft of the next edition; published editions stay as they are."""
    product = queries.product(ctx, product_id, lock=True)
    ctx.require(permissions.OFFER, product)
    product.draft = content
    product.name = content["name"]
    audit.record(ctx, "product.edited", product, name=product.name)
    return product


def lint(content: dict[str, Any]) -> dict[str, list[Text | str]]:
    """What a draft lacks before it can be published, by field: each of small, fast, light, precise needs evidence."""
    faults: dict[str, list[Text | str]] = {}
    for field in CONTENT:
        if content.get(field) in (None, "", []):
            faults[field] = [N_("发布前需要填写此项。")]
    for field in ("small", "fast", "light", "precise"):
        if 0 < len(content.get(field) or "") < 10:
            faults[field] = [N_("请用至少 10 个字写出可核对的依据。")]
    if not content.get("packages"):
        faults["packages"] = [N_("至少需要一个报价。")]
    return faults


def publish_edition(ctx: Context, product_id: uuid.UUID) -> Edition:
    """Freeze the draft as the next edition with its packages. Refuses a draft that lacks something."""
    product = queries.product(ctx, product_id, lock=True)
    ctx.require(permissions.OFFER, product)
    faults = lint(product.draft)
    if faults:
        raise Invalid(faults, code="product.incomplete")
    content, packages = _typed(product.draft)
    digest = digest_of(product.draft)
    _refuse_unchanged(ctx, product, digest)
    product.editions += 1
    edition = ctx.add(
        Edition(
            product_id=product.id,
            provider_id=product.provider_id,
            number=product.editions,
            content_hash=digest,
            published_by=ctx.who.person_id,
            **content,
        )
    )
    ctx.session.flush()
    for position, package in enumerate(packages, start=1):
        ctx.add(Package(edition_id=edition.id, position=position, **package))
    audit.record(ctx, "edition.published", edition, number=edition.number, content_hash=digest)
    return edition


def digest_of(draft: dict[str, Any]) -> bytes:
    """SHA-256 over what an edition of this draft would say."""
    content = {field: draft.get(field) for field in CONTENT}
    return hashlib.sha256(canonical([content, draft.get("packages", [])]).encode()).digest()


def _typed(draft: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Content and prices of a draft, with its words as members of their vocabularies."""
    content = {field: draft[field] for field in CONTENT}
    content["klass"] = ServiceClass(content["klass"])
    content["deployment"] = Deployment(content["deployment"])
    packages = [{**package, "cost_type": CostType(package["cost_type"])} for package in draft["packages"]]
    return content, packages


def _refuse_unchanged(ctx: Context, product: Product, digest: bytes) -> None:
    last = ctx.session.scalars(
        select(Edition).where(Edition.product_id == product.id, Edition.number == product.editions)
    ).one_or_none()
    if last is not None and last.content_hash == digest:
        raise Refusal("edition.unchanged", N_("内容与第 {number} 版相同，无需再次发布。"), number=last.number)


def submit_listing(ctx: Context, product_id: uuid.UUID, *, city: str) -> Listing:
    """Ask a city to list the latest edition. Only providers on that city's roster may (二(四))."""
    product = queries.product(ctx, product_id, lock=True)
    ctx.require(permissions.OFFER, product)
    roster.require_active(ctx, product.provider_id, city)
    edition = ctx.session.scalars(
        select(Edition).where(Edition.product_id == product.id, Edition.number == product.editions)
    ).one_or_none()
    if edition is None:
        raise Refusal("edition.none", N_("请先发布一个版本，再提交上架。"))
    open_already = select(Listing.id).where(
        Listing.product_id == product.id, Listing.city == city, Listing.state == ListingState.SUBMITTED
    )
    if ctx.session.scalar(open_already) is not None:
        raise Refusal("listing.already_submitted", N_("该产品已有一个待审核的上架申请。"))
    cheapest = ctx.session.scalars(
        select(Package.price_fen).where(Package.edition_id == edition.id).order_by(Package.price_fen).limit(1)
    ).one()
    listing = ctx.add(
        Listing(
            edition_id=edition.id,
            product_id=product.id,
            provider_id=product.provider_id,
            provider_name=organisations.get(ctx, product.provider_id).name,
            city=city,
            state=ListingState.SUBMITTED,
            name=edition.name,
            price_from_fen=cheapest,
            categories={},
            submitted_by=ctx.who.person_id,
        )
    )
    audit.record(ctx, "listing.submitted", listing, edition=edition.number)
    ctx.announce(ListingSubmitted(listing.id, listing.provider_id, city))
    return listing


def review_listing(
    ctx: Context,
    listing_id: uuid.UUID,
    *,
    approve: bool,
    reason: str,
    categories: dict[str, str] | None = None,
) -> Listing:
    """The city lists or rejects an edition; listing it settles its subsidy category per pilot type (四(二))."""
    listing = queries.lock(ctx, listing_id)
    ctx.require(permissions.REVIEW, listing)
    if not approve and not reason.strip():
        raise Invalid({"reason": [N_("不通过时请写明理由。")]})
    if approve:
        roster.require_active(ctx, listing.provider_id, listing.city)
        settled = _settled(ctx, listing.city, categories or {})
        _replace_listed(ctx, listing)
        listing.categories = settled
    LISTING.move(listing, "list" if approve else "reject")
    listing.reviewed_by, listing.reviewed_at, listing.reason = ctx.who.person_id, ctx.now, reason.strip()
    ctx.session.flush()
    if approve:
        _index(ctx, listing)
    audit.record(ctx, "listing.listed" if approve else "listing.rejected", listing, reason=listing.reason)
    ctx.announce(ListingReviewed(listing.id, listing.product_id, listing.provider_id, listing.name, approve))
    if approve:
        ctx.announce(ProductListed(listing.id, listing.edition_id, listing.provider_id, listing.city))
    return listing


def _settled(ctx: Context, city: str, categories: dict[str, str]) -> dict[str, str]:
    """Pilot type → category as the books of the city have them; at least one type, and no foreign category (四(二))."""
    if not categories:
        raise Invalid({"categories": [N_("上架时请确定该产品的资金用途类别。")]})
    known = queries.category_choices(ctx, city)
    for kind, category in categories.items():
        if kind not in known or category not in known[kind].categories:
            raise Refusal(
                "category.not_for_pilot_type",
                N_("资金用途“{category}”不在试点类型“{kind}”的目录内。"),
                clause="四(二)",
                field="categories",
                category=category[:40],
                kind=kind[:40],
            )
    return dict(categories)


def _replace_listed(ctx: Context, listing: Listing) -> None:
    """A newer edition takes the place of the one that is listed."""
    former = ctx.session.scalars(
        select(Listing).where(
            Listing.product_id == listing.product_id,
            Listing.city == listing.city,
            Listing.state == ListingState.LISTED,
        )
    ).one_or_none()
    if former is not None:
        _retire(ctx, former, N_("由新版本替代"))


def withdraw_listing(ctx: Context, listing_id: uuid.UUID, *, reason: str) -> Listing:
    """Take a listing out of the catalogue: its provider at any time, the city with a reason. Orders go on."""
    listing = queries.lock(ctx, listing_id)
    ctx.require(permissions.OFFER if ctx.may(permissions.OFFER, listing) else permissions.REVIEW, listing)
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明下架理由。")]})
    _retire(ctx, listing, reason.strip())
    return listing


def _retire(ctx: Context, listing: Listing, reason: str) -> None:
    LISTING.move(listing, "withdraw")
    listing.reason = reason
    for table in (ListingWord, ListingFacet):
        ctx.session.execute(delete(table).where(table.listing_id == listing.id))
    ctx.session.flush()
    audit.record(ctx, "listing.withdrawn", listing, reason=reason)


def _index(ctx: Context, listing: Listing) -> None:
    """Make a listed product findable by words and facets."""
    edition = ctx.session.get_one(Edition, listing.edition_id)
    text = " ".join([edition.name, edition.summary, listing.provider_name, edition.cases])
    words = sorted(set(search.tokens(text)))
    ctx.session.execute(insert(ListingWord), [{"word": w, "listing_id": listing.id} for w in words])
    facets = [("deployment", edition.deployment.value), ("klass", edition.klass.value)]
    facets += [("scenario", code) for code in edition.scenarios]
    facets += [("industry", code) for code in edition.industries]
    ctx.session.execute(
        insert(ListingFacet), [{"facet": f, "value": v, "listing_id": listing.id} for f, v in sorted(set(facets))]
    )


def hint_prices(ctx: Context, prices: Mapping[uuid.UUID, int | None]) -> None:
    """Write the lowest price after a voucher (fen, or none) beside listings; the schemes compute it."""
    if prices:
        rows = [{"id": listing_id, "hint_fen": price} for listing_id, price in prices.items()]
        ctx.session.execute(update(Listing), rows)
