"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.procedure.panels import api, pages
from marketplace.procedure.panels.permissions import MATRIX, READ, READ_POOL
from marketplace.web import nav
from marketplace.web.nav import MenuEntry


def wire(house: House) -> None:
    """Permissions, pages, tasks."""
    house.matrix.add(MATRIX)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry("panels.index", N_("专家评审"), READ, order=34, group="selection", front=frozenset({Role.EXPERT})),
    )
    house.add(nav.MENU, MenuEntry("panels.experts", N_("专家库"), READ_POOL, order=35, group="selection"))
    house.add(nav.TASKS, pages.tasks)
