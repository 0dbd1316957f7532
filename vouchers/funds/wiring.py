"""What funds plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.pilots.programmes.events import PilotApproved, TrancheReceived
from marketplace.web.nav import API_BLUEPRINTS, BLUEPRINTS, MENU, MenuEntry
from vouchers.funds import actions, api, pages, permissions


def wire(house: House) -> None:
    house.matrix.add(permissions.MATRIX)
    house.add(BLUEPRINTS, pages.bp)
    house.add(API_BLUEPRINTS, api.bp)
    house.add(
        MENU,
        MenuEntry(
            "funds.index", N_("资金"), permissions.READ, order=60, group="money", front=frozenset({Role.FINANCE})
        ),
    )
    house.subscribe(PilotApproved, actions.book_award)
    house.subscribe(TrancheReceived, actions.book_receipt)
