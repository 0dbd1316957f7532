"""The reviewers' side: the pilot office's opinion, the city's decision, cuts with their reason and clause."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_
from marketplace.base.workdays import Deadline, add_workdays
from marketplace.record.audit import actions as audit
from vouchers.claims import permissions, queries, rules
from vouchers.claims.events import ClaimReviewed
from vouchers.claims.models import ClaimReview
from vouchers.claims.queries import Filed
from vouchers.claims.rules import Cut
from vouchers.claims.states import DESKS, FIELDS, Decision, Step
from vouchers.claims.steps import require_move
from vouchers.invoices import matters
from vouchers.ledger.actions import claims as ledger

_MAY = {Step.PILOT: permissions.REVIEW_PILOT, Step.CITY: permissions.REVIEW_CITY}
_VERBS = {
    (Step.PILOT, Decision.APPROVED): "review",
    (Step.CITY, Decision.APPROVED): "approve",
    (Step.PILOT, Decision.RETURNED): "return",
    (Step.CITY, Decision.RETURNED): "return",
    (Step.PILOT, Decision.REJECTED): "reject",
    (Step.CITY, Decision.REJECTED): "reject",
}


def review(
    ctx: Context,
    claim_id: uuid.UUID,
    *,
    decision: Decision,
    reason: str = "",
    notes: Mapping[str, str] | None = None,
    cuts: Sequence[Cut] = (),
) -> Filed:
    """Decide a claim on the desk it lies on: first the pilot office's opinion, then the city's decision.

    Agreeing needs papers that match still, an undisputed order, and for the city another person than the first
    reviewer. What the city cuts goes back to the voucher, or to the budget line once its last day is over. Returning
    and rejecting need a reason, returning at least one note to a field.
    """
    filed = queries.lock(ctx, claim_id)
    step = DESKS.get(filed.claim.state)
    if step is None:
        require_move(filed.claim, "review")
    assert step is not None
    ctx.require(_MAY[step], filed.form)
    require_move(filed.claim, _VERBS[step, decision])
    kept = rules.check_notes(notes or {}, FIELDS)
    _check_reason(decision, reason, kept)
    _refuse_same_person(ctx, filed, step)
    if decision is not Decision.APPROVED and cuts:
        raise Refusal("claim.cut_without_approval", N_("只有同意时才能核减；退回或不予兑付请写明理由。"), field="cuts")
    due = filed.form.due_on
    approved = _approve(ctx, filed, step, cuts) if decision is Decision.APPROVED else _turn_down(ctx, filed, decision)
    row = ctx.add(
        ClaimReview(
            claim_id=claim_id,
            round=filed.form.round,
            step=step,
            decision=decision,
            person_id=ctx.who.person_id,
            assignment_id=ctx.who.assignment_id,
            reason=reason.strip(),
            notes=kept,
            cuts=[cut.kept() for cut in cuts],
            due_on=due,
        )
    )
    ctx.session.flush()
    audit.record(
        ctx,
        "claim.reviewed",
        filed.form,
        claim_id=claim_id,
        step=step.value,
        decision=decision.value,
        approved_fen=approved,
        cuts=row.cuts,
    )
    ctx.announce(ClaimReviewed(claim_id, step, decision, approved))
    return queries.get(ctx, claim_id)


def _check_reason(decision: Decision, reason: str, notes: Mapping[str, str]) -> None:
    if decision is Decision.APPROVED:
        return
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    if decision is Decision.RETURNED and not notes:
        raise Invalid({"notes": [N_("请至少对一项内容写明需要补正什么。")]}, code="claim.return_without_note")


def _refuse_same_person(ctx: Context, filed: Filed, step: Step) -> None:
    """One person is not two pairs of eyes, under whatever assignment: nobody reviews what he submitted himself."""
    if filed.form.submitted_by == ctx.who.person_id:
        raise Refusal("claim.same_person", N_("申请与审核不能是同一人。"), clause="四(二)")
    if step is not Step.CITY:
        return
    first = [r for r in queries.reviews(ctx, filed.id) if r.round == filed.form.round and r.step is Step.PILOT]
    if any(r.person_id == ctx.who.person_id for r in first):
        raise Refusal("claim.same_person", N_("初审与复审不能是同一人。"), clause="四(二)")


def _approve(ctx: Context, filed: Filed, step: Step, cuts: Sequence[Cut]) -> int:
    rules.refuse(queries.standing(ctx, [filed.id])[filed.id])
    asked = {item.redemption_id: item.asked for item in ledger.items(ctx, filed.id) if item.live}
    shares = queries.shares(ctx, matters.get(ctx, filed.form), filed.asked_fen, filed.id)
    rules.check_cuts(cuts, [share.share_fen for share in shares])
    kept = (rules.after_cuts_of_parts if filed.form.contract_id else rules.after_cuts)(asked, cuts)
    approved = sum(amount for amount, _ in kept.values())
    if approved == 0:
        raise Refusal("claim.nothing_left", N_("核减后没有可兑付金额，请改为不予兑付。"), field="cuts")
    decisions = {part: ledger.Decision(amount, reasons) for part, (amount, reasons) in kept.items()}
    if step is Step.PILOT:
        ledger.review(ctx, filed.id, decisions)
        _turn(ctx, filed, add_workdays(ctx.today, rules.CITY_DAYS))
    else:
        ledger.approve(ctx, filed.id, decisions, f"claim:{filed.id}:{filed.form.round}:approve")
        _turn(ctx, filed, add_workdays(ctx.today, rules.PAYMENT_DAYS))
    return approved


def _turn_down(ctx: Context, filed: Filed, decision: Decision) -> int:
    if decision is Decision.RETURNED:
        ledger.send_back(ctx, filed.id)
    else:
        ledger.reject(ctx, filed.id)
    _turn(ctx, filed, None)
    return 0


def _turn(ctx: Context, filed: Filed, due: Deadline | None) -> None:
    """The claim lies on the next desk from now, until that desk's last working day."""
    form = filed.form
    form.step_since, form.reminded_on, form.escalated_on = ctx.now, None, None
    form.due_on, form.due_provisional = (due.day, due.provisional) if due else (None, False)
    ctx.session.flush()
