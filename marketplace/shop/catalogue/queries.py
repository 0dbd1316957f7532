"""Reading the catalogue: what is listed is public, the rest is seen by its provider and the reviewing city."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from marketplace.base import paging, permissions, search
from marketplace.base.clock import midnight
from marketplace.base.context import Context
from marketplace.base.errors import Forbidden, NotFound
from marketplace.pilots.programmes.models import Pilot
from marketplace.pilots.programmes.states import PUBLIC_STATES
from marketplace.policy.books.model import PilotType
from marketplace.policy.editions import queries as books
from marketplace.policy.editions.models import BookEdition
from marketplace.shop.catalogue import permissions as verbs
from marketplace.shop.catalogue.models import Edition, Listing, ListingFacet, ListingWord, Package, Product
from marketplace.shop.catalogue.states import ListingState

FACETS = ("scenario", "industry", "deployment", "klass")
NEWEST = (paging.Key(Listing.created_at, True), paging.Key(Listing.id, True))
OLDEST = (paging.Key(Listing.created_at), paging.Key(Listing.id))
CHEAPEST = (paging.Key(Listing.price_from_fen), paging.Key(Listing.id))


def acting_organisation(ctx: Context) -> uuid.UUID:
    """The organisation acted for; a person who acts for none is refused."""
    organisation_id = ctx.who.organisation_id
    if organisation_id is None:
        raise Forbidden("organisation")
    return organisation_id


@dataclass(frozen=True)
class Offer:
    """A listing with the edition and the packages that an order points at."""

    listing: Listing
    edition: Edition
    packages: Sequence[Package]


def visible(ctx: Context) -> Select[Listing]:
    """Listings this person may see: all listed ones, own and submitted ones by role."""
    return permissions.visible(
        ctx,
        verbs.READ,
        select(Listing),
        own=[Listing.provider_id],
        city=Listing.city,
        public=Listing.state == ListingState.LISTED,
    )


def get(ctx: Context, listing_id: uuid.UUID) -> Listing:
    """One listing, or NotFound when it is none of this person's business."""
    row = ctx.session.scalars(visible(ctx).where(Listing.id == listing_id)).one_or_none()
    if row is None:
        raise NotFound("listing")
    return row


def lock(ctx: Context, listing_id: uuid.UUID) -> Listing:
    """One listing, held until the end of the act, with its present state."""
    statement = visible(ctx).where(Listing.id == listing_id).with_for_update().execution_options(populate_existing=True)
    row = ctx.session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound("listing")
    return row


def offer(ctx: Context, listing_id: uuid.UUID) -> Offer:
    """A listing with its edition and packages."""
    listing = get(ctx, listing_id)
    edition = ctx.session.get_one(Edition, listing.edition_id)
    packages = ctx.session.scalars(
        select(Package).where(Package.edition_id == edition.id).order_by(Package.position)
    ).all()
    return Offer(listing, edition, packages)


def on_offer(ctx: Context, listing_id: uuid.UUID) -> bool:
    """Whether a listing takes orders now."""
    statement = select(Listing.id).where(Listing.id == listing_id, Listing.state == ListingState.LISTED)
    return ctx.session.scalar(statement) is not None


