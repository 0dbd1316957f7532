"""States of persons and invitations."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class PersonState(StrEnum):
    ACTIVE = "active"
    BLOCKED = "blocked"


class InvitationState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


PERSON = Lifecycle(
    "person",
    {
        "block": (PersonState.ACTIVE, PersonState.BLOCKED),
        "unblock": (PersonState.BLOCKED, PersonState.ACTIVE),
    },
    labels={PersonState.ACTIVE: N_("正常"), PersonState.BLOCKED: N_("已停用")},
    tones={PersonState.ACTIVE: "ok", PersonState.BLOCKED: "bad"},
)

INVITATION = Lifecycle(
    "invitation",
    {
        "accept": (InvitationState.OPEN, InvitationState.ACCEPTED),
        "withdraw": (InvitationState.OPEN, InvitationState.WITHDRAWN),
    },
    labels={
        InvitationState.OPEN: N_("待接受"),
        InvitationState.ACCEPTED: N_("已接受"),
        InvitationState.WITHDRAWN: N_("已撤回"),
    },
    tones={InvitationState.OPEN: "info", InvitationState.ACCEPTED: "ok", InvitationState.WITHDRAWN: "quiet"},
)
