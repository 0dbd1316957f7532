"""What becomes of an approved claim: paid, failed at the bank, revoked; and who hears when a step is late."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.base.workdays import workdays_between
from marketplace.policy.findings import actions as findings
from marketplace.policy.findings.detectors import Suspicion
from marketplace.policy.findings.states import Severity
from marketplace.record.audit import actions as audit
from vouchers.claims import messages, permissions, queries
from vouchers.claims.events import ClaimPaid, PaymentFailed
from vouchers.claims.models import ClaimForm
from vouchers.claims.queries import Filed
from vouchers.claims.steps import require_move
from vouchers.invoices.events import InvoiceHeld, InvoiceWithdrawn
from vouchers.invoices.matters import same
from vouchers.ledger.actions import claims as ledger
from vouchers.ledger.models.payments import Claim
from vouchers.ledger.states import ClaimState

_BOUND = (ClaimState.APPROVED, ClaimState.PAID)
REMIND_AT_ONCE = 500
ESCALATE_DAYS = 5
"""Working days after the last one of a step, from which on the province is told."""


def settled(ctx: Context, told: Mapping[uuid.UUID, tuple[int, str, date]]) -> None:
    """The bank has paid: claim → (fen, the bank's reference, the bank's day). The settlement calls this in its act."""
    for form in _forms(ctx, told):
        amount, reference, day = told[form.claim_id]
        form.paid_on, form.due_on, form.step_since = day, None, ctx.now
        audit.record(ctx, "claim.paid", form, claim_id=form.claim_id, amount_fen=amount, reference=reference)
        ctx.announce(ClaimPaid(form.claim_id, amount, reference, day))
    ctx.session.flush()


def payment_failed(ctx: Context, told: Mapping[uuid.UUID, tuple[int, str]]) -> None:
    """The bank has refused: claim → (fen, its reason). The claim waits for another batch, its day of payment stays."""
    for form in _forms(ctx, told):
        amount, reason = told[form.claim_id]
        audit.record(ctx, "claim.payment_failed", form, claim_id=form.claim_id, amount_fen=amount)
        ctx.announce(PaymentFailed(form.claim_id, amount, reason))


def _forms(ctx: Context, claim_ids: Mapping[uuid.UUID, object]) -> list[ClaimForm]:
    found = select(ClaimForm).where(ClaimForm.claim_id.in_(claim_ids)).order_by(ClaimForm.claim_id).with_for_update()
    return list(ctx.session.scalars(found.execution_options(populate_existing=True)))


def revoke(ctx: Context, claim_id: uuid.UUID, *, reason: str) -> Filed:
    """The city takes its approval back while no batch holds the claim; its parts may be claimed again."""
    filed = queries.lock(ctx, claim_id)
    ctx.require(permissions.REVIEW_CITY, filed.form)
    require_move(filed.claim, "revoke")
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    ledger.reject(ctx, claim_id)
    filed.form.step_since, filed.form.due_on = ctx.now, None
    ctx.session.flush()
    audit.record(ctx, "claim.revoked", filed.form, claim_id=claim_id, reason=reason.strip())
    messages.revoked(ctx, filed.form, reason.strip())
    return queries.get(ctx, claim_id)


def keep_papers(ctx: Context, fact: InvoiceWithdrawn) -> None:
    """An invoice on which an approved or paid claim stands is not withdrawn any more."""
    bound = ctx.session.scalars(
        select(ClaimForm.number)
        .join(Claim, Claim.id == ClaimForm.claim_id)
        .where(same(fact, ClaimForm.order_id, ClaimForm.contract_id), Claim.state.in_(_BOUND))
        .limit(1)
    ).one_or_none()
    if bound is not None:
        raise Refusal(
            "invoice.bound_to_claim",
            N_("兑付申请 {number} 已据此审定，发票不能撤回；请联系设区市工信局。"),
            clause="四(二)",
            number=bound,
        )


def suspect_payment(ctx: Context, fact: InvoiceHeld) -> None:
    """An invoice may be red-flushed after its claim was approved or paid: then the city has a case to look into."""
    forms = ctx.session.scalars(
        select(ClaimForm)
        .join(Claim, Claim.id == ClaimForm.claim_id)
        .where(same(fact, ClaimForm.order_id, ClaimForm.contract_id), Claim.state.in_(_BOUND))
    )
    for form in forms:
        findings.open(
            ctx,
            detector="claim.invoice_held",
            clause="四(二)",
            severity=Severity.FAIL,
            suspicion=Suspicion(
                subject_kind="claim",
                subject_id=str(form.claim_id),
                city=form.city,
                pilot_id=form.pilot_id,
                template=N_("兑付申请 {number} 审定后，其发票被暂缓：{reason}"),
                evidence={"number": form.number, "reason": fact.reason},
                fingerprint=str(fact.invoice_id),
                url=f"/claims/{form.claim_id}",
            ),
        )


def remind(ctx: Context) -> str:
    """Tell everybody concerned, once per step, that its last working day is over. Job `claims.remind`."""
    late = ctx.session.execute(
        select(ClaimForm, Claim.state)
        .join(Claim, Claim.id == ClaimForm.claim_id)
        .where(ClaimForm.due_on < ctx.today, ClaimForm.reminded_on.is_(None))
        .order_by(ClaimForm.due_on, ClaimForm.claim_id)
        .limit(REMIND_AT_ONCE)
        .with_for_update(of=ClaimForm, skip_locked=True)
    ).all()
    for form, state in late:
        form.reminded_on = ctx.today
        messages.late(ctx, form, state)
    ctx.session.flush()
    return f"{len(late)} late claims" if late else ""


def escalate(ctx: Context) -> str:
    """Of a step that lies still `ESCALATE_DAYS` working days after its last the province gets a case, once, and the
    payee and both offices hear of it. Job `claims.escalate`."""
    late = ctx.session.execute(
        select(ClaimForm, Claim.state)
        .join(Claim, Claim.id == ClaimForm.claim_id)
        .where(ClaimForm.due_on < ctx.today, ClaimForm.reminded_on.is_not(None), ClaimForm.escalated_on.is_(None))
        .order_by(ClaimForm.due_on, ClaimForm.claim_id)
        .limit(REMIND_AT_ONCE)
        .with_for_update(of=ClaimForm, skip_locked=True)
    ).all()
    told = 0
    for form, state in late:
        if form.due_on is None or workdays_between(form.due_on, ctx.today) <= ESCALATE_DAYS:
            continue
        form.escalated_on = ctx.today
        day = form.due_on.isoformat()
        findings.open(
            ctx,
            detector="claim.overdue",
            clause="四(二)",
            severity=Severity.WARN,
            owner=Role.PROVINCE,
            suspicion=Suspicion(
                subject_kind="claim",
                subject_id=str(form.claim_id),
                city=form.city,
                pilot_id=form.pilot_id,
                template=N_("兑付申请 {number} 应于 {day} 前办理，至今未办。"),
                evidence={"number": form.number, "day": day},
                fingerprint=f"{form.round}:{state.value}",
                url=f"/claims/{form.claim_id}",
            ),
        )
        messages.escalated(ctx, form, state)
        told += 1
    ctx.session.flush()
    return f"{told} claims told to the province" if told else ""
