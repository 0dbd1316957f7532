"""Where later chapters stand on a claim's page."""

from __future__ import annotations

from collections.abc import Callable

from marketplace.base.context import Context
from marketplace.base.house import Port
from marketplace.shop.catalogue.ports import Panel
from vouchers.claims.queries import Filed

CLAIM_PANELS: Port[Callable[[Context, Filed], Panel | None]] = Port("claim panels")
"""Parts of a claim's page that later chapters bring."""

__all__ = ["CLAIM_PANELS", "Panel"]
