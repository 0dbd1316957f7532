"""What acceptance plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.webhooks.topics import offer
from marketplace.record.audit.words import WORDS, Words
from marketplace.shop.acceptance import api, messages, models, pages, permissions, topics  # noqa: F401 - models: tables
from marketplace.shop.acceptance.events import RenovationAccepted, RenovationNotAccepted
from marketplace.shop.orders.ports import ORDER_PANELS, ORDER_STEPS
from marketplace.web import nav
from marketplace.web.nav import MenuEntry

ACTS = Words(
    kinds={
        "acceptance": N_("验收"),
    },
    verbs={
        "acceptance.judged": N_("作出验收结论"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, API, the panel and the station on an order's page, messages to both sides."""
    house.matrix.add(permissions.MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    officers = frozenset({Role.CITY, Role.PILOT, Role.PROVINCE, Role.AUDITOR})
    house.add(
        nav.MENU,
        MenuEntry(
            "acceptance.index",
            N_("验收"),
            permissions.READ,
            order=19,
            roles=officers,
            group="market",
            front=frozenset({Role.CITY}),
        ),
    )
    house.add(nav.TASKS, pages.tasks)
    house.add(ORDER_PANELS, pages.panel)
    house.add(ORDER_STEPS, pages.steps)
    house.subscribe(RenovationAccepted, messages.accepted)
    house.subscribe(RenovationNotAccepted, messages.not_accepted)
    offer(house, *topics.TOPICS)
