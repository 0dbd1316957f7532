"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from providers.review.events import SelectionDecided
from providers.standing import actions, api, pages, scenes
from providers.standing.permissions import MATRIX, READ

ACTS = Words(
    kinds={
        "standing_measure": N_("名录处理"),
    },
    verbs={
        "standing.warn": N_("对服务商警告"),
        "standing.rectify": N_("要求服务商整改"),
        "standing.suspend": N_("暂停服务商承接业务"),
        "standing.lift": N_("解除对服务商的处理"),
        "standing.remove": N_("将服务商移出名录"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, and the list written after a decision."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.MENU, MenuEntry("standing.index", N_("名录管理"), READ, order=36, group="selection"))
    house.add(nav.TASKS, pages.tasks)
    house.subscribe(SelectionDecided, actions.on_decided)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
