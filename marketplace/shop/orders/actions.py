"""The verbs of an order, in the order of its life."""

from __future__ import annotations

from marketplace.shop.orders.fulfilling import (
    accept,
    confirm,
    confirm_with_code,
    deliver,
    file_contract,
    reject_delivery,
)
from marketplace.shop.orders.placing import cancel, consent, decline, dispute, place, replace, rule_dispute, set_subsidy

__all__ = [
    "accept",
    "cancel",
    "confirm",
    "confirm_with_code",
    "consent",
    "decline",
    "deliver",
    "dispute",
    "file_contract",
    "place",
    "reject_delivery",
    "replace",
    "rule_dispute",
    "set_subsidy",
]
