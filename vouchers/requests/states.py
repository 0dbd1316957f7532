"""The life of a request for a voucher."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class RequestState(StrEnum):
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    RETURNED = "returned"
    GRANTED = "granted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Desk(StrEnum):
    """Who looks at a request."""

    PILOT = "pilot"
    CITY = "city"


class Verdict(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"


OPEN = (RequestState.SUBMITTED, RequestState.REVIEWED, RequestState.RETURNED)
"""A request in one of these is still under way: an enterprise has one for a scheme."""
DESKS = {RequestState.SUBMITTED: Desk.PILOT, RequestState.REVIEWED: Desk.CITY}
"""On whose desk a request of each state lies."""

REQUEST = Lifecycle(
    "voucher_request",
    {
        "review": (RequestState.SUBMITTED, RequestState.REVIEWED),
        "grant": (RequestState.REVIEWED, RequestState.GRANTED),
        "return": ({RequestState.SUBMITTED, RequestState.REVIEWED}, RequestState.RETURNED),
        "correct": (RequestState.RETURNED, RequestState.SUBMITTED),
        "reject": ({RequestState.SUBMITTED, RequestState.REVIEWED}, RequestState.REJECTED),
        "withdraw": (set(OPEN), RequestState.WITHDRAWN),
    },
    labels={
        RequestState.SUBMITTED: N_("待试点办公室初审"),
        RequestState.REVIEWED: N_("待设区市复审"),
        RequestState.RETURNED: N_("已退回，待补正"),
        RequestState.GRANTED: N_("已批准，券已发放"),
        RequestState.REJECTED: N_("未予批准"),
        RequestState.WITHDRAWN: N_("企业已撤回"),
    },
    tones={
        RequestState.RETURNED: "warn",
        RequestState.GRANTED: "ok",
        RequestState.REJECTED: "bad",
        RequestState.WITHDRAWN: "quiet",
    },
)
VERBS = {
    (Desk.PILOT, Verdict.APPROVED): "review",
    (Desk.CITY, Verdict.APPROVED): "grant",
    (Desk.PILOT, Verdict.RETURNED): "return",
    (Desk.CITY, Verdict.RETURNED): "return",
    (Desk.PILOT, Verdict.REJECTED): "reject",
    (Desk.CITY, Verdict.REJECTED): "reject",
}
DESK_LABELS = {Desk.PILOT: N_("试点办公室初审"), Desk.CITY: N_("设区市工信局复审")}
VERDICTS = {
    Verdict.APPROVED: N_("同意"),
    Verdict.RETURNED: N_("退回，请补正"),
    Verdict.REJECTED: N_("不予批准"),
}
MEANINGS = {
    Desk.PILOT: {
        Verdict.APPROVED: N_("转设区市工信局复审；可以建议少于申领的面额。"),
        Verdict.RETURNED: N_("企业在原表上补正，补正后重新初审。"),
        Verdict.REJECTED: N_("申领终止，企业可以另行申领。"),
    },
    Desk.CITY: {
        Verdict.APPROVED: N_("按批准的面额立即发券，占用该用途的额度。"),
        Verdict.RETURNED: N_("企业在原表上补正，补正后重新初审。"),
        Verdict.REJECTED: N_("申领终止，企业可以另行申领。"),
    },
}
"""What follows from each verdict on either desk."""
FIELDS = {
    "wanted": N_("申领面额"),
    "planned": N_("计划投入"),
    "purpose": N_("用途说明"),
    "document": N_("附件"),
}
"""What an office may write a note to."""
