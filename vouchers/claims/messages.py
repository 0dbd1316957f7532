"""Who is told what happens to a claim."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.context import Context
from marketplace.base.money import Yuan
from marketplace.base.roles import Role
from marketplace.base.states import Label
from marketplace.base.text import N_, Text
from marketplace.record.notices import actions as notices
from vouchers.claims.events import ClaimPaid, ClaimReviewed, ClaimSubmitted, PaymentFailed
from vouchers.claims.models import ClaimForm
from vouchers.claims.states import CLAIM, Decision, Step
from vouchers.ledger.states import ClaimState


def _form(ctx: Context, claim_id: uuid.UUID) -> ClaimForm:
    return ctx.session.get_one(ClaimForm, claim_id)


def _payee(ctx: Context, form: ClaimForm, text: str, **values: Any) -> None:
    notices.tell(
        ctx,
        organisation_id=form.payee_id,
        text=Text(text, {"number": form.number, **values}),
        url=f"/claims/{form.claim_id}",
    )


def _pilot(ctx: Context, form: ClaimForm, text: str, **values: Any) -> None:
    told = Text(text, {"number": form.number, **values})
    notices.tell(ctx, role=Role.PILOT, pilot_id=form.pilot_id, text=told, url=f"/claims/{form.claim_id}")


def _city(ctx: Context, form: ClaimForm, text: str, **values: Any) -> None:
    told = Text(text, {"number": form.number, **values})
    notices.tell(ctx, role=Role.CITY, region=form.city, text=told, url=f"/claims/{form.claim_id}")


def _finance(ctx: Context, form: ClaimForm, text: str, **values: Any) -> None:
    """Money is paid by the pilot's finance desk or by the city's: both are told."""
    told = Text(text, {"number": form.number, **values})
    for place in ({"pilot_id": form.pilot_id}, {"region": form.city}):
        notices.tell(ctx, role=Role.FINANCE, **place, text=told, url="/settlement")


def submitted(ctx: Context, fact: ClaimSubmitted) -> None:
    form = _form(ctx, fact.claim_id)
    values = {"amount": Yuan(fact.amount_fen), "due": form.due_on}
    text = N_("收到兑付申请 {number}（{amount}），请在 {due} 前初审。")
    if fact.round > 1:
        text = N_("兑付申请 {number}（{amount}）已补正，请在 {due} 前初审。")
    _pilot(ctx, form, text, **values)


def reviewed(ctx: Context, fact: ClaimReviewed) -> None:
    form = _form(ctx, fact.claim_id)
    if fact.decision is Decision.RETURNED:
        _payee(ctx, form, N_("兑付申请 {number} 被退回，请按意见补正。"))
    elif fact.decision is Decision.REJECTED:
        _payee(ctx, form, N_("兑付申请 {number} 未予兑付，请查看理由。"))
    elif fact.step is Step.PILOT:
        _city(ctx, form, N_("兑付申请 {number} 已初审，请在 {due} 前复审。"), due=form.due_on)
        _payee(ctx, form, N_("兑付申请 {number} 已通过初审，设区市将在 {due} 前复审。"), due=form.due_on)
    else:
        values = {"amount": Yuan(fact.approved_fen), "due": form.due_on}
        _finance(ctx, form, N_("兑付申请 {number} 已审定 {amount}，请在 {due} 前付款。"), **values)
        _payee(ctx, form, N_("兑付申请 {number} 已审定 {amount}，将在 {due} 前付款。"), **values)


def paid(ctx: Context, fact: ClaimPaid) -> None:
    form = _form(ctx, fact.claim_id)
    _payee(
        ctx,
        form,
        N_("兑付申请 {number} 已于 {day} 付款 {amount}，银行流水号 {reference}。"),
        amount=Yuan(fact.amount_fen),
        day=fact.paid_on,
        reference=fact.reference,
    )


def failed(ctx: Context, fact: PaymentFailed) -> None:
    form = _form(ctx, fact.claim_id)
    values = {"amount": Yuan(fact.amount_fen), "reason": fact.reason}
    text = N_("兑付申请 {number} 的付款 {amount} 被银行退回：{reason}")
    _payee(ctx, form, text, **values)
    _finance(ctx, form, text, **values)


def revoked(ctx: Context, form: ClaimForm, reason: str) -> None:
    """The city took its approval back; the acting verb calls this itself."""
    _payee(ctx, form, N_("兑付申请 {number} 的审定已撤销：{reason}"), reason=reason)


def overturned(ctx: Context, form: ClaimForm, reason: str) -> None:
    """The order ended by a ruling, and the claim with it; the acting verb calls this itself."""
    _payee(ctx, form, N_("订单异议成立，兑付申请 {number} 终止：{reason}"), reason=reason)


def late(ctx: Context, form: ClaimForm, state: ClaimState) -> None:
    """The last working day of a step is over: the desk itself, the one above it, and the payee hear it."""
    values = {"due": form.due_on, "state": Label(CLAIM.labels[state])}
    text = N_("兑付申请 {number}（{state}）已超过 {due} 的办理期限。")
    _payee(ctx, form, text, **values)
    _city(ctx, form, text, **values)
    if state is ClaimState.SUBMITTED:
        _pilot(ctx, form, text, **values)
    elif state is ClaimState.APPROVED:
        _finance(ctx, form, text, **values)


def escalated(ctx: Context, form: ClaimForm, state: ClaimState) -> None:
    """Still late: the province has a case of it, which the payee and both offices hear."""
    values = {"due": form.due_on, "state": Label(CLAIM.labels[state])}
    text = N_("兑付申请 {number}（{state}）超过 {due} 的办理期限仍未办理，已上报省级主管部门督办。")
    _payee(ctx, form, text, **values)
    _city(ctx, form, text, **values)
    _pilot(ctx, form, text, **values)


SUBSCRIPTIONS: dict[type, Any] = {
    ClaimSubmitted: submitted,
    ClaimReviewed: reviewed,
    ClaimPaid: paid,
    PaymentFailed: failed,
}
