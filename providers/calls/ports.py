"""Where later chapters stand on a call's page."""

from __future__ import annotations

from collections.abc import Callable

from marketplace.base.context import Context
from marketplace.base.house import Port
from marketplace.shop.catalogue.ports import Panel
from providers.calls.models import Call

CALL_PANELS: Port[Callable[[Context, Call], Panel | None]] = Port("call panels")
"""Parts of a call's page: the way to apply, the review, the list that came of it."""

__all__ = ["CALL_PANELS", "Panel"]
