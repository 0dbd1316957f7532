"""States of an invoice. Checks give codes, see `rules`."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class InvoiceState(StrEnum):
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    HELD = "held"
    WITHDRAWN = "withdrawn"


INVOICE = Lifecycle(
    "invoice",
    {
        "confirm": (InvoiceState.SUBMITTED, InvoiceState.CONFIRMED),
        "hold": ({InvoiceState.SUBMITTED, InvoiceState.CONFIRMED}, InvoiceState.HELD),
        "release": (InvoiceState.HELD, InvoiceState.SUBMITTED),
        "withdraw": ({InvoiceState.SUBMITTED, InvoiceState.HELD}, InvoiceState.WITHDRAWN),
    },
    labels={
        InvoiceState.SUBMITTED: N_("待企业确认"),
        InvoiceState.CONFIRMED: N_("企业已确认"),
        InvoiceState.HELD: N_("暂缓"),
        InvoiceState.WITHDRAWN: N_("已撤回"),
    },
    tones={
        InvoiceState.CONFIRMED: "ok",
        InvoiceState.SUBMITTED: "warn",
        InvoiceState.HELD: "bad",
        InvoiceState.WITHDRAWN: "quiet",
    },
)
