"""Where later chapters stand on a scheme's page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from marketplace.base.context import Context
from marketplace.base.house import Port
from vouchers.schemes.models import SchemeVersion


@dataclass(frozen=True)
class NextStep:
    """What can be done with a published version: a button's words and where it leads."""

    label: str
    url: str


VERSION_STEPS: Port[Callable[[Context, SchemeVersion], NextStep | None]] = Port("scheme version steps")
"""Offered on the scheme's page for the version that is open; the first one that fits is the page's next action."""
