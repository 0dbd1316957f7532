"""What kinds of adjustment there are, and the life of each."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class Kind(StrEnum):
    CLOSE = "close"
    CARRY = "carry"
    INTEREST = "interest"
    REMIT = "remit"
    RETURN = "return"
    CORRECT = "correct"


KINDS = {
    Kind.CLOSE: N_("年终收回"),
    Kind.CARRY: N_("结转下年"),
    Kind.INTEREST: N_("登记银行利息"),
    Kind.REMIT: N_("利息上缴国库"),
    Kind.RETURN: N_("结余资金交回"),
    Kind.CORRECT: N_("更正错账"),
}
EXPLAINED = {
    Kind.CLOSE: N_("期限已过的用途，未发放的额度失效。已发放的服务券和已签合同不受影响。"),
    Kind.CARRY: N_("期限已过的用途，把失效的额度转到新的期限继续使用。"),
    Kind.INTEREST: N_("专户存款的利息。单独记账，不计入奖补资金，也不计入任何占比。"),
    Kind.REMIT: N_("把已登记的利息上缴国库，附缴款凭证的流水号。"),
    Kind.RETURN: N_("把用不到的奖补资金交回拨款方。剩余资金须足以支付已承诺的金额。"),
    Kind.CORRECT: N_("用一笔相反的账冲回登记错误的到账、利息、上缴或交回。原账保留，不修改。"),
}
ON_LINE = (Kind.CLOSE, Kind.CARRY)
AT_BANK = (Kind.INTEREST, Kind.REMIT, Kind.RETURN)
"""Kinds that a bank's paper stands behind: amount, day and reference are typed from it."""


class AdjustmentState(StrEnum):
    PROPOSED = "proposed"
    BOOKED = "booked"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"


ADJUSTMENT = Lifecycle(
    "adjustment",
    {
        "book": (AdjustmentState.PROPOSED, AdjustmentState.BOOKED),
        "decline": (AdjustmentState.PROPOSED, AdjustmentState.DECLINED),
        "withdraw": (AdjustmentState.PROPOSED, AdjustmentState.WITHDRAWN),
        "correct": (AdjustmentState.BOOKED, AdjustmentState.CORRECTED),
    },
    labels={
        AdjustmentState.PROPOSED: N_("待另一人复核入账"),
        AdjustmentState.BOOKED: N_("已入账"),
        AdjustmentState.DECLINED: N_("未予入账"),
        AdjustmentState.WITHDRAWN: N_("提出人已撤回"),
        AdjustmentState.CORRECTED: N_("已被更正冲回"),
    },
    tones={
        AdjustmentState.PROPOSED: "warn",
        AdjustmentState.BOOKED: "ok",
        AdjustmentState.DECLINED: "bad",
        AdjustmentState.WITHDRAWN: "quiet",
        AdjustmentState.CORRECTED: "quiet",
    },
)
