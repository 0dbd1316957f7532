"""Where later chapters stand on an order's page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marketplace.base.context import Context
from marketplace.base.house import Port
from marketplace.shop.orders.models import Order


@dataclass(frozen=True)
class Panel:
    """A part of the order's page: a template (which begins with the chapter's folder) and what it shows."""

    template: str
    data: dict[str, Any]


ORDER_PANELS: Port[Callable[[Context, Order], Panel | None]] = Port("order panels")
VOUCHER_CHOICES: Port[Callable[[Context, Any], list[dict[str, Any]]]] = Port("voucher choices")
"""For the order form: given an offer, the enterprise's vouchers that fit (id, label, available_fen, pilot_id)."""
