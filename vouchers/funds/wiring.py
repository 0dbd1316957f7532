"""What funds plug into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.pilots.programmes.events import PilotApproved, TrancheReceived
from vouchers.funds import actions, permissions


def wire(house: House) -> None:
    house.matrix.add(permissions.MATRIX)
    house.subscribe(PilotApproved, actions.book_award)
    house.subscribe(TrancheReceived, actions.book_receipt)
