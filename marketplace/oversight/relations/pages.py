"""On an order's page: what is suspected of it and of its two sides, for those who may see findings."""

from __future__ import annotations

from marketplace.base.context import Context
from marketplace.policy.findings import queries as findings
from marketplace.policy.findings.permissions import READ
from marketplace.policy.findings.telling import sentence
from marketplace.shop.catalogue.ports import Panel
from marketplace.shop.orders.models import Order


def panel(ctx: Context, order: Order) -> Panel | None:
    """Cases about the order, its enterprise and its provider that nobody has dismissed."""
    if not ctx.may(READ, order):
        return None
    sides = [("organisation", order.enterprise_id), ("organisation", order.provider_id)]
    found = findings.around(ctx, [("order", order.id), *sides])
    if not found:
        return None
    return Panel("relations/on_order.html", {"findings": found, "sentence": sentence})
