"""Where the pages of an order or a contract are, for the pages of its invoices and claims."""

from __future__ import annotations

from flask import url_for

from marketplace.base.text import N_
from vouchers.contracts.models import ContractRecord
from vouchers.invoices.matters import About, Matter


def of(matter: Matter) -> str:
    """The page of an order or a contract."""
    if isinstance(matter, ContractRecord):
        return url_for("contracts.show", contract_id=matter.id)
    return url_for("orders.show", order_id=matter.id)


def of_row(row: About) -> str:
    """The page of what a row is about."""
    if row.contract_id is not None:
        return url_for("contracts.show", contract_id=row.contract_id)
    return url_for("orders.show", order_id=row.order_id)


def trail(matter: Matter) -> list[tuple[str, str]]:
    """The way to it, for a page beneath it; the labels are still to be said."""
    if isinstance(matter, ContractRecord):
        return [(N_("直接支出合同"), url_for("contracts.index")), (matter.number, of(matter))]
    return [(N_("订单"), url_for("orders.index")), (matter.number, of(matter))]
