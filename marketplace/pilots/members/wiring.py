"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.people.webhooks.topics import offer
from marketplace.pilots.members import api, pages, scenes, telling, topics
from marketplace.pilots.members.events import MemberConfirmed, MemberWithdrawn
from marketplace.pilots.members.permissions import MATRIX, READ
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from marketplace.web.nav import MenuEntry

ACTS = Words(
    kinds={
        "member": N_("试点企业"),
    },
    verbs={
        "member.nominated": N_("提名试点企业"),
        "member.confirmed": N_("确认试点企业"),
        "member.withdrawn": N_("撤出试点企业"),
        "member.sheet_nominated": N_("按名单批量提名企业"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, nominations that wait, and telling the enterprises."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry("members.index", N_("改造企业"), READ, order=32, group="pilots", front=frozenset({Role.PILOT})),
    )
    house.add(nav.TASKS, pages.tasks)
    house.subscribe(MemberConfirmed, telling.confirmed)
    house.subscribe(MemberWithdrawn, telling.withdrawn)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
    offer(house, *topics.TOPICS)
