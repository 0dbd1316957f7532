"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.text import N_
from marketplace.policy.spending import api, pages
from marketplace.web import nav
from marketplace.web.nav import MenuEntry


def wire(house: House) -> None:
    """The pages on which a sheet is checked, open to everybody, and their menu entry."""
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.MENU, MenuEntry("checking.index", N_("支出表核查"), order=21, group="oversight"))
