"""What invoices plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.text import N_
from marketplace.people.webhooks.topics import offer
from marketplace.record.audit.words import WORDS, Words
from marketplace.shop.orders.ports import ORDER_PANELS, ORDER_STEPS
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from vouchers.contracts.ports import CONTRACT_PANELS
from vouchers.invoices import api, messages, models, pages, permissions, topics

ACTS = Words(
    kinds={
        "invoice": N_("发票记录"),
    },
    verbs={
        "invoice.submitted": N_("报送发票"),
        "invoice.confirmed": N_("核对确认发票"),
        "invoice.held": N_("暂缓认可发票"),
        "invoice.released": N_("解除发票暂缓"),
        "invoice.withdrawn": N_("收回发票"),
        "invoice.checked": N_("登记发票查验"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, API, the panel and the station on an order's page, messages to both sides."""
    house.matrix.add(permissions.MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.MENU, MenuEntry("invoices.index", N_("发票"), permissions.READ, order=52, group="money"))
    house.add(nav.TASKS, pages.tasks)
    house.add(ORDER_PANELS, pages.panel)
    house.add(ORDER_STEPS, pages.steps)
    house.add(CONTRACT_PANELS, pages.contract_panel)
    for fact, listener in messages.SUBSCRIPTIONS.items():
        house.subscribe(fact, listener)
    offer(house, *topics.TOPICS)


__all__ = ["models", "wire"]
