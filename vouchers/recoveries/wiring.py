"""What recoveries plug into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.people.webhooks.topics import offer
from marketplace.policy.findings.detectors import DETECTORS, Detector
from marketplace.policy.findings.states import Severity
from marketplace.record.audit.words import WORDS, Words
from marketplace.shop.orders.ports import ORDER_PANELS
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from vouchers.contracts.ports import CONTRACT_PANELS
from vouchers.recoveries import actions, api, messages, models, pages, permissions, scenes, topics

ACTS = Words(
    kinds={
        "recovery": N_("追回"),
    },
    verbs={
        "recovery.opened": N_("发起追回"),
        "recovery.answered": N_("对追回作出说明"),
        "recovery.demanded": N_("复核追回，要求退款"),
        "recovery.dropped": N_("决定不予追回"),
        "recovery.received": N_("登记退款到账"),
    },
)
LATE = Detector(
    actions.OVERDUE,
    N_("追回逾期未退"),
    "六(二)",
    Severity.FAIL,
    evidence={"number": N_("追回编号"), "day": N_("退款期限")},
)


def wire(house: House) -> None:
    """Permissions, pages, API, the menu, tasks, messages, the panels on orders and contracts, the job that looks."""
    house.matrix.add(permissions.MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry(
            "recoveries.index",
            N_("追回"),
            permissions.READ,
            order=63,
            group="money",
            front=frozenset({Role.FINANCE}),
        ),
    )
    house.add(nav.TASKS, pages.tasks)
    house.add(ORDER_PANELS, pages.panel)
    house.add(CONTRACT_PANELS, pages.contract_panel)
    for fact, listener in messages.SUBSCRIPTIONS.items():
        house.subscribe(fact, listener)
    house.add(DETECTORS, LATE)
    house.add(JOBS, Job("recoveries.late", N_("上报逾期未退的追回"), actions.escalate, at="08:40"))
    for scene in scenes.scenes():
        house.add(SCENES, scene)
    offer(house, *topics.TOPICS)


__all__ = ["models", "wire"]
