"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.people.accounts.places import PILOTS, PilotDirectory
from marketplace.pilots.programmes import deciding, queries, scenes, telling
from marketplace.pilots.programmes.api import pilots as pilots_api
from marketplace.pilots.programmes.api import programmes as programmes_api
from marketplace.pilots.programmes.events import PilotApproved, PilotSuspended, PlanChangeApproved, TrancheReleased
from marketplace.pilots.programmes.pages import money, nomination, pilots, programmes  # noqa: F401 - add their routes
from marketplace.pilots.programmes.pages.tasks import tasks
from marketplace.pilots.programmes.permissions import MATRIX
from marketplace.procedure.publicity.events import NoticeCleared, NoticeWithdrawn, ObjectionUpheld
from marketplace.web import nav
from marketplace.web.nav import MenuEntry


def wire(house: House) -> None:
    """Permissions, pages, what follows a public notice, whom to tell, and where a pilot lies."""
    house.matrix.add(MATRIX)
    house.add(nav.BLUEPRINTS, programmes.bp)
    house.add(nav.BLUEPRINTS, pilots.bp)
    house.add(nav.API_BLUEPRINTS, programmes_api.bp)
    house.add(nav.API_BLUEPRINTS, pilots_api.bp)
    house.add(
        nav.MENU, MenuEntry("pilots.index", N_("试点"), order=30, group="pilots", front=frozenset({Role.PROVINCE}))
    )
    house.add(nav.TASKS, tasks)
    house.add(PILOTS, PilotDirectory(queries.place, queries.staffed))
    house.subscribe(NoticeCleared, deciding.on_cleared)
    house.subscribe(ObjectionUpheld, deciding.on_objection)
    house.subscribe(NoticeWithdrawn, deciding.on_withdrawn)
    house.subscribe(PilotApproved, telling.approved)
    house.subscribe(PilotSuspended, telling.suspended)
    house.subscribe(TrancheReleased, telling.released)
    house.subscribe(PlanChangeApproved, telling.change_approved)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
