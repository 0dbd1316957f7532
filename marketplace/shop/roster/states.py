"""Classes of providers, and the life of an entry on the list."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class ServiceClass(StrEnum):
    """What a provider was chosen for."""

    INTEGRATED = "integrated"
    PRODUCT = "product"
    CHAIN_LEADER = "chain_leader"


CLASS_LABELS = {
    ServiceClass.INTEGRATED: N_("综合集成服务商"),
    ServiceClass.PRODUCT: N_("“小快轻准”产品服务商"),
    ServiceClass.CHAIN_LEADER: N_("链主企业"),
}


class RosterState(StrEnum):
    ACTIVE = "active"
    WARNED = "warned"
    RECTIFYING = "rectifying"
    SUSPENDED = "suspended"
    REMOVED = "removed"
    ENDED = "ended"


LIVE = frozenset({RosterState.ACTIVE, RosterState.WARNED, RosterState.RECTIFYING, RosterState.SUSPENDED})
"""States in which an entry still stands on the list."""
ORDERABLE = LIVE - {RosterState.SUSPENDED}
"""States in which a provider may take new orders."""

LIFECYCLE = Lifecycle(
    "roster_entry",
    {
        "warn": ({RosterState.ACTIVE, RosterState.WARNED}, RosterState.WARNED),
        "rectify": ({RosterState.ACTIVE, RosterState.WARNED}, RosterState.RECTIFYING),
        "suspend": (ORDERABLE, RosterState.SUSPENDED),
        "lift": ({RosterState.WARNED, RosterState.RECTIFYING, RosterState.SUSPENDED}, RosterState.ACTIVE),
        "remove": (LIVE, RosterState.REMOVED),
        "end": (LIVE, RosterState.ENDED),
    },
    labels={
        RosterState.ACTIVE: N_("在库"),
        RosterState.WARNED: N_("警告"),
        RosterState.RECTIFYING: N_("限期整改"),
        RosterState.SUSPENDED: N_("暂停"),
        RosterState.REMOVED: N_("移出"),
        RosterState.ENDED: N_("到期"),
    },
    tones={
        RosterState.ACTIVE: "ok",
        RosterState.WARNED: "warn",
        RosterState.RECTIFYING: "warn",
        RosterState.SUSPENDED: "bad",
        RosterState.REMOVED: "bad",
        RosterState.ENDED: "quiet",
    },
)
