"""What redemption plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.record.audit.words import WORDS, Words
from marketplace.shop.orders.permissions import FULFIL
from marketplace.shop.orders.ports import ORDER_PANELS
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from vouchers.redemption import api, models, pages  # noqa: F401 - models: tables

ACTS = Words(
    kinds={},
    verbs={
        "order.code_shown": N_("出示核销码"),
        "order.confirmation_asked": N_("请企业确认交付"),
    },
)


def wire(house: House) -> None:
    """Pages, API, the menu and the panel on orders; who may is said by the orders."""
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry(
            "redemption.scan", N_("扫码核销"), FULFIL, order=16, group="market", front=frozenset({Role.PROVIDER})
        ),
    )
    house.add(ORDER_PANELS, pages.panel)
