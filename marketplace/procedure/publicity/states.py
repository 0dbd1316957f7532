"""The life of a public notice and of an objection to it."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class NoticeState(StrEnum):
    OPEN = "open"
    OBJECTED = "objected"
    CLEARED = "cleared"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"


RUNNING = frozenset({NoticeState.OPEN, NoticeState.OBJECTED})

NOTICE = Lifecycle(
    "public_notice",
    {
        "object": (RUNNING, NoticeState.OBJECTED),
        "resume": (NoticeState.OBJECTED, NoticeState.OPEN),
        "clear": (NoticeState.OPEN, NoticeState.CLEARED),
        "stop": (NoticeState.OBJECTED, NoticeState.STOPPED),
        "withdraw": (RUNNING, NoticeState.WITHDRAWN),
    },
    labels={
        NoticeState.OPEN: N_("公示中"),
        NoticeState.OBJECTED: N_("异议处理中"),
        NoticeState.CLEARED: N_("公示无异议"),
        NoticeState.STOPPED: N_("异议成立，公示终止"),
        NoticeState.WITHDRAWN: N_("已撤回"),
    },
    tones={
        NoticeState.OPEN: "info",
        NoticeState.OBJECTED: "warn",
        NoticeState.CLEARED: "ok",
        NoticeState.STOPPED: "bad",
        NoticeState.WITHDRAWN: "quiet",
    },
)


class ObjectionState(StrEnum):
    OPEN = "open"
    DISMISSED = "dismissed"
    UPHELD = "upheld"


OBJECTION = Lifecycle(
    "objection",
    {
        "dismiss": (ObjectionState.OPEN, ObjectionState.DISMISSED),
        "uphold": (ObjectionState.OPEN, ObjectionState.UPHELD),
    },
    labels={
        ObjectionState.OPEN: N_("待答复"),
        ObjectionState.DISMISSED: N_("不成立"),
        ObjectionState.UPHELD: N_("成立"),
    },
    tones={ObjectionState.OPEN: "warn", ObjectionState.DISMISSED: "quiet", ObjectionState.UPHELD: "bad"},
)
