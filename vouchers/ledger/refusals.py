"""The database is the truth, the answer is civil: which constraint or trigger stands behind which refusal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError

from marketplace.base.errors import Refusal
from marketplace.base.text import N_

ANSWERS: dict[str, tuple[str, str, str | None]] = {
    "fund_other_within_ceiling": (
        "fund.ceiling",
        N_(
            "除企业改造外的支出不得超过奖补资金的上限：奖补资金 {award}，上限 {limit}，本次申请 {asked}，"
            "尚可安排 {room}。"
        ),
        "四(二)",
    ),
    "fund_allotted_within_award": (
        "fund.award_exhausted",
        N_("安排金额超过奖补资金：奖补资金 {award}，本次申请 {asked}，尚可安排 {free}。"),
        "四(一)",
    ),
    "fund_received_within_award": (
        "fund.beyond_award",
        N_("到账金额超过核定的奖补资金：奖补资金 {award}，已到账 {received}，本次 {asked}。"),
        "四(一)",
    ),
    "fund_paid_within_received": (
        "fund.not_received",
        N_("支付金额超过已到账资金：已到账 {received}，已支付 {paid}，本次 {asked}，尚可支付 {cash}。"),
        "四(一)",
    ),
    "fund_remitted_within_interest": (
        "fund.interest_exhausted",
        N_("上缴的利息超过已登记的利息：尚未上缴 {interest}，本次 {asked}。"),
        "四(二)",
    ),
    "uq_fund_entry_corrects": ("fund.corrected", N_("这笔账目已经更正过。"), None),
    "nothing to take back": ("fund.nothing_to_correct", N_("没有与此相符、可以更正的账目。"), None),
    "wrong side of the closing day": (
        "line.period",
        N_("只有期限已过的预算科目可以年终收回；结转须先延长期限。"),
        "四(一)",
    ),
    "fund_amounts_not_negative": ("fund.negative", N_("金额超出该资金的现有余额。"), None),
    "line_bucket_conserved": (
        "line.exhausted",
        N_("该预算科目可用金额不足：可用 {available}，需要 {asked}。"),
        "四(一)",
    ),
    "commitment_face_conserved": (
        "voucher.too_little",
        N_("可用金额不足：可用 {available}，需要 {asked}。"),
        None,
    ),
    "hold_parts_within_amount": (
        "hold.too_little",
        N_("超过为该订单预留的金额：剩余 {available}，需要 {asked}。"),
        None,
    ),
    "redemption_parts_within_amount": (
        "part.too_little",
        N_("超过该笔核销的剩余金额：剩余 {available}，需要 {asked}。"),
        None,
    ),
    "uq_hold_live": ("hold.exists", N_("该订单已为此服务券预留金额，请先释放原预留。"), None),
    "uq_hold_replaces": ("hold.replaced", N_("该预留已转移给另一家服务商。"), None),
    "uq_voucher_line_id_enterprise_id_award_no": (
        "voucher.awarded_already",
        N_("该企业在此科目下的这一次奖补已发放过。"),
        None,
    ),
    "uq_direct_contract_pilot_id_number": ("contract.number_taken", N_("该试点已登记过同一编号的合同。"), None),
    "uq_fund_pilot_id_source": ("fund.exists", N_("该试点已有来自同一来源的资金账户。"), None),
    "uq_budget_line_fund_id_category": ("line.exists", N_("该资金下已有此科目。"), None),
    "uq_claim_item_live": ("claim.part_claimed", N_("该笔核销已在另一份兑付申请中。"), "四(二)"),
    "uq_batch_item_live": ("batch.claim_taken", N_("该兑付申请已在另一支付批次中。"), None),
    "uq_payout_attempt_live": (
        "payout.attempt_open",
        N_("上一次付款尚未有结果，不能再次发起。"),
        None,
    ),
    "uq_payout_attempt_end_to_end_id": ("payout.reference_taken", N_("该付款参考号已使用。"), None),
    "uq_entry_settled_once": ("part.settled", N_("该笔核销已经结算。"), None),
    "uq_fund_entry_paid_once": ("batch.paid", N_("该批次已列支。"), None),
    "payment_batch_four_eyes": ("batch.four_eyes", N_("制单人与复核人不能是同一人。"), None),
    "hold not open for this": (
        "hold.not_open",
        N_("该预留已用完、已释放、已过期或属于其他服务商，不能再核销。"),
        None,
    ),
    "no such new hold": ("hold.not_open", N_("服务券已过期、已冻结或预留信息不符，不能预留。"), None),
    "hold born wrong": ("hold.too_late", N_("预留期限不得晚于该科目的截止日期。"), None),
    "a voucher is redeemed through a hold": ("voucher.needs_hold", N_("服务券须先为订单预留，再核销。"), None),
    "not the provider of the contract": ("contract.other_provider", N_("只能向合同约定的服务商付款。"), None),
    "not yet expired": ("voucher.not_expired", N_("服务券尚在有效期内，不能作过期处理。"), None),
    "part is in a batch": ("part.in_batch", N_("该笔核销正在支付批次中，不能退回或核减。"), None),
    "wrong side of the last day": ("stale_day", N_("服务券有效期刚刚届满，请重新办理。"), None),
    "outside the line": ("line.outside", N_("有效期不得晚于该科目的截止日期，且须属于同一试点。"), None),
    "part not open to this claim": (
        "claim.part_not_open",
        N_("该笔核销不能列入此申请：收款方不符、金额超出剩余可兑付金额，或申请已在审核。"),
        None,
    ),
    "claim is in a batch": ("claim.in_batch", N_("该兑付申请已进入支付批次，不能更改。"), None),
    "claim is decided": ("claim.decided", N_("该兑付申请已审定，不能更改明细。"), None),
    "claim step": ("claim.step", N_("兑付申请的当前状态不能办理此操作。"), None),
    "claim is not paid": ("claim.not_paid", N_("付款尚未确认。"), None),
    "part without a decision": ("claim.undecided", N_("仍有未审定的明细。"), None),
    "claim or batch not open for this": (
        "batch.not_open",
        N_("只有审定的兑付申请可列入制单中的批次。"),
        None,
    ),
    "not what is payable": ("batch.not_payable", N_("列支金额与审定的可兑付金额不符。"), None),
    "total is not the sum of its items": ("batch.total", N_("批次合计与明细不符，请刷新后重试。"), None),
    "items still open": ("batch.items_open", N_("批次内仍有未完成的付款。"), None),
    "batch step": ("batch.step", N_("批次的当前状态不能办理此操作。"), None),
    "attempt still open": ("payout.attempt_open", N_("上一次付款尚未有结果，不能作失败处理。"), None),
    "attempt step": ("payout.step", N_("付款的当前状态不能办理此操作。"), None),
    "item not open for payment": ("payout.not_open", N_("该笔付款不在已复核的批次中，或已有结果。"), None),
    "an item keeps its nature": ("payout.not_open", N_("该笔付款不在已复核的批次中，或已有结果。"), None),
    "item is not paid": ("payout.not_confirmed", N_("银行尚未确认该笔付款。"), None),
    "settled without its payment": ("part.not_paid", N_("银行尚未确认付款，或金额与审定不符。"), None),
    "paid without its batch": ("batch.not_approved", N_("批次未经复核，不能列支。"), None),
    "nothing failed for this": ("batch.nothing_failed", N_("没有与此金额相符的付款失败。"), None),
    "nothing recalled for this": ("line.nothing_recalled", N_("没有与此金额相符的收回。"), None),
    "nothing clawed back for this": ("fund.nothing_clawed", N_("追回金额超过应追回金额。"), "六(二)"),
}
"""Constraint name or trigger message → (code, Chinese text, clause). What is not here is a fault, not a refusal."""

_SQLITE_KEYS = {
    "hold.order_id, hold.commitment_id": "uq_hold_live",
    "hold.replaces": "uq_hold_replaces",
    "voucher exists already": "uq_voucher_line_id_enterprise_id_award_no",
    "direct_contract exists already": "uq_direct_contract_pilot_id_number",
    "hold exists already": "uq_hold_live",
    "fund exists already": "uq_fund_pilot_id_source",
    "budget_line exists already": "uq_budget_line_fund_id_category",
    "claim_item exists already": "uq_claim_item_live",
    "batch_item exists already": "uq_batch_item_live",
    "payout_attempt exists already": "uq_payout_attempt_live",
    "part is settled already": "uq_entry_settled_once",
    "batch is paid already": "uq_fund_entry_paid_once",
    "entry is taken back already": "uq_fund_entry_corrects",
}


def name_of(fault: DBAPIError) -> str:
    """The constraint that a statement broke, or the words of the trigger that refused it."""
    diagnosis = getattr(fault.orig, "diag", None)
    if diagnosis is not None:
        return diagnosis.constraint_name or diagnosis.message_primary or ""
    words = str(fault.orig)
    found = re.fullmatch(r"(?:CHECK|UNIQUE) constraint failed: (.+)", words)
    key = found[1] if found else words
    return _SQLITE_KEYS.get(key, key)


@contextmanager
def civil(**values: Any) -> Iterator[None]:
    """Turn what the database refuses into a refusal with its clause and these values; let any other fault pass."""
    try:
        yield
    except DBAPIError as fault:
        answer = ANSWERS.get(name_of(fault))
        if answer is None:
            raise
        code, message, clause = answer
        places = set(re.findall(r"{(\w+)}", message))
        if not places <= values.keys():
            message = N_("超出现有余额，请刷新后重试。")
        raise Refusal(code, message, clause=clause, **{k: v for k, v in values.items() if k in places}) from fault
