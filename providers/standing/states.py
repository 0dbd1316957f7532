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
EFFECTS = {
    Measure.WARN: N_("记入名录，仍可承接新业务。"),
    Measure.RECTIFY: N_("在期限内整改，期满由经办人核查；期间仍可承接新业务。"),
    Measure.SUSPEND: N_("不能承接新业务，只能完成已在进行的项目。"),
    Measure.LIFT: N_("恢复为在库。"),
    Measure.REMOVE: N_("移出名录，不能撤销；须重新参加遴选。"),
}
"""What a measure does, beside its choice."""
