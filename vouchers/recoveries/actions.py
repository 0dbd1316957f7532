"""The verbs of a recovery: open, answer, demand or drop, record what came in; and the reminder when it is late."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.ids import random_number
from marketplace.base.money import Yuan
from marketplace.base.text import N_
from marketplace.base.workdays import add_workdays
from marketplace.policy.findings import actions as findings
from marketplace.policy.findings.detectors import Suspicion
from marketplace.policy.findings.states import Severity
from marketplace.record.audit import actions as audit
from vouchers.claims import queries as claims
from vouchers.ledger.actions import funds, parts
from vouchers.recoveries import messages, permissions, queries
from vouchers.recoveries.events import (
    RecoveryAnswered,
    RecoveryDemanded,
    RecoveryDropped,
    RecoveryOpened,
    RecoveryReceived,
)
from vouchers.recoveries.models import Recovery, RecoveryPart, RecoveryReceipt
from vouchers.recoveries.states import RECOVERY, Ground, RecoveryState
from vouchers.recoveries.terms import terms

OVERDUE = "recovery.overdue"
ESCALATE_AT_ONCE = 200


def open_recovery(
    ctx: Context,
    claim_id: uuid.UUID,
    *,
    amount_fen: int,
    ground: Ground,
    reason: str,
    ground_id: uuid.UUID | None = None,
) -> Recovery:
    """An officer opens the recovery of a paid claim, on a ground and with its reason; nothing is demanded yet.

    Whoever was paid may answer within working days. Refuses more than was paid and not demanded before
    (`recovery.too_much`), a second recovery beside a living one (`recovery.known`), and a ground that is not the
    claim's (六(二)).
    """
    claims.lock(ctx, claim_id)
    found = queries.paid(ctx, claim_id)
    form = found.form
    ctx.require(permissions.OPEN, form)
    reason = _words(reason)
    if any(r.state in (RecoveryState.OPENED, RecoveryState.DEMANDED) for r in queries.of_claims(ctx, [claim_id])):
        raise Refusal("recovery.known", N_("兑付申请 {number} 已有追回在办理。"), clause="六(二)", number=form.number)
    if not 0 < amount_fen <= found.room_fen:
        raise Refusal(
            "recovery.too_much",
            N_("最多可以追回 {room}，不能追回 {asked}。"),
            clause="六(二)",
            field="amount",
            room=Yuan(found.room_fen),
            asked=Yuan(amount_fen),
        )
    _require_ground(ctx, found, ground, ground_id)
    made = ctx.add(
        Recovery(
            number="ZH" + random_number(9),
            claim_id=claim_id,
            fund_id=found.fund_id,
            pilot_id=form.pilot_id,
            city=form.city,
            debtor_id=form.payee_id,
            ground=ground,
            ground_id=ground_id,
            amount_fen=amount_fen,
            received_fen=0,
            reason=reason,
            state=RecoveryState.OPENED,
            opened_by=ctx.who.person_id,
            answer_by=add_workdays(ctx.today, terms().answer_days).day,
            answer="",
            decision="",
        )
    )
    ctx.session.flush()
    facts = {"number": made.number, "claim_id": claim_id, "amount_fen": amount_fen, "ground": ground.value}
    audit.record(ctx, "recovery.opened", made, **facts, reason=reason)
    ctx.announce(RecoveryOpened(made.id))
    return made


def _require_ground(ctx: Context, found: queries.Paid, ground: Ground, ground_id: uuid.UUID | None) -> None:
    """The thing it stands on is known, and is the claim's."""
    if ground is Ground.INSPECTION:
        known = ground_id is None
    elif ground is Ground.DISPUTE:
        known = ground_id is not None and ground_id == found.form.order_id
    else:
        known = any(b.ground is ground and b.id == ground_id for b in queries.bases(ctx, found.form))
    if not known:
        raise Refusal("recovery.ground", N_("所选的依据与这份兑付申请无关。"), clause="六(二)", field="ground")


def _words(text: str) -> str:
    if not text.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    return text.strip()


