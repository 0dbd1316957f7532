"""The chapters of selection, in the order of its steps."""

from __future__ import annotations

from importlib import import_module

from marketplace.base.house import House

CHAPTERS = ("calls", "applications", "review", "standing")


def register(house: House) -> None:
    """Let every chapter plug in its permissions, pages, jobs and subscribers."""
    for chapter in CHAPTERS:
        import_module(f"{__package__}.{chapter}.wiring").wire(house)
