"""What contracts of direct expenditure plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.people.webhooks.topics import offer
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from vouchers.contracts import api, messages, models, pages, permissions, scenes, topics

ACTS = Words(
    kinds={
        "contract_record": N_("直接支出合同"),
    },
    verbs={
        "contract.recorded": N_("登记直接支出合同"),
        "contract.confirmed": N_("核准直接支出合同"),
        "contract.declined": N_("退回直接支出合同"),
        "contract.withdrawn": N_("撤回直接支出合同"),
        "contract.part_accepted": N_("验收合同分项"),
        "contract.reduced": N_("核减合同金额"),
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
        MenuEntry(
            "contracts.index",
            N_("直接支出合同"),
            permissions.READ,
            order=45,
            group="money",
            front=frozenset({Role.PILOT, Role.FINANCE}),
        ),
    )
    house.add(nav.TASKS, pages.tasks)
    for fact, listener in messages.SUBSCRIPTIONS.items():
        house.subscribe(fact, listener)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
    offer(house, *topics.TOPICS)


__all__ = ["models", "wire"]
