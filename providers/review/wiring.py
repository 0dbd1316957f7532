"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.stage import SCENES
from marketplace.procedure.panels.events import PanelClosed
from marketplace.procedure.publicity.events import NoticeCleared, NoticeWithdrawn, ObjectionUpheld
from marketplace.web import nav
from providers.applications.events import ApplicationSupplemented
from providers.applications.ports import APPLICATION_PANELS
from providers.calls.ports import CALL_PANELS
from providers.review import actions, api, pages, scenes
from providers.review.permissions import MATRIX


def wire(house: House) -> None:
    """Permissions, pages, and what follows from panels, notices and objections."""
    house.matrix.add(MATRIX)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.TASKS, pages.tasks)
    house.add(CALL_PANELS, pages.workbench)
    house.add(APPLICATION_PANELS, pages.checks)
    house.subscribe(ApplicationSupplemented, actions.recheck)
    house.subscribe(PanelClosed, actions.on_panel_closed)
    house.subscribe(NoticeCleared, actions.on_cleared)
    house.subscribe(NoticeWithdrawn, actions.on_withdrawn)
    house.subscribe(ObjectionUpheld, actions.on_objection)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
