"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.pilots.levels import api, pages
from marketplace.pilots.levels.permissions import MATRIX
from marketplace.web import nav


def wire(house: House) -> None:
    """Permissions and pages."""
    house.matrix.add(MATRIX)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