def answer(ctx: Context, recovery_id: uuid.UUID, *, agrees: bool, text: str) -> Recovery:
    """Whoever was paid says whether it agrees, and why, once; until another officer has decided."""
    recovery = queries.get(ctx, recovery_id, lock=True)
    ctx.require(permissions.ANSWER, recovery)
    if recovery.state is not RecoveryState.OPENED or recovery.answered_at is not None:
        raise Refusal(
            "recovery.answered", N_("追回 {number} 已有说明或已作决定，不能再作说明。"), number=recovery.number
        )
    if not agrees and not text.strip():
        raise Invalid({"text": [N_("不同意的，请写明理由。")]})
    recovery.agrees, recovery.answer = agrees, text.strip()
    recovery.answered_by, recovery.answered_at = ctx.who.person_id, ctx.now
    ctx.session.flush()
    audit.record(ctx, "recovery.answered", recovery, agrees=agrees)
    ctx.announce(RecoveryAnswered(recovery.id))
    return recovery


def demand(ctx: Context, recovery_id: uuid.UUID, *, reason: str) -> Recovery:
    """Another officer demands the money: the ledger posts the clawback of each paid part, the first paid first.

    Not before the answer has come or its last day is over (`recovery.hearing`).
    """
    recovery = _decidable(ctx, recovery_id)
    reason = _words(reason)
    left = recovery.amount_fen
    for redemption_id, room in queries.paid_parts(ctx, recovery.claim_id):
        amount = min(room, left)
        if not amount:
            break
        posted = parts.clawback(ctx, redemption_id, amount, f"recovery:{recovery.id}:{redemption_id}")
        ctx.add(
            RecoveryPart(
                recovery_id=recovery.id,
                redemption_id=redemption_id,
                entry_id=posted.entry_id,
                amount_fen=amount,
                received_fen=0,
            )
        )
        left -= amount
    if left:
        raise Refusal(
            "recovery.too_much",
            N_("最多可以追回 {room}，不能追回 {asked}。"),
            clause="六(二)",
            room=Yuan(recovery.amount_fen - left),
            asked=Yuan(recovery.amount_fen),
        )
    recovery = queries.get(ctx, recovery_id, lock=True)
    recovery.pay_by = add_workdays(ctx.today, terms().payment_days).day
    _decide(ctx, recovery, "demand", reason)
    audit.record(ctx, "recovery.demanded", recovery, amount_fen=recovery.amount_fen, reason=reason)
    ctx.announce(RecoveryDemanded(recovery.id))
    return recovery


def drop(ctx: Context, recovery_id: uuid.UUID, *, reason: str) -> Recovery:
    """Another officer drops the matter, and says why; nothing was posted."""
    recovery = _decidable(ctx, recovery_id)
    reason = _words(reason)
    _decide(ctx, recovery, "drop", reason)
    audit.record(ctx, "recovery.dropped", recovery, reason=reason)
    ctx.announce(RecoveryDropped(recovery.id))
    return recovery


def _decidable(ctx: Context, recovery_id: uuid.UUID) -> Recovery:
    recovery = queries.get(ctx, recovery_id, lock=True)
    ctx.require(permissions.DECIDE, recovery)
    if recovery.opened_by == ctx.who.person_id:
        raise Refusal("recovery.same_person", N_("发起与复核不能是同一人。"), clause="四(二)")
    if recovery.state is not RecoveryState.OPENED:
        RECOVERY.move(recovery, "demand")
    if recovery.answered_at is None and ctx.today <= recovery.answer_by:
        raise Refusal(
            "recovery.hearing",
            N_("对方可在 {day} 前作出说明；收到说明或期满后再作决定。"),
            clause="六(二)",
            day=recovery.answer_by,
        )
    return recovery


def _decide(ctx: Context, recovery: Recovery, verb: str, reason: str) -> None:
    recovery.decided_by, recovery.decided_at, recovery.decision = ctx.who.person_id, ctx.now, reason
    RECOVERY.move(recovery, verb)
    ctx.session.flush()


