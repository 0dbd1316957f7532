"""The bank pays after it had refused: the claim is kept from a second payment, and another person books the first."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.ids import random_number
from marketplace.base.text import N_
from marketplace.policy.findings import actions as findings
from marketplace.policy.findings.detectors import Suspicion
from marketplace.policy.findings.states import Severity
from marketplace.record.audit import actions as audit
from vouchers.claims import actions as claims
from vouchers.claims.models import ClaimForm
from vouchers.ledger.actions import batches, payouts
from vouchers.ledger.actions.batches import Payee
from vouchers.ledger.models.payments import BatchItem, Claim, PaymentBatch, PayoutAttempt
from vouchers.ledger.states import BatchState, ClaimState, ItemState
from vouchers.settlement.bankfile import Answer
from vouchers.settlement.events import BatchMade
from vouchers.settlement.models import LatePayment

TWICE = "payment.twice"


def of_batch(ctx: Context, batch_id: uuid.UUID) -> LatePayment | None:
    """What the bank told late, where the batch was made for it; the caller has authorised the batch."""
    return ctx.session.scalars(select(LatePayment).where(LatePayment.batch_id == batch_id)).one_or_none()


def known(ctx: Context, attempt_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, LatePayment]:
    """Late payments of these attempts that were told before."""
    rows = ctx.session.scalars(select(LatePayment).where(LatePayment.attempt_id.in_(attempt_ids)))
    return {row.attempt_id: row for row in rows}


def hold(ctx: Context, told: Sequence[tuple[Answer, PayoutAttempt, BatchItem]]) -> None:
    """The bank says that it has paid what it had refused: each claim goes into a batch of its own, made by whoever
    loaded the answer, that another person books or refutes. Until then no other batch can hold the claim.

    A draft that holds it shrinks. Where the claim was paid again meanwhile, or does not stand any more, nothing is
    booked: the money was paid out twice or for nothing, and the city gets the case.
    """
    for answer, attempt, item in told:
        _free(ctx, item.claim_id)
        if _taken(ctx, item.claim_id):
            _suspect(ctx, answer, item)
            continue
        batch = batches.open_batch(ctx, item.fund_id, "B" + random_number(9))
        batches.add(ctx, batch.id, [Payee(item.claim_id, item.account_id, item.account)])
        ctx.add(
            LatePayment(batch_id=batch.id, attempt_id=attempt.id, bank_reference=answer.reference, paid_on=answer.day)
        )
        ctx.session.flush()
        ctx.session.refresh(batch)
        facts = {"number": batch.number, "total_fen": batch.total, "reference": answer.reference}
        audit.record(ctx, "batch.late_payment", batch, **facts, claim_id=item.claim_id)
        ctx.announce(BatchMade(batch.id, 1, batch.total))


def _free(ctx: Context, claim_id: uuid.UUID) -> None:
    """Out of a draft with it."""
    drafted = ctx.session.scalars(
        select(BatchItem)
        .join(PaymentBatch, PaymentBatch.id == BatchItem.batch_id)
        .where(
            BatchItem.claim_id == claim_id,
            BatchItem.state == ItemState.OPEN,
            PaymentBatch.state == BatchState.DRAFT,
        )
    ).one_or_none()
    if drafted is not None:
        batch_id = drafted.batch_id
        batches.take_out(ctx, drafted.id)
        audit.record(ctx, "batch.shortened", ("payment_batch", batch_id), claim_id=claim_id)


def _taken(ctx: Context, claim_id: uuid.UUID) -> bool:
    """Whether the claim is paid or about to be paid by another batch, or is not approved any more."""
    held = select(BatchItem.id).where(BatchItem.claim_id == claim_id, BatchItem.state != ItemState.FAILED)
    state = ctx.session.scalar(select(Claim.state).where(Claim.id == claim_id))
    return state is not ClaimState.APPROVED or ctx.session.scalar(held.limit(1)) is not None


def _suspect(ctx: Context, answer: Answer, item: BatchItem) -> None:
    form = ctx.session.get_one(ClaimForm, item.claim_id)
    findings.open(
        ctx,
        detector=TWICE,
        clause="四(二)",
        severity=Severity.FAIL,
        suspicion=Suspicion(
            subject_kind="claim",
            subject_id=str(item.claim_id),
            city=form.city,
            pilot_id=form.pilot_id,
            template=N_(
                "兑付申请 {number}：银行先报失败、后报成功（流水号 {reference}），而该申请已另行付款或已不成立。"
            ),
            evidence={"number": form.number, "reference": answer.reference},
            fingerprint=answer.end_to_end_id,
            url=f"/claims/{item.claim_id}",
        ),
    )


def book(ctx: Context, batch: PaymentBatch, paid: LatePayment) -> None:
    """The second person agrees that the bank has paid: the fund and the claim follow, and no file is sent."""
    batch_id, reference, day = batch.id, paid.bank_reference, paid.paid_on
    batches.approve(ctx, batch_id, f"batch:{batch_id}:pay")
    attempts = payouts.prepare(ctx, batch_id)
    told = {attempt.id: reference for attempt in attempts}
    payouts.send(ctx, batch_id)
    payouts.confirm(ctx, told)
    items = ctx.session.execute(
        select(BatchItem.claim_id, BatchItem.amount).where(
            BatchItem.batch_id == batch_id, BatchItem.state == ItemState.PAID
        )
    )
    claims.settled(ctx, {claim_id: (amount, reference, day) for claim_id, amount in items})
    batches.close(ctx, batch_id)