def product(ctx: Context, product_id: uuid.UUID, *, lock: bool = False) -> Product:
    """A product of the acting provider; `lock` holds it until the end of the act."""
    statement = permissions.visible(ctx, verbs.OFFER, select(Product), own=[Product.provider_id])
    statement = statement.where(Product.id == product_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = ctx.session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound("product")
    return row


def editions(ctx: Context, product: Product) -> Sequence[Edition]:
    """The published editions of a product, latest first; the caller has authorised the product."""
    return ctx.session.scalars(
        select(Edition).where(Edition.product_id == product.id).order_by(Edition.number.desc())
    ).all()


def listings_of(ctx: Context, product: Product) -> Sequence[Listing]:
    """Where a product was submitted, latest first; the caller has authorised the product."""
    return ctx.session.scalars(
        select(Listing).where(Listing.product_id == product.id).order_by(Listing.created_at.desc(), Listing.id.desc())
    ).all()


def category_choices(ctx: Context, city: str) -> dict[str, PilotType]:
    """Pilot types with their subsidy categories, for a listing's review: from the books of the city's pilots (四(二)).

    A city without a pilot yet is offered the newest edition of each book.
    """
    wanted = select(Pilot.edition_id).where(Pilot.city == city, Pilot.state.in_(PUBLIC_STATES)).distinct()
    edition_ids = list(ctx.session.scalars(wanted)) or [edition.id for edition in _newest(books.choices(ctx))]
    found: dict[str, PilotType] = {}
    for edition_id in edition_ids:
        for code, kind in books.book(ctx, edition_id).types.items():
            known = found.get(code)
            found[code] = kind if known is None else replace(known, categories={**kind.categories, **known.categories})
    return found


def _newest(editions: Sequence[BookEdition]) -> list[BookEdition]:
    """The first of each code, of editions that stand newest first."""
    return list({edition.code: edition for edition in reversed(editions)}.values())


class Stage(StrEnum):
    """How far a product has come: on no list yet, before a city, on a city's list."""

    UNLISTED = "unlisted"
    SUBMITTED = "submitted"
    LISTED = "listed"


def products(
    ctx: Context, *, words: str = "", stage: Stage | None = None, limit: int = 50, cursor: str | None = None
) -> paging.Page[Product]:
    """The acting provider's products, newest first."""
    statement = permissions.visible(ctx, verbs.OFFER, select(Product), own=[Product.provider_id])
    if words:
        statement = statement.where(Product.name.contains(words, autoescape=True))
    if stage is not None:
        statement = statement.where(_at(stage))
    keys = (paging.Key(Product.created_at, True), paging.Key(Product.id, True))
    return paging.fetch(ctx.session, statement, keys, limit=limit, cursor=cursor)


def _at(stage: Stage) -> ColumnElement[bool]:
    if stage is Stage.UNLISTED:
        living = [ListingState.SUBMITTED, ListingState.LISTED]
        return ~exists().where(Listing.product_id == Product.id, Listing.state.in_(living))
    return exists().where(Listing.product_id == Product.id, Listing.state == ListingState(stage.value))


def listings(
    ctx: Context,
    *,
    state: ListingState | None = None,
    city: str | None = None,
    words: str = "",
    since: date | None = None,
    until: date | None = None,
    order: Sequence[paging.Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Listing]:
    """Listings for their provider and the reviewing city, newest first; the days are those of the submission."""
    statement = permissions.visible(ctx, verbs.READ, select(Listing), own=[Listing.provider_id], city=Listing.city)
    wanted = [(Listing.state, state), (Listing.city, city)]
    statement = statement.where(*(column == value for column, value in wanted if value is not None))
    if words:
        names = (Listing.name, Listing.provider_name)
        statement = statement.where(or_(*(name.contains(words, autoescape=True) for name in names)))
    if since is not None:
        statement = statement.where(Listing.created_at >= midnight(since))
    if until is not None:
        statement = statement.where(Listing.created_at < midnight(until + timedelta(days=1)))
    return paging.fetch(ctx.session, statement, order, limit=limit, cursor=cursor)


def found(words: str = "", city: str | None = None, facets: dict[str, str] | None = None) -> Select[Listing]:
    """Listed products that contain all the words and have all the facet values."""
    statement = select(Listing).where(Listing.state == ListingState.LISTED)
    if city:
        statement = statement.where(Listing.city == city)
    for word in sorted(set(search.query_tokens(words)))[:12]:
        matches = ListingWord.word.like(word + "%") if len(word) == 1 else ListingWord.word == word
        statement = statement.where(Listing.id.in_(select(ListingWord.listing_id).where(matches)))
    for facet, value in (facets or {}).items():
        statement = statement.where(
            Listing.id.in_(
                select(ListingFacet.listing_id).where(ListingFacet.facet == facet, ListingFacet.value == value)
            )
        )
    return statement


def browse(
    ctx: Context,
    *,
    words: str = "",
    city: str | None = None,
    facets: dict[str, str] | None = None,
    cheapest: bool = False,
    limit: int = 24,
    cursor: str | None = None,
) -> paging.Page[Listing]:
    """A page of the public catalogue, newest or cheapest first."""
    return paging.fetch(
        ctx.session, found(words, city, facets), CHEAPEST if cheapest else NEWEST, limit=limit, cursor=cursor
    )


def how_many(ctx: Context, *, words: str = "", city: str | None = None, facets: dict[str, str] | None = None) -> int:
    """How many products were found."""
    hits = found(words, city, facets).with_only_columns(Listing.id).subquery()
    return ctx.session.scalar(select(func.count()).select_from(hits)) or 0


def cities(ctx: Context) -> list[str]:
    """Codes of the cities that list anything."""
    wanted = select(Listing.city).where(Listing.state == ListingState.LISTED).distinct().order_by(Listing.city)
    return list(ctx.session.scalars(wanted))


def editions_of(ctx: Context, shown: Sequence[Listing]) -> dict[uuid.UUID, Edition]:
    """The editions of several listings at once, by edition id."""
    wanted = {listing.edition_id for listing in shown}
    return {e.id: e for e in ctx.session.scalars(select(Edition).where(Edition.id.in_(wanted)))} if wanted else {}


def listings_among(ctx: Context, products: Sequence[Product]) -> dict[uuid.UUID, list[Listing]]:
    """Where several products stand, by product: what is listed or submitted, and in a city that last rejected it, that.

    The caller has authorised the products.
    """
    wanted = select(Listing).where(
        Listing.product_id.in_([product.id for product in products]), Listing.state != ListingState.WITHDRAWN
    )
    by_product: dict[uuid.UUID, list[Listing]] = {}
    for listing in ctx.session.scalars(wanted.order_by(Listing.city, Listing.created_at.desc(), Listing.id.desc())):
        found = by_product.setdefault(listing.product_id, [])
        if listing.state is not ListingState.REJECTED or listing.city not in {other.city for other in found}:
            found.append(listing)
    return by_product


def waiting(ctx: Context) -> int:
    """How many listings wait for the review of this person."""
    statement = permissions.visible(ctx, verbs.REVIEW, select(Listing.id), city=Listing.city)
    hits = statement.where(Listing.state == ListingState.SUBMITTED).subquery()
    return ctx.session.scalar(select(func.count()).select_from(hits)) or 0


def facet_counts(
    ctx: Context, *, words: str = "", city: str | None = None, facets: dict[str, str] | None = None
) -> dict[str, dict[str, int]]:
    """How many of the found products have each value of each facet."""
    hits = found(words, city, facets).with_only_columns(Listing.id).subquery()
    rows = ctx.session.execute(
        select(ListingFacet.facet, ListingFacet.value, func.count())
        .join(hits, hits.c.id == ListingFacet.listing_id)
        .group_by(ListingFacet.facet, ListingFacet.value)
        .order_by(ListingFacet.facet, func.count().desc(), ListingFacet.value)
    )
    counts: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
    for facet, value, number in rows:
        counts.setdefault(facet, {})[value] = number
    return counts
