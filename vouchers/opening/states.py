"""The way of an opening: prepared by one person, released by another."""

from __future__ import annotations

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_
from vouchers.ledger.states import OpeningState

OPENING = Lifecycle(
    "opening",
    {
        "submit": ({OpeningState.DRAFT, OpeningState.RETURNED}, OpeningState.SUBMITTED),
        "send_back": (OpeningState.SUBMITTED, OpeningState.RETURNED),
        "release": (OpeningState.SUBMITTED, OpeningState.RELEASED),
        "withdraw": ({OpeningState.DRAFT, OpeningState.SUBMITTED, OpeningState.RETURNED}, OpeningState.WITHDRAWN),
    },
    labels={
        OpeningState.DRAFT: N_("已上传，待提交"),
        OpeningState.SUBMITTED: N_("已提交，待另一人复核"),
        OpeningState.RETURNED: N_("已退回，待更正"),
        OpeningState.RELEASED: N_("已复核入账"),
        OpeningState.WITHDRAWN: N_("已撤回"),
    },
    tones={
        OpeningState.DRAFT: "warn",
        OpeningState.SUBMITTED: "warn",
        OpeningState.RETURNED: "bad",
        OpeningState.RELEASED: "ok",
        OpeningState.WITHDRAWN: "quiet",
    },
)
