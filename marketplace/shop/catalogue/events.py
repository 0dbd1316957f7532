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
class ProductListed:
    listing_id: uuid.UUID
    edition_id: uuid.UUID
    provider_id: uuid.UUID
    city: str
    price_from_fen: int
