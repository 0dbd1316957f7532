"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.text import N_
from marketplace.procedure.publicity import api, pages
from marketplace.procedure.publicity.permissions import MATRIX
from marketplace.web import nav
from marketplace.web.nav import MenuEntry


def wire(house: House) -> None:
    """Permissions, pages, tasks."""
    house.matrix.add(MATRIX)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.MENU, MenuEntry("publicity.index", N_("公示"), order=33, group="selection"))
    house.add(nav.TASKS, pages.tasks)
