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


class Official(StrEnum):
    """What the tax authority's service answers about an invoice."""

    VALID = "valid"
    NOT_FOUND = "not_found"
    MISMATCH = "mismatch"
    VOID = "void"
    RED_PENDING = "red_pending"
    RED_PART = "red_part"
    RED_FLUSHED = "red_flushed"


OFFICIAL = {
    Official.VALID: N_("查验一致，状态正常"),
    Official.NOT_FOUND: N_("查无此票"),
    Official.MISMATCH: N_("与票面不一致"),
    Official.VOID: N_("已作废"),
    Official.RED_PENDING: N_("红字确认单待对方确认"),
    Official.RED_PART: N_("已部分红冲"),
    Official.RED_FLUSHED: N_("已全额红冲"),
}

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
