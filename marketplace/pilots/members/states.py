"""States of a membership."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class MemberState(StrEnum):
    NOMINATED = "nominated"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


MEMBER = Lifecycle(
    "member",
    {
        "confirm": (MemberState.NOMINATED, MemberState.CONFIRMED),
        "withdraw": ({MemberState.NOMINATED, MemberState.CONFIRMED}, MemberState.WITHDRAWN),
    },
    labels={
        MemberState.NOMINATED: N_("待确认"),
        MemberState.CONFIRMED: N_("已入选"),
        MemberState.WITHDRAWN: N_("已退出"),
    },
    tones={MemberState.NOMINATED: "warn", MemberState.CONFIRMED: "ok", MemberState.WITHDRAWN: "quiet"},
)
