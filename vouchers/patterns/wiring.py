"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.policy.findings.detectors import DETECTORS
from vouchers.patterns.detectors import RULES


def wire(house: House) -> None:
    """Four rules that look each night."""
    for rule in RULES:
        house.add(DETECTORS, rule)
