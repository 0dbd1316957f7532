"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.policy.sanctions import api, models, pages  # noqa: F401 - models: tables of the metadata
from marketplace.policy.sanctions.permissions import MATRIX, READ
from marketplace.web import nav
from marketplace.web.nav import MenuEntry


def wire(house: House) -> None:
    """Permissions and pages."""
    house.matrix.add(MATRIX)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    officers = frozenset({Role.PROVINCE, Role.CITY, Role.AUDITOR})
    house.add(nav.MENU, MenuEntry("sanctions.index", N_("处理决定"), READ, order=85, roles=officers, group="oversight"))
