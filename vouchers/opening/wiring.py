"""What opening entries plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.policy.findings.detectors import DETECTORS
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from vouchers.opening import api, messages, pages, permissions
from vouchers.opening.words import SUSPICIONS


def wire(house: House) -> None:
    """Permissions, pages, API, messages, and the cases that a release opens."""
    house.matrix.add(permissions.MATRIX)
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
