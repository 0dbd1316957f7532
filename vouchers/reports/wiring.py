"""What reports plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.record.audit.words import WORDS, Words
from marketplace.web.nav import API_BLUEPRINTS, BLUEPRINTS, CARDS, MENU, MenuEntry
from vouchers.reports import api, models, permissions, scenes
from vouchers.reports.pages import lines, pilots, public, scopes  # noqa: F401 - add their routes

ACTS = Words(
    kinds={
        "signed_report": N_("已签报表"),
    },
    verbs={
        "report.signed": N_("签发报表"),
    },
)


def wire(house: House) -> None:
    house.matrix.add(permissions.MATRIX)
    house.add(WORDS, ACTS)
    house.add(BLUEPRINTS, pilots.bp)
    house.add(BLUEPRINTS, public.spending)
    house.add(API_BLUEPRINTS, api.bp)
    house.add(API_BLUEPRINTS, api.spending)
    house.add(CARDS, public.home)
    for scene in scenes.scenes():
        house.add(SCENES, scene)
    house.add(MENU, MenuEntry("spending.summaries", N_("资金公开"), order=42, group="money"))
    house.add(
        MENU,
        MenuEntry(
            "reports.index",
            N_("结算报告"),
            permissions.READ,
            order=80,
            group="oversight",
            front=frozenset({Role.FINANCE, Role.PROVINCE, Role.AUDITOR, Role.PILOT, Role.CITY}),
        ),
    )


__all__ = ["models", "wire"]
