"""What a provider's programs may hear of its products."""

from __future__ import annotations

from marketplace.base.text import N_
from marketplace.people.webhooks.topics import Topic
from marketplace.shop.catalogue import events

TOPICS = (
    Topic(
        "listing.reviewed",
        N_("产品上架审核已有结果"),
        events.ListingReviewed,
        ("listing_id", "product_id", "provider_id", "name", "listed"),
    ),
)
