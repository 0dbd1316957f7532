"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.text import N_
from marketplace.pilots.levels import api, pages
from marketplace.pilots.levels.permissions import MATRIX
from marketplace.record.audit.words import WORDS, Words
from marketplace.web import nav

ACTS = Words(
    kinds={
        "level_record": N_("水平评定"),
    },
    verbs={
        "level.recorded": N_("登记水平评定"),
    },
)


def wire(house: House) -> None:
    """Permissions and pages."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
