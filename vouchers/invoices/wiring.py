"""What invoices plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.text import N_
from marketplace.shop.orders.ports import ORDER_PANELS, ORDER_STEPS
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from vouchers.invoices import api, messages, models, pages, permissions


def wire(house: House) -> None:
    """Permissions, pages, API, the panel and the station on an order's page, messages to both sides."""
    house.matrix.add(permissions.MATRIX)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.MENU, MenuEntry("invoices.index", N_("发票"), permissions.READ, order=52, group="money"))
    house.add(nav.TASKS, pages.tasks)
    house.add(ORDER_PANELS, pages.panel)
    house.add(ORDER_STEPS, pages.steps)
    for fact, listener in messages.SUBSCRIPTIONS.items():
        house.subscribe(fact, listener)


__all__ = ["models", "wire"]
