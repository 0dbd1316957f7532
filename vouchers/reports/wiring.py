"""What reports plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.text import N_
from marketplace.web.nav import API_BLUEPRINTS, BLUEPRINTS, MENU, MenuEntry
from vouchers.reports import api, pages, permissions


def wire(house: House) -> None:
    house.matrix.add(permissions.MATRIX)
    house.add(BLUEPRINTS, pages.bp)
    house.add(API_BLUEPRINTS, api.bp)
    house.add(MENU, MenuEntry("reports.index", N_("结算报告"), permissions.READ, order=80))
