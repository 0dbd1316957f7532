"""States of a finding and what may be decided about it."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class FindingState(StrEnum):
    OPEN = "open"
    DECIDED = "decided"


class Severity(StrEnum):
    FAIL = "fail"
    WARN = "warn"


class Decision(StrEnum):
    """What a person concluded: a case is real, explained, or sent on for rectification."""

    CONFIRMED = "confirmed"
    RECTIFY = "rectify"
    DISMISSED = "dismissed"


FINDING = Lifecycle(
    "finding",
    {"decide": (FindingState.OPEN, FindingState.DECIDED)},
    labels={FindingState.OPEN: N_("待核查"), FindingState.DECIDED: N_("已核查")},
    tones={FindingState.OPEN: "warn", FindingState.DECIDED: "ok"},
)

SEVERITIES = {Severity.FAIL: N_("违反规定"), Severity.WARN: N_("需要关注")}
DECISIONS = {
    Decision.CONFIRMED: N_("属实"),
    Decision.RECTIFY: N_("责令整改"),
    Decision.DISMISSED: N_("排除"),
}
