"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.policy.sanctions import api, models, pages  # noqa: F401 - models: tables of the metadata
from marketplace.policy.sanctions.permissions import MATRIX, READ
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav
from marketplace.web.nav import MenuEntry

ACTS = Words(
    kinds={
        "ban": N_("限制措施"),
    },
    verbs={
        "ban.imposed": N_("作出限制"),
        "ban.lifted": N_("解除限制"),
    },
)


def wire(house: House) -> None:
    """Permissions and pages."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    officers = frozenset({Role.PROVINCE, Role.CITY, Role.AUDITOR})
    house.add(nav.MENU, MenuEntry("sanctions.index", N_("处理决定"), READ, order=85, roles=officers, group="oversight"))
