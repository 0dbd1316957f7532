"""Facts of the catalogue."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class ListingSubmitted:
    listing_id: uuid.UUID
    provider_id: uuid.UUID
    city: str


@dataclass(frozen=True)
class ListingReviewed:
    listing_id: uuid.UUID
    product_id: uuid.UUID
    provider_id: uuid.UUID
    name: str
    listed: bool


@dataclass(frozen=True)
class ProductListed:
    """An edition can be found and ordered in a city from now on."""

    listing_id: uuid.UUID
    edition_id: uuid.UUID
    provider_id: uuid.UUID
    city: str
