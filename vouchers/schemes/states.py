"""States and choices of a scheme."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class VersionState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


VERSION = Lifecycle(
    "scheme_version",
    {
        "publish": (VersionState.DRAFT, VersionState.PUBLISHED),
        "close": (VersionState.PUBLISHED, VersionState.CLOSED),
    },
    labels={
        VersionState.DRAFT: N_("草稿"),
        VersionState.PUBLISHED: N_("已发布"),
        VersionState.CLOSED: N_("已停止发券"),
    },
    tones={VersionState.PUBLISHED: "ok", VersionState.CLOSED: "quiet"},
)


class Basis(StrEnum):
    """Whether tax counts into what is subsidised."""

    NET = "net"
    GROSS = "gross"


BASES = {Basis.NET: N_("不含税金额"), Basis.GROSS: N_("价税合计")}


class OnShort(StrEnum):
    """What happens when the voucher or a quota does not cover the computed subsidy."""

    PARTIAL = "partial"
    REFUSE = "refuse"


ON_SHORT = {OnShort.PARTIAL: N_("按余额给付"), OnShort.REFUSE: N_("不予受理")}
