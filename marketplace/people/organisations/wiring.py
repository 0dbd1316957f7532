"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.organisations import api
from marketplace.people.organisations.pages import bank, desk, ownership, registry, upkeep
from marketplace.people.organisations.permissions import MATRIX, READ, READ_CASE
from marketplace.web import nav

FIRMS = frozenset({Role.ENTERPRISE, Role.PROVIDER})


def wire(house: House) -> None:
    """Permissions and pages of organisations."""
    house.matrix.add(MATRIX)
    for blueprint in (registry.bp, upkeep.bp, bank.bp, ownership.bp):
        house.add(nav.BLUEPRINTS, blueprint)
    house.add(nav.API_BLUEPRINTS, api.bp)
    officers = frozenset(set(Role) - FIRMS)
    house.add(
        nav.MENU, nav.MenuEntry("organisations.mine", N_("我的单位"), READ, order=30, roles=FIRMS, group="pilots")
    )
    house.add(
        nav.MENU, nav.MenuEntry("organisations.index", N_("单位"), READ, order=30, roles=officers, group="pilots")
    )
    house.add(nav.MENU, nav.MenuEntry("ownership.index", N_("归属争议"), READ_CASE, order=86, group="pilots"))
    house.add(nav.TASKS, desk.tasks)
    house.add(nav.SEARCH, nav.SearchSource(N_("单位"), desk.find))
