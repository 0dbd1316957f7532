"""States of a pilot, of its tranches and of changes of its plan."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class PilotState(StrEnum):
    NOMINATED = "nominated"
    REVIEWED = "reviewed"
    IN_PUBLICITY = "in_publicity"
    CLEARED = "cleared"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    NOT_APPROVED = "not_approved"
    WITHDRAWN = "withdrawn"


PILOT = Lifecycle(
    "pilot",
    {
        "withdraw": ({PilotState.NOMINATED, PilotState.REVIEWED}, PilotState.WITHDRAWN),
        "pass": (PilotState.NOMINATED, PilotState.REVIEWED),
        "fail": (PilotState.NOMINATED, PilotState.NOT_APPROVED),
        "publish": (PilotState.REVIEWED, PilotState.IN_PUBLICITY),
        "unpublish": (PilotState.IN_PUBLICITY, PilotState.REVIEWED),
        "clear": (PilotState.IN_PUBLICITY, PilotState.CLEARED),
        "approve": (PilotState.CLEARED, PilotState.APPROVED),
        "decline": (
            {PilotState.REVIEWED, PilotState.IN_PUBLICITY, PilotState.CLEARED},
            PilotState.NOT_APPROVED,
        ),
        "suspend": (PilotState.APPROVED, PilotState.SUSPENDED),
        "resume": (PilotState.SUSPENDED, PilotState.APPROVED),
        "close": ({PilotState.APPROVED, PilotState.SUSPENDED}, PilotState.CLOSED),
    },
    labels={
        PilotState.NOMINATED: N_("已推荐"),
        PilotState.REVIEWED: N_("评审通过"),
        PilotState.IN_PUBLICITY: N_("公示中"),
        PilotState.CLEARED: N_("公示无异议"),
        PilotState.APPROVED: N_("已批复"),
        PilotState.SUSPENDED: N_("已暂停资格"),
        PilotState.CLOSED: N_("已结束"),
        PilotState.NOT_APPROVED: N_("未入选"),
        PilotState.WITHDRAWN: N_("已撤回推荐"),
    },
    tones={
        PilotState.NOMINATED: "warn",
        PilotState.REVIEWED: "info",
        PilotState.IN_PUBLICITY: "info",
        PilotState.CLEARED: "info",
        PilotState.APPROVED: "ok",
        PilotState.SUSPENDED: "bad",
        PilotState.NOT_APPROVED: "bad",
    },
)

PUBLIC_STATES = (PilotState.APPROVED, PilotState.SUSPENDED, PilotState.CLOSED)
"""Pilots that everybody may see."""
OUT_OF_SCOPE = (PilotState.NOT_APPROVED, PilotState.WITHDRAWN)
"""Applications that came to nothing: their area may apply again."""


class TrancheState(StrEnum):
    PROPOSED = "proposed"
    RELEASED = "released"
    RECEIVED = "received"
    REFUSED = "refused"


TRANCHE = Lifecycle(
    "tranche",
    {
        "release": (TrancheState.PROPOSED, TrancheState.RELEASED),
        "refuse": (TrancheState.PROPOSED, TrancheState.REFUSED),
        "receive": (TrancheState.RELEASED, TrancheState.RECEIVED),
        "correct": (TrancheState.RECEIVED, TrancheState.RELEASED),
    },
    labels={
        TrancheState.PROPOSED: N_("已提出安排建议"),
        TrancheState.RELEASED: N_("已下达"),
        TrancheState.RECEIVED: N_("已到位"),
        TrancheState.REFUSED: N_("未予下达"),
    },
    tones={
        TrancheState.PROPOSED: "warn",
        TrancheState.RELEASED: "info",
        TrancheState.RECEIVED: "ok",
        TrancheState.REFUSED: "bad",
    },
)


class ChangeState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"


CHANGE = Lifecycle(
    "plan_change",
    {
        "approve": (ChangeState.REQUESTED, ChangeState.APPROVED),
        "reject": (ChangeState.REQUESTED, ChangeState.REJECTED),
    },
    labels={
        ChangeState.REQUESTED: N_("待省级批准"),
        ChangeState.APPROVED: N_("已批准"),
        ChangeState.REJECTED: N_("未批准"),
    },
    tones={ChangeState.REQUESTED: "warn", ChangeState.APPROVED: "ok", ChangeState.REJECTED: "bad"},
)


class Grade(StrEnum):
    """Result of the mid-term evaluation."""

    EXCELLENT = "excellent"
    GOOD = "good"
    PASS = "pass"
    FAIL = "fail"


GRADES = {
    Grade.EXCELLENT: N_("优秀"),
    Grade.GOOD: N_("良好"),
    Grade.PASS: N_("合格"),
    Grade.FAIL: N_("不合格"),
}
