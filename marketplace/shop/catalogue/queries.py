"""Reading the catalogue: what is listed is public, the rest is seen by its provider and the reviewing city."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from marketplace.base import paging, permissions, search
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.shop.catalogue import permissions as verbs
from marketplace.shop.catalogue.models import Edition, Listing, ListingFacet, ListingWord, Package, Product
from marketplace.shop.catalogue.states import ListingState

FACETS = ("scenario", "industry", "deployment", "klass")
NEWEST = (paging.Key(Listing.created_at, True), paging.Key(Listing.id, True))
CHEAPEST = (paging.Key(Listing.price_from_fen), paging.Key(Listing.id))


@dataclass(frozen=True)
class Offer:
    """A listing with the edition and the packages that an order points at."""

    listing: Listing
    edition: Edition
    packages: Sequence[Package]


def visible(ctx: Context) -> Select[tuple[Listing]]:
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


def offer(ctx: Context, listing_id: uuid.UUID) -> Offer:
    """A listing with its edition and packages."""
    listing = get(ctx, listing_id)
    edition = ctx.session.get_one(Edition, listing.edition_id)
    packages = ctx.session.scalars(
        select(Package).where(Package.edition_id == edition.id).order_by(Package.position)
    ).all()
    return Offer(listing, edition, packages)


def product(ctx: Context, product_id: uuid.UUID) -> Product:
    """A product of the acting provider."""
    statement = permissions.visible(ctx, verbs.OFFER, select(Product), own=[Product.provider_id])
    row = ctx.session.scalars(statement.where(Product.id == product_id)).one_or_none()
    if row is None:
        raise NotFound("product")
    return row


def products(ctx: Context, *, limit: int = 50, cursor: str | None = None) -> paging.Page[Product]:
    """The acting provider's products, newest first."""
    statement = permissions.visible(ctx, verbs.OFFER, select(Product), own=[Product.provider_id])
    keys = (paging.Key(Product.created_at, True), paging.Key(Product.id, True))
    return paging.fetch(ctx.session, statement, keys, limit=limit, cursor=cursor)


def listings(
    ctx: Context, *, state: ListingState | None = None, limit: int = 50, cursor: str | None = None
) -> paging.Page[Listing]:
    """Listings by state for the provider and the reviewing city, newest first."""
    statement = permissions.visible(ctx, verbs.READ, select(Listing), own=[Listing.provider_id], city=Listing.city)
    if state is not None:
        statement = statement.where(Listing.state == state)
    return paging.fetch(ctx.session, statement, NEWEST, limit=limit, cursor=cursor)


def found(
    words: str = "", city: str | None = None, facets: dict[str, str] | None = None, price_to_fen: int | None = None
) -> Select[tuple[Listing]]:
    """Listed products that contain all the words and have all the facet values."""
    statement = select(Listing).where(Listing.state == ListingState.LISTED)
    if city:
        statement = statement.where(Listing.city == city)
    if price_to_fen is not None:
        statement = statement.where(Listing.price_from_fen <= price_to_fen)
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
