"""What opening entries plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.policy.findings.detectors import DETECTORS
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from vouchers.opening import api, messages, pages, permissions, scenes
from vouchers.opening.words import SUSPICIONS

ACTS = Words(
    kinds={
        "opening": N_("期初数据"),
    },
    verbs={
        "opening.uploaded": N_("上传期初数据表"),
        "opening.submitted": N_("提请核准期初数据"),
        "opening.returned": N_("退回期初数据表"),
        "opening.withdrawn": N_("撤回期初数据表"),
        "opening.released": N_("核准期初数据入账"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, API, messages, and the cases that a release opens."""
    house.matrix.add(permissions.MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry(
            "openings.index",
            N_("期初数据"),
            permissions.READ,
            order=61,
            group="money",
            front=frozenset({Role.FINANCE}),
        ),
    )
    house.add(nav.TASKS, pages.tasks)
    for suspicion in SUSPICIONS:
        house.add(DETECTORS, suspicion)
    for fact, listener in messages.SUBSCRIPTIONS.items():
        house.subscribe(fact, listener)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
