"""The chapters of the money, in the order of a subsidy's life."""

from __future__ import annotations

from importlib import import_module

from marketplace.base.house import House

CHAPTERS = (
    "ledger",
    "funds",
    "schemes",
    "wallets",
    "requests",
    "redemption",
    "patterns",
    "contracts",
    "adjustments",
    "invoices",
    "claims",
    "settlement",
    "certificates",
    "recoveries",
    "statements",
    "evidence",
    "reports",
    "opening",
)


def register(house: House) -> None:
    """Let every chapter plug in its permissions, pages, jobs and subscribers."""
    for chapter in CHAPTERS:
        import_module(f"{__package__}.{chapter}.wiring").wire(house)
