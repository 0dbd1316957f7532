"""What evidence plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.web import nav
from vouchers.claims.ports import CLAIM_PANELS
from vouchers.evidence import api, pages, permissions


def wire(house: House) -> None:
    """The permission, the download by page and API, and the way to it on a claim's page."""
    house.matrix.add(permissions.MATRIX)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(CLAIM_PANELS, pages.panel)
