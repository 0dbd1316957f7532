"""What orders plug into the house."""

from __future__ import annotations

from typing import Any

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.record.notices.outbox import OUTBOX_HANDLERS, Handler
from marketplace.shop.catalogue.ports import LISTING_PANELS
from marketplace.shop.orders import api, messages, models, pages, permissions  # noqa: F401 - models: tables
from marketplace.web import nav
from marketplace.web.nav import MenuEntry


def wire(house: House) -> None:
    """Permissions, pages, API, the order form on a product's page, messages to both sides."""
    house.matrix.add(permissions.MATRIX)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry(
            "orders.index",
            N_("订单"),
            permissions.READ,
            order=15,
            group="market",
            front=frozenset({Role.ENTERPRISE, Role.PROVIDER}),
        ),
    )
    house.add(nav.TASKS, pages.tasks)
    house.add(LISTING_PANELS, pages.order_panel)
    subscriptions: dict[type, Any] = {**messages.SUBSCRIPTIONS}
    for fact, listener in subscriptions.items():
        house.subscribe(fact, listener)
    house.add(OUTBOX_HANDLERS, Handler(messages.CONFIRMED, inside=messages.tell_confirmed))
