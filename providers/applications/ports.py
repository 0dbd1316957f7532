"""Where later chapters stand on an application's page."""

from __future__ import annotations

from collections.abc import Callable

from marketplace.base.context import Context
from marketplace.base.house import Port
from marketplace.shop.catalogue.ports import Panel
from providers.applications.models import Application

APPLICATION_PANELS: Port[Callable[[Context, Application], Panel | None]] = Port("application panels")
"""Parts of an application's page: the condition check, the result."""

__all__ = ["APPLICATION_PANELS", "Panel"]
