"""What statements plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.text import N_
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from vouchers.statements import api, pages, permissions


def wire(house: House) -> None:
    """The permission, the page, the API and the menu."""
    house.matrix.add(permissions.MATRIX)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.MENU, MenuEntry("statements.index", N_("对账单"), permissions.READ, order=64, group="money"))
