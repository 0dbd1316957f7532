"""States of a list, and how closely a row of it fits an order."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class GrantListState(StrEnum):
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


GRANT_LIST = Lifecycle(
    "grant_list",
    {"withdraw": (GrantListState.ACTIVE, GrantListState.WITHDRAWN)},
    labels={GrantListState.ACTIVE: N_("有效"), GrantListState.WITHDRAWN: N_("已撤回")},
    tones={GrantListState.ACTIVE: "ok", GrantListState.WITHDRAWN: "quiet"},
)


class Likeness(StrEnum):
    """How closely a row fits an order, the closest first."""

    CONTRACT = "contract"
    PROJECT = "project"
    SIMILAR = "similar"
    ENTERPRISE = "enterprise"


LIKENESS = {
    Likeness.CONTRACT: N_("企业和合同相同"),
    Likeness.PROJECT: N_("企业和项目相同"),
    Likeness.SIMILAR: N_("企业相同、项目或合同相近"),
    Likeness.ENTERPRISE: N_("企业相同、名单未写项目"),
}
TONES = {
    Likeness.CONTRACT: "bad",
    Likeness.PROJECT: "bad",
    Likeness.SIMILAR: "warn",
    Likeness.ENTERPRISE: "warn",
}
