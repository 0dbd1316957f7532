"""Kinds of measures."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.text import N_


class Measure(StrEnum):
    WARN = "warn"
    RECTIFY = "rectify"
    SUSPEND = "suspend"
    LIFT = "lift"
    REMOVE = "remove"


LABELS = {
    Measure.WARN: N_("警告"),
    Measure.RECTIFY: N_("限期整改"),
    Measure.SUSPEND: N_("暂停承接新业务"),
    Measure.LIFT: N_("解除"),
    Measure.REMOVE: N_("移出名录"),
}
