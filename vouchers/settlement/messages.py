"""Who is told what happens to a batch; payees hear of their claims from the chapter of claims."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.context import Context
from marketplace.base.money import Yuan
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.record.notices import actions as notices
from vouchers.claims.events import ClaimOverturned
from vouchers.claims.models import ClaimForm
from vouchers.ledger.models.payments import PaymentBatch
from vouchers.settlement.events import BatchApproved, BatchMade, BatchReleased, PaymentFileWritten, ReturnLoaded


def _finance(ctx: Context, batch_id: uuid.UUID, text: str, **values: Any) -> None:
    """Both finance desks that may reach the batch: the pilot's and the city's."""
    batch = ctx.session.get_one(PaymentBatch, batch_id)
    told = Text(text, {"number": batch.number, **values})
    url = f"/settlement/batches/{batch_id}"
    notices.tell(ctx, role=Role.FINANCE, pilot_id=batch.pilot_id, text=told, url=url)
    notices.tell(ctx, role=Role.FINANCE, region=batch.city, text=told, url=url)


def made(ctx: Context, fact: BatchMade) -> None:
    values = {"count": fact.claims, "total": Yuan(fact.total_fen)}
    _finance(ctx, fact.batch_id, N_("支付批次 {number}（{count} 笔，{total}）待另一人复核。"), **values)


def released(ctx: Context, fact: BatchReleased) -> None:
    total = Yuan(fact.total_fen)
    _finance(ctx, fact.batch_id, N_("支付批次 {number}（{total}）金额较大，还须由另一人继续复核。"), total=total)


def approved(ctx: Context, fact: BatchApproved) -> None:
    total = Yuan(fact.total_fen)
    _finance(ctx, fact.batch_id, N_("支付批次 {number}（{total}）已复核，正在生成付款文件。"), total=total)


def written(ctx: Context, fact: PaymentFileWritten) -> None:
    _finance(ctx, fact.batch_id, N_("支付批次 {number} 的付款文件已生成，请下载送银行。"))


def answered(ctx: Context, fact: ReturnLoaded) -> None:
    values = {"paid": fact.paid, "failed": fact.failed}
    _finance(ctx, fact.batch_id, N_("支付批次 {number} 的银行回单已导入：成功 {paid} 笔，失败 {failed} 笔。"), **values)


def shortened(ctx: Context, batch_id: uuid.UUID, fact: ClaimOverturned) -> None:
    """A ruling took a claim out of a draft; the acting subscriber calls this itself."""
    claim = ctx.session.get_one(ClaimForm, fact.claim_id).number
    _finance(ctx, batch_id, N_("订单异议成立，兑付申请 {claim} 已从支付批次 {number} 移出。"), claim=claim)


SUBSCRIPTIONS: dict[type, Any] = {
    BatchMade: made,
    BatchReleased: released,
    BatchApproved: approved,
    PaymentFileWritten: written,
    ReturnLoaded: answered,
}
