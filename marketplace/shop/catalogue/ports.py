"""Where later chapters stand on a product's public page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marketplace.base.context import Context
from marketplace.base.house import Port
from marketplace.shop.catalogue.queries import Offer


@dataclass(frozen=True)
class Panel:
    """A part of another chapter's page: a template (in the own chapter's folder) and what it shows as ``panel``."""

    template: str
    data: dict[str, Any]


LISTING_PANELS: Port[Callable[[Context, Offer], Panel | None]] = Port("listing panels")
"""The order form, what a voucher gives: each stands on the product's page in the order of the story."""
