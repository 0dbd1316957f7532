"""What year end and corrections plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from vouchers.adjustments import api, messages, models, pages, permissions, scenes

ACTS = Words(
    kinds={
        "adjustment": N_("年终与更正事项"),
    },
    verbs={
        "adjustment.proposed": N_("提出年终或更正事项"),
        "adjustment.booked": N_("复核入账"),
        "adjustment.declined": N_("不予入账"),
        "adjustment.withdrawn": N_("撤回年终或更正事项"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, API, the menu, tasks of the second person, messages, scenes of the demo."""
    house.matrix.add(permissions.MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry("adjustments.index", N_("年终与更正"), permissions.READ, order=64, group="money"),
    )
    house.add(nav.TASKS, pages.tasks)
    for fact, listener in messages.SUBSCRIPTIONS.items():
        house.subscribe(fact, listener)
    for scene in scenes.scenes():
        house.add(SCENES, scene)


__all__ = ["models", "wire"]
