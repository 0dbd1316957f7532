"""The life of a panel and of a seat on it."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class PanelState(StrEnum):
    DRAWN = "drawn"
    SCORING = "scoring"
    CLOSED = "closed"


PANEL = Lifecycle(
    "panel",
    {
        "score": ({PanelState.DRAWN, PanelState.SCORING}, PanelState.SCORING),
        "close": (PanelState.SCORING, PanelState.CLOSED),
    },
    labels={
        PanelState.DRAWN: N_("已抽取"),
        PanelState.SCORING: N_("评分中"),
        PanelState.CLOSED: N_("评分结束"),
    },
    tones={PanelState.DRAWN: "info", PanelState.SCORING: "info", PanelState.CLOSED: "ok"},
)


class SeatState(StrEnum):
    DRAWN = "drawn"
    CLEAR = "clear"
    CONFLICTED = "conflicted"
    EXCUSED = "excused"


SITTING = frozenset({SeatState.DRAWN, SeatState.CLEAR})
"""Seats that count towards the size of the panel."""

SEAT = Lifecycle(
    "panel_seat",
    {
        "declare_none": (SeatState.DRAWN, SeatState.CLEAR),
        "declare_conflict": (SITTING, SeatState.CONFLICTED),
        "excuse": (SITTING, SeatState.EXCUSED),
    },
    labels={
        SeatState.DRAWN: N_("待声明回避"),
        SeatState.CLEAR: N_("无需回避"),
        SeatState.CONFLICTED: N_("已回避"),
        SeatState.EXCUSED: N_("已更换"),
    },
    tones={
        SeatState.DRAWN: "warn",
        SeatState.CLEAR: "ok",
        SeatState.CONFLICTED: "quiet",
        SeatState.EXCUSED: "quiet",
    },
)
