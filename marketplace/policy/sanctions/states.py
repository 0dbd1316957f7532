"""States of a ban, and whom it can strike."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class BanState(StrEnum):
    IMPOSED = "imposed"
    LIFTED = "lifted"


class Subject(StrEnum):
    ORGANISATION = "organisation"
    REGION = "region"


BAN = Lifecycle(
    "ban",
    {"lift": (BanState.IMPOSED, BanState.LIFTED)},
    labels={BanState.IMPOSED: N_("已处理"), BanState.LIFTED: N_("已撤销")},
    tones={BanState.IMPOSED: "bad", BanState.LIFTED: "quiet"},
)

SUBJECTS = {Subject.ORGANISATION: N_("单位"), Subject.REGION: N_("地区")}
