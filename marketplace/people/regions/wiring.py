"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import REFERENCE, House
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.regions import actions, api, pages
from marketplace.people.regions.permissions import CLASSIFY, MATRIX
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav

ACTS = Words(
    kinds={
        "region": N_("地区"),
    },
    verbs={
        "region.classified": N_("核定地区类别"),
        "region.zone_added": N_("增设开发区"),
    },
)


def wire(house: House) -> None:
    """Permissions, the reference data of places, and their pages."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(REFERENCE, actions.load_reference)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    entry = nav.MenuEntry(
        "regions.index", N_("地区"), CLASSIFY, order=960, roles=frozenset({Role.PROVINCE}), group="pilots"
    )
    house.add(nav.MENU, entry)
