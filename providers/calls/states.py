"""The life of a call, and the vocabulary of its conditions."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class CallState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    REVIEWING = "reviewing"
    IN_PUBLICITY = "in_publicity"
    CLEARED = "cleared"
    DECIDED = "decided"
    CANCELLED = "cancelled"


PUBLIC = frozenset(CallState) - {CallState.DRAFT}

CALL = Lifecycle(
    "call",
    {
        "publish": (CallState.DRAFT, CallState.OPEN),
        "close": (CallState.OPEN, CallState.CLOSED),
        "review": (CallState.CLOSED, CallState.REVIEWING),
        "announce": (CallState.REVIEWING, CallState.IN_PUBLICITY),
        "reopen_review": ({CallState.IN_PUBLICITY, CallState.CLEARED}, CallState.REVIEWING),
        "clear": (CallState.IN_PUBLICITY, CallState.CLEARED),
        "decide": (CallState.CLEARED, CallState.DECIDED),
        "cancel": (
            {CallState.DRAFT, CallState.OPEN, CallState.CLOSED, CallState.REVIEWING},
            CallState.CANCELLED,
        ),
    },
    labels={
        CallState.DRAFT: N_("草稿"),
        CallState.OPEN: N_("已发布"),
        CallState.CLOSED: N_("报名截止"),
        CallState.REVIEWING: N_("评审中"),
        CallState.IN_PUBLICITY: N_("公示中"),
        CallState.CLEARED: N_("公示期满"),
        CallState.DECIDED: N_("已公布结果"),
        CallState.CANCELLED: N_("已终止"),
    },
    tones={
        CallState.DRAFT: "quiet",
        CallState.OPEN: "info",
        CallState.CLOSED: "warn",
        CallState.REVIEWING: "info",
        CallState.IN_PUBLICITY: "info",
        CallState.CLEARED: "warn",
        CallState.DECIDED: "ok",
        CallState.CANCELLED: "bad",
    },
)


class ConditionKind(StrEnum):
    MACHINE = "machine"
    PERSON = "person"


class Operator(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    IS = "is"


class Fact(StrEnum):
    """What a machine can look up about an applicant. Numbers, or yes/no as 1 and 0."""

    YEARS_IN_BUSINESS = "years_in_business"
    CASES = "cases"
    CASES_IN_INDUSTRY = "cases_in_industry"
    SOFTWARE_COPYRIGHTS = "software_copyrights"
    STAFF = "staff"
    TECHNICAL_STAFF = "technical_staff"
    BAD_CREDIT = "bad_credit"
    YEARS_SINCE_REMOVAL = "years_since_removal"


YES_NO = frozenset({Fact.BAD_CREDIT})
