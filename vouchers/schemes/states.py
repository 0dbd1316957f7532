"""States and choices of a scheme."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_
from marketplace.shop.orders.states import Mode


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
BASIS_WORDS = {
    Basis.NET: N_("只按不含税部分计算，税款不补贴。"),
    Basis.GROSS: N_("按含税总额计算。"),
}


class OnShort(StrEnum):
    """What happens when the voucher or a quota does not cover the computed subsidy."""

    PARTIAL = "partial"
    REFUSE = "refuse"


ON_SHORT = {OnShort.PARTIAL: N_("按余额给付"), OnShort.REFUSE: N_("不予受理")}
SHORT_WORDS = {
    OnShort.PARTIAL: N_("券里剩多少就补多少，其余由企业自付。"),
    OnShort.REFUSE: N_("余额不够时不能下单，企业要减少数量或换一张券。"),
}
MODE_WORDS = {
    Mode.DIRECT: N_("企业只付自付部分，补贴由财政付给服务商。"),
    Mode.REIMBURSED: N_("企业先付全款，补贴由财政付给企业。"),
}
