"""What a dispute about an order does to its claim: too late once the money left; upheld, the claim ends."""

from __future__ import annotations

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.record.audit import actions as audit
from marketplace.shop.orders.events import DisputeUpheld, OrderDisputed
from vouchers.claims import messages
from vouchers.claims.events import ClaimOverturned
from vouchers.claims.models import ClaimForm
from vouchers.claims.states import CLAIM
from vouchers.claims.steps import require_move
from vouchers.ledger.actions import claims as ledger
from vouchers.ledger.models.payments import BatchItem, Claim, PaymentBatch
from vouchers.ledger.states import BatchState, ItemState


def refuse_paid(ctx: Context, fact: OrderDisputed) -> None:
    """Money that was released to the bank is beyond a dispute; what was paid wrongly is recovered (六(二)).

    The wallets froze the voucher before, in this act: they hold the lock under which a batch is released.
    """
    left = ctx.session.execute(
        select(ClaimForm.number, BatchItem.state)
        .join(BatchItem, BatchItem.claim_id == ClaimForm.claim_id)
        .join(PaymentBatch, PaymentBatch.id == BatchItem.batch_id)
        .where(
            ClaimForm.order_id == fact.order_id,
            BatchItem.state != ItemState.FAILED,
            PaymentBatch.state != BatchState.DRAFT,
        )
        .limit(1)
    ).one_or_none()
    if left is None:
        return
    if left.state is ItemState.PAID:
        raise Refusal(
            "order.subsidy_paid",
            N_("补贴已付款（兑付申请 {number}），不能再提出异议；如确有问题，请联系设区市工信局，按追回程序办理。"),
            clause="六(二)",
            number=left.number,
        )
    raise Refusal(
        "order.subsidy_released",
        N_(
            "补贴付款已放行（兑付申请 {number}），正等待银行结果，不能提出异议；"
            "银行退回后可以提出，已付款的按追回程序办理。"
        ),
        clause="六(二)",
        number=left.number,
    )


def overturn(ctx: Context, fact: DisputeUpheld) -> None:
    """The city found for the enterprise: the order's claim ends, wherever it stands, and what it asked for is free."""
    forms = ctx.session.scalars(
        select(ClaimForm)
        .join(Claim, Claim.id == ClaimForm.claim_id)
        .where(ClaimForm.order_id == fact.order_id, Claim.state.in_(CLAIM.moves["overturn"][0]))
        .order_by(ClaimForm.claim_id)
        .with_for_update(of=ClaimForm)
        .execution_options(populate_existing=True)
    ).all()
    for form in forms:
        require_move(ctx.session.get_one(Claim, form.claim_id, populate_existing=True), "overturn")
        ctx.announce(ClaimOverturned(form.claim_id, fact.reason))
        ledger.reject(ctx, form.claim_id)
        form.step_since = ctx.now
        form.due_on = form.reminded_on = form.escalated_on = None
        ctx.session.flush()
        audit.record(ctx, "claim.overturned", form, claim_id=form.claim_id, reason=fact.reason)
        messages.overturned(ctx, form, fact.reason)
