"""Where later chapters stand on an order's page and form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marketplace.base.context import Context
from marketplace.base.house import Port
from marketplace.base.text import Text
from marketplace.shop.catalogue.ports import Panel
from marketplace.shop.catalogue.queries import Offer
from marketplace.shop.orders.models import Order

ORDER_PANELS: Port[Callable[[Context, Order], Panel | None]] = Port("order panels")
"""Parts of an order's page that later chapters bring: the voucher, the acceptance, invoices, the claim."""
VOUCHER_CHOICES: Port[Callable[[Context, Offer], list[dict[str, Any]]]] = Port("voucher choices")
"""For the order form: given an offer, the enterprise's vouchers that fit (id, label, available_fen, pilot_id, mode).
The label says number, amount left and last day."""


@dataclass(frozen=True)
class Step:
    """One station on an order's way; `at` is None while it lies ahead, `state` done, now, next or bad."""

    label: Text | str
    state: str
    at: datetime | None = None
    who: Text | str = ""


ORDER_STEPS: Port[Callable[[Context, Order], Iterable[Step]]] = Port("order steps")
"""Stations after the enterprise's confirmation: acceptance, payment. They follow in the order of the story."""


__all__ = ["ORDER_PANELS", "ORDER_STEPS", "VOUCHER_CHOICES", "Offer", "Panel", "Step"]
