"""Who is told what happens in the catalogue."""

from __future__ import annotations

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.record.notices import actions as notices
from marketplace.shop.catalogue.events import ListingReviewed


def reviewed(ctx: Context, fact: ListingReviewed) -> None:
    """The provider hears how the city decided."""
    text = N_("产品“{name}”已通过审核并上架。") if fact.listed else N_("产品“{name}”未通过上架审核，请查看理由。")
    notices.tell(
        ctx,
        organisation_id=fact.provider_id,
        text=Text(text, {"name": fact.name}),
        url=f"/products/{fact.product_id}",
    )
