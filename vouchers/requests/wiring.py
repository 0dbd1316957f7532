"""What requests for vouchers plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from marketplace.web.nav import MenuEntry
from vouchers.requests import api, messages, models, pages, permissions, scenes
from vouchers.schemes.ports import VERSION_STEPS

ACTS = Words(
    kinds={
        "voucher_request": N_("服务券申领"),
    },
    verbs={
        "voucher_request.submitted": N_("申领服务券"),
        "voucher_request.corrected": N_("补正服务券申领"),
        "voucher_request.withdrawn": N_("撤回服务券申领"),
        "voucher_request.reviewed": N_("审核服务券申领"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, API, the menu, tasks, the step on a scheme's page, messages, scenes of the demo."""
    house.matrix.add(permissions.MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry(
            "requests.index",
            N_("服务券申领"),
            permissions.READ,
            order=38,
            group="money",
            front=frozenset({Role.PILOT}),
        ),
    )
    house.add(nav.TASKS, pages.tasks)
    house.add(VERSION_STEPS, pages.request_step)
    for fact, listener in messages.SUBSCRIPTIONS.items():
        house.subscribe(fact, listener)
    for scene in scenes.scenes():
        house.add(SCENES, scene)


__all__ = ["models", "wire"]
