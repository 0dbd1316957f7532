"""REST: the public catalogue, a provider's drafts, and listings with their review."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, make_response

from marketplace.base.context import Context
from marketplace.base.paging import Page
from marketplace.shop.catalogue import actions, queries
from marketplace.shop.catalogue.models import Listing, Product
from marketplace.shop.catalogue.permissions import OFFER, READ, REVIEW
from marketplace.shop.catalogue.schemas import (
    BrowseArgs,
    CatalogueItemSchema,
    EditionSchema,
    ListingArgs,
    ListingReviewSchema,
    ListingSchema,
    ListingSubmissionSchema,
    ListingWithdrawalSchema,
    OfferSchema,
    ProductDraftShape,
    ProductSchema,
)
from marketplace.shop.catalogue.states import ListingState
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = ApiBlueprint("catalogue_api", __name__, description="Products, editions and listings")


@bp.get("/products")
@access(PUBLIC)
@bp.arguments(BrowseArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(CatalogueItemSchema))
def browse(q: str, city: str | None, sort: str, limit: int, cursor: str | None, **facets: str | None) -> Page[Any]:
    """Products on offer, newest or cheapest first."""
    chosen = {facet: value for facet, value in facets.items() if value}
    return queries.browse(
        reading(), words=q, city=city, facets=chosen, cheapest=sort == "cheapest", limit=limit, cursor=cursor
    )


@bp.get("/products/<uuid:listing_id>")
@access(PUBLIC)
@bp.response(200, OfferSchema)
def show(listing_id: uuid.UUID) -> queries.Offer:
    """A product on offer with its edition and prices."""
    return queries.offer(reading(), listing_id)


@bp.get("/product-drafts")
@access(OFFER)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(ProductSchema))
def drafts(limit: int, cursor: str | None) -> Page[Any]:
    """The own products with their drafts, newest first."""
    return queries.products(reading(), limit=limit, cursor=cursor)


@bp.get("/product-drafts/<uuid:product_id>")
@access(OFFER)
@bp.alt_response(200, schema=ProductSchema)
def draft(product_id: uuid.UUID) -> Response:
    """One own product; its `ETag` goes back as `If-Match` when the draft is rewritten."""
    product = queries.product(reading(), product_id)
    return _tagged(make_response(ProductSchema().dump(product)), product)


@bp.post("/product-drafts")
@access(OFFER)
@bp.arguments(ProductDraftShape)
@bp.alt_response(201, schema=ProductSchema)
def create(content: dict[str, Any]) -> Any:
    """Begin a product."""
    return rest.do(ProductSchema, lambda ctx: actions.draft_product(ctx, content=content), status=201)


@bp.put("/product-drafts/<uuid:product_id>")
@access(OFFER)
@bp.arguments(ProductDraftShape)
@bp.alt_response(200, schema=ProductSchema)
def rewrite(content: dict[str, Any], product_id: uuid.UUID) -> Any:
    """Rewrite the draft of the next edition. A stale `If-Match` is 412."""
    done: list[Product] = []

    def verb(ctx: Context) -> Product:
        rest.check_match(queries.product(ctx, product_id, lock=True).draft)
        done[:] = [actions.edit_product(ctx, product_id, content=content)]
        return done[0]

    response = rest.do(ProductSchema, verb)
    return _tagged(response, done[0]) if done else response


def _tagged(response: Response, product: Product) -> Response:
    response.set_etag(rest.etag_of(product.draft))
    return response


@bp.post("/product-drafts/<uuid:product_id>/editions")
@access(OFFER)
@bp.alt_response(201, schema=EditionSchema)
def publish(product_id: uuid.UUID) -> Any:
    """Freeze the draft as the next edition."""
    return rest.do(EditionSchema, lambda ctx: actions.publish_edition(ctx, product_id), status=201)


@bp.get("/listings")
@access(READ)
@bp.arguments(ListingArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(ListingSchema))
def listings(state: ListingState | None, limit: int, cursor: str | None) -> Page[Any]:
    """Listings of the own products, or of the own city, newest first."""
    return queries.listings(reading(), state=state, limit=limit, cursor=cursor)


@bp.get("/listings/<uuid:listing_id>")
@access(READ)
@bp.response(200, ListingSchema)
def listing(listing_id: uuid.UUID) -> Listing:
    """One listing with its review."""
    return queries.get(reading(), listing_id)


@bp.post("/listings")
@access(OFFER)
@bp.arguments(ListingSubmissionSchema, as_kwargs=True)
@bp.alt_response(201, schema=ListingSchema)
def submit(product_id: uuid.UUID, city: str) -> Any:
    """Ask a city to list the latest edition."""
    return rest.do(ListingSchema, lambda ctx: actions.submit_listing(ctx, product_id, city=city), status=201)


@bp.post("/listings/<uuid:listing_id>/review")
@access(REVIEW)
@bp.arguments(ListingReviewSchema, as_kwargs=True)
@bp.alt_response(200, schema=ListingSchema)
def review(listing_id: uuid.UUID, approve: bool, reason: str, categories: dict[str, str]) -> Any:
    """List or reject."""
    return rest.do(
        ListingSchema,
        lambda ctx: actions.review_listing(ctx, listing_id, approve=approve, reason=reason, categories=categories),
    )


@bp.post("/listings/<uuid:listing_id>/withdrawal")
@access(OFFER, REVIEW)
@bp.arguments(ListingWithdrawalSchema, as_kwargs=True)
@bp.alt_response(200, schema=ListingSchema)
def withdraw(listing_id: uuid.UUID, reason: str) -> Any:
    """Take a product out of the catalogue."""
    return rest.do(ListingSchema, lambda ctx: actions.withdraw_listing(ctx, listing_id, reason=reason))
