"""The verbs of an order, in the order of its life."""

from __future__ import annotations

from marketplace.shop.orders.fulfilling import accept, confirm, deliver, file_contract, reject_delivery
from marketplace.shop.orders.placing import cancel, consent, decline, dispute, place, set_subsidy

__all__ = [
    "accept",
    "cancel",
    "confirm",
    "consent",
    "decline",
    "deliver",
    "dispute",
    "file_contract",
    "place",
    "reject_delivery",
    "set_subsidy",
]
