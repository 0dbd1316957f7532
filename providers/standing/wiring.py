"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from providers.review.events import SelectionDecided
from providers.standing import actions, api, pages, scenes
from providers.standing.permissions import MATRIX, READ


def wire(house: House) -> None:
    """Permissions, pages, and the list written after a decision."""
    house.matrix.add(MATRIX)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.MENU, MenuEntry("standing.index", N_("名录管理"), READ, order=36, group="selection"))
    house.add(nav.TASKS, pages.tasks)
    house.subscribe(SelectionDecided, actions.on_decided)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
