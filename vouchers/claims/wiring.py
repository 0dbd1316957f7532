"""What claims plug into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.text import N_
from vouchers.claims import messages, models, outcome, permissions
from vouchers.invoices.events import InvoiceWithdrawn


def wire(house: House) -> None:
    """Permissions, messages, and the clock that reminds."""
    house.matrix.add(permissions.MATRIX)
    for fact, listener in messages.SUBSCRIPTIONS.items():
        house.subscribe(fact, listener)
    house.subscribe(InvoiceWithdrawn, outcome.keep_papers)
    house.add(JOBS, Job("claims.remind", N_("提醒超期的兑付申请"), outcome.remind, at="08:30"))


__all__ = ["models", "wire"]
