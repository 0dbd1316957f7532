"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.oversight.relations import pages
from marketplace.oversight.relations.detectors import RULES
from marketplace.policy.findings.detectors import DETECTORS
from marketplace.shop.orders.ports import ORDER_PANELS


def wire(house: House) -> None:
    """Three rules that look each night, and what is suspected on an order's page."""
    house.add(ORDER_PANELS, pages.panel)
    for rule in RULES:
        house.add(DETECTORS, rule)