def receive(
    ctx: Context, recovery_id: uuid.UUID, *, amount_fen: int, bank_reference: str, received_on: date
) -> RecoveryReceipt:
    """Finance records what came in, under the bank's reference: it is in the fund again, and may come in parts.

    The same reference with the same amount changes nothing; with another amount it is refused
    (`recovery.reference_taken`), like more than is owed (`recovery.more_than_owed`).
    """
    recovery = queries.get(ctx, recovery_id, lock=True)
    ctx.require(permissions.RECEIVE, recovery)
    bank_reference = bank_reference.strip()
    if not bank_reference:
        raise Invalid({"bank_reference": [N_("请填写银行流水号。")]})
    known = _receipt(ctx, recovery_id, bank_reference)
    if known is not None:
        if (known.amount_fen, known.received_on) == (amount_fen, received_on):
            return known
        raise Refusal(
            "recovery.reference_taken",
            N_("流水号 {reference} 已登记为 {amount}，与本次不同。"),
            field="bank_reference",
            reference=bank_reference,
            amount=Yuan(known.amount_fen),
        )
    if recovery.state is not RecoveryState.DEMANDED:
        RECOVERY.move(recovery, "settle")
    _check_receipt(ctx, recovery, amount_fen, received_on)
    left = amount_fen
    for part in queries.parts(ctx, recovery_id):
        amount = min(part.amount_fen - part.received_fen, left)
        if amount:
            part.received_fen += amount
            ctx.session.flush()
            key = f"recovery:{recovery.id}:{bank_reference}:{part.entry_id}"
            funds.recover(ctx, recovery.fund_id, part.entry_id, amount, key)
            left -= amount
    receipt = ctx.add(
        RecoveryReceipt(
            recovery_id=recovery_id,
            amount_fen=amount_fen,
            bank_reference=bank_reference,
            received_on=received_on,
            recorded_by=ctx.who.person_id,
        )
    )
    recovery.received_fen += amount_fen
    if not recovery.left_fen:
        RECOVERY.move(recovery, "settle")
    ctx.session.flush()
    audit.record(ctx, "recovery.received", recovery, amount_fen=amount_fen, reference=bank_reference)
    ctx.announce(RecoveryReceived(recovery_id, amount_fen, recovery.left_fen, bank_reference))
    return receipt


def _receipt(ctx: Context, recovery_id: uuid.UUID, bank_reference: str) -> RecoveryReceipt | None:
    return ctx.session.scalars(
        select(RecoveryReceipt).where(
            RecoveryReceipt.recovery_id == recovery_id, RecoveryReceipt.bank_reference == bank_reference
        )
    ).one_or_none()


def _check_receipt(ctx: Context, recovery: Recovery, amount_fen: int, received_on: date) -> None:
    if not 0 < amount_fen <= recovery.left_fen:
        raise Refusal(
            "recovery.more_than_owed",
            N_("尚欠 {left}，不能登记 {asked}。"),
            field="amount",
            left=Yuan(recovery.left_fen),
            asked=Yuan(amount_fen),
        )
    if received_on > ctx.today:
        raise Invalid({"received_on": [N_("到账日期不能晚于今天。")]})


def escalate(ctx: Context) -> str:
    """Of each late recovery the city gets a case, once, and everybody concerned hears. Job `recoveries.late`."""
    found = queries.late(ctx, ESCALATE_AT_ONCE)
    for recovery in found:
        recovery.escalated_on = ctx.today
        findings.open(
            ctx,
            detector=OVERDUE,
            clause="六(二)",
            severity=Severity.FAIL,
            suspicion=Suspicion(
                subject_kind="recovery",
                subject_id=str(recovery.id),
                city=recovery.city,
                pilot_id=recovery.pilot_id,
                template=N_("追回 {number} 应于 {day} 前退款，逾期未全部到账。"),
                evidence={"number": recovery.number, "day": recovery.pay_by.isoformat() if recovery.pay_by else ""},
                url=f"/recoveries/{recovery.id}",
            ),
        )
        messages.late(ctx, recovery)
    ctx.session.flush()
    return f"{len(found)} late recoveries" if found else ""
