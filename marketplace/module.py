"""The host's chapters, in the order of the story. Each chapter that has something to plug in says so in its wiring."""

from __future__ import annotations

from importlib import import_module

from marketplace.base.house import House

CHAPTERS = (
    "record.audit",
    "record.documents",
    "record.jobs",
    "record.notices",
    "people.regions",
    "people.organisations",
    "people.accounts",
    "people.webhooks",
    "policy",
    "policy.spending",
    "policy.editions",
    "policy.findings",
    "policy.sanctions",
    "procedure.panels",
    "procedure.publicity",
    "pilots.programmes",
    "pilots.members",
    "pilots.levels",
    "shop.roster",
    "shop.catalogue",
    "shop.orders",
    "shop.acceptance",
    "oversight.grants",
    "oversight.relations",
)


def register(house: House) -> None:
    """Let every chapter plug in its permissions, pages, jobs and subscribers."""
    for chapter in CHAPTERS:
        import_module(f"{__package__}.{chapter}.wiring").wire(house)
