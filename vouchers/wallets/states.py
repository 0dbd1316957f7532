"""What a voucher is called: its balances, its last day and a freeze say it, no column does."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.text import N_


class Standing(StrEnum):
    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    FROZEN = "frozen"


STANDINGS = {
    Standing.OPEN: N_("可用"),
    Standing.USED: N_("已用完"),
    Standing.EXPIRED: N_("已过期"),
    Standing.FROZEN: N_("已冻结"),
}
TONES = {Standing.OPEN: "ok", Standing.USED: "quiet", Standing.EXPIRED: "quiet", Standing.FROZEN: "bad"}

BALANCES = {
    "available": N_("可用"),
    "reserved": N_("已锁定"),
    "payable": N_("待兑付"),
    "paid": N_("已兑付"),
    "recalled": N_("已收回"),
    "clawed": N_("已追回"),
}
MEANINGS = {
    "available": N_("下单时可以使用"),
    "reserved": N_("已下单，交付确认后核销"),
    "payable": N_("已确认交付，等待财政付款"),
    "paid": N_("财政已付款"),
    "recalled": N_("过期或取消，已退回资金池"),
    "clawed": N_("付款后查实不符，已追回"),
}
MOVES = {
    "issue": N_("发放"),
    "reserve": N_("下单锁定"),
    "release": N_("释放"),
    "lapse": N_("到期释放"),
    "redeem": N_("交付核销"),
    "refund": N_("退回"),
    "cut": N_("核减"),
    "settle": N_("兑付"),
    "clawback": N_("追回"),
    "expire": N_("过期收回"),
    "recall": N_("收回"),
}
HANDOVERS = {
    "hand_over": N_("从原服务商转出"),
    "take_over": N_("转给新服务商锁定"),
}
"""A release and a reservation in one act: another provider took over what a failed one's order had set aside."""
REASONED = {
    "voucher.recalled": N_("收回"),
    "voucher.given_back": N_("企业退回"),
    "voucher.frozen": N_("冻结"),
    "voucher.kept_frozen": N_("继续冻结"),
    "voucher.thawed": N_("解冻"),
}
"""What stops or shortens a voucher, by the verb of its audit row; each with a reason that the enterprise reads."""
