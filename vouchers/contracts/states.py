"""The life of a contract's record, how it was procured, and what its money is called."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class RecordState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


RECORD = Lifecycle(
    "contract_record",
    {
        "confirm": (RecordState.PROPOSED, RecordState.CONFIRMED),
        "decline": (RecordState.PROPOSED, RecordState.DECLINED),
        "withdraw": (RecordState.PROPOSED, RecordState.WITHDRAWN),
    },
    labels={
        RecordState.PROPOSED: N_("待另一人复核"),
        RecordState.CONFIRMED: N_("已确认，履行中"),
        RecordState.DECLINED: N_("复核未通过"),
        RecordState.WITHDRAWN: N_("登记已撤回"),
    },
    tones={
        RecordState.PROPOSED: "warn",
        RecordState.CONFIRMED: "ok",
        RecordState.DECLINED: "bad",
        RecordState.WITHDRAWN: "quiet",
    },
)


class Method(StrEnum):
    """How a contract was procured; what is not known stays empty."""

    OPEN_TENDER = "open_tender"
    INVITED_TENDER = "invited_tender"
    NEGOTIATION = "negotiation"
    CONSULTATION = "consultation"
    INQUIRY = "inquiry"
    SINGLE_SOURCE = "single_source"
    FRAMEWORK = "framework"
    BELOW_LIMIT = "below_limit"
    OTHER = "other"


METHODS = {
    Method.OPEN_TENDER: N_("公开招标"),
    Method.INVITED_TENDER: N_("邀请招标"),
    Method.NEGOTIATION: N_("竞争性谈判"),
    Method.CONSULTATION: N_("竞争性磋商"),
    Method.INQUIRY: N_("询价"),
    Method.SINGLE_SOURCE: N_("单一来源采购"),
    Method.FRAMEWORK: N_("框架协议采购"),
    Method.BELOW_LIMIT: N_("限额以下自行采购"),
    Method.OTHER: N_("其他采购方式"),
}

BALANCES = {
    "available": N_("未验收"),
    "payable": N_("待兑付"),
    "paid": N_("已兑付"),
    "recalled": N_("已收回"),
    "clawed": N_("已追回"),
}
MEANINGS = {
    "available": N_("已按合同承诺，尚未交付验收"),
    "payable": N_("已验收，等待财政付款"),
    "paid": N_("财政已付款"),
    "recalled": N_("合同调减或到期，已退回额度"),
    "clawed": N_("付款后查实不符，已追回"),
}
MOVES = {
    "issue": N_("确认合同，承诺资金"),
    "redeem": N_("验收"),
    "refund": N_("退回"),
    "cut": N_("核减"),
    "settle": N_("兑付"),
    "clawback": N_("追回"),
    "expire": N_("过期收回"),
    "recall": N_("收回"),
}
