"""The life of a recovery, and what it may stand on."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class RecoveryState(StrEnum):
    OPENED = "opened"
    DEMANDED = "demanded"
    SETTLED = "settled"
    DROPPED = "dropped"


RECOVERY = Lifecycle(
    "recovery",
    {
        "demand": (RecoveryState.OPENED, RecoveryState.DEMANDED),
        "drop": (RecoveryState.OPENED, RecoveryState.DROPPED),
        "settle": (RecoveryState.DEMANDED, RecoveryState.SETTLED),
    },
    labels={
        RecoveryState.OPENED: N_("已发起，待说明和复核"),
        RecoveryState.DEMANDED: N_("已要求退款"),
        RecoveryState.SETTLED: N_("已全部追回"),
        RecoveryState.DROPPED: N_("不予追回"),
    },
    tones={
        RecoveryState.OPENED: "warn",
        RecoveryState.DEMANDED: "warn",
        RecoveryState.SETTLED: "ok",
        RecoveryState.DROPPED: "quiet",
    },
)


class Ground(StrEnum):
    """What a recovery stands on; all but an inspection name the thing itself."""

    FINDING = "finding"
    INVOICE = "invoice"
    DISPUTE = "dispute"
    INSPECTION = "inspection"


GROUNDS = {
    Ground.FINDING: N_("疑点核查"),
    Ground.INVOICE: N_("发票被红冲或暂缓"),
    Ground.DISPUTE: N_("订单异议"),
    Ground.INSPECTION: N_("审计或监督检查"),
}
