"""Where later chapters stand on a contract's page."""

from __future__ import annotations

from collections.abc import Callable

from marketplace.base.context import Context
from marketplace.base.house import Port
from marketplace.shop.catalogue.ports import Panel
from vouchers.contracts.models import ContractRecord

CONTRACT_PANELS: Port[Callable[[Context, ContractRecord], Panel | None]] = Port("contract panels")
"""Parts of a confirmed contract's page: its invoices, its claims, in the order of the story."""

__all__ = ["CONTRACT_PANELS", "Panel"]
