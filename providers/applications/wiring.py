"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from providers.applications import actions, api, pages, scenes
from providers.applications.permissions import KEEP_DOSSIER, MATRIX, READ
from providers.calls.events import CallCancelled
from providers.calls.ports import CALL_PANELS


def wire(house: House) -> None:
    """Permissions, pages, and word to applicants when a call ends without a result."""
    house.matrix.add(MATRIX)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.MENU, MenuEntry("applications.dossier", N_("申报资料"), KEEP_DOSSIER, order=31, group="selection"))
    house.add(
        nav.MENU,
        MenuEntry("applications.index", N_("申报"), READ, order=32, group="selection", front=frozenset({Role.CITY})),
    )
    house.add(nav.TASKS, pages.tasks)
    house.add(CALL_PANELS, pages.way_to_apply)
    house.subscribe(CallCancelled, actions.tell_cancelled)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
