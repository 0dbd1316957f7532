"""A claim told from submission to payment, for its page: what was, what is now, what comes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marketplace.base.text import N_, Text
from vouchers.claims.models import ClaimForm, ClaimReview
from vouchers.claims.queries import Filed
from vouchers.claims.states import DECISIONS, STEPS, Decision, Step
from vouchers.ledger.models.payments import BatchItem, PayoutAttempt
from vouchers.ledger.states import AttemptState, ClaimState, ItemState

SOON = 2
"""Days before the last on which a step is called urgent."""
Payments = Sequence[tuple[BatchItem, PayoutAttempt | None]]


def clock(form: ClaimForm, today: date) -> tuple[Text, str] | None:
    """What is to be said of a step's last day, with its tone; None: nobody is waited for."""
    if form.due_on is None:
        return (Text(N_("已付款")), "ok") if form.paid_on else None
    left = (form.due_on - today).days
    if left < 0 and form.escalated_on:
        return Text(N_("已超期 {days} 天，已报省级督办"), {"days": -left}), "bad"
    if left < 0:
        return Text(N_("已超期 {days} 天"), {"days": -left}), "bad"
    if left == 0:
        return Text(N_("今天到期")), "warn"
    return Text(N_("还剩 {days} 天"), {"days": left}), "warn" if left <= SOON else "info"


@dataclass(frozen=True)
class Station:
    """One station: `state` is done, now, next or bad; `due` the last working day of the office at work."""

    label: Text | str
    state: str
    at: datetime | None = None
    who: Text | str = ""
    due: date | None = None
    note: str = ""


def stations(
    filed: Filed, reviews: Sequence[ClaimReview], payments: Payments, names: Mapping[uuid.UUID, str]
) -> list[Station]:
    """The whole way of a claim. `names` are of the payee and the reviewers."""
    form = filed.form
    told = [Station(N_("提交兑付申请"), "done", form.created_at, names.get(form.payee_id, ""))]
    told += [_reviewed(row, names) for row in reviews]
    told += [_paid(attempt) for _, attempt in payments if attempt is not None and attempt.state in _ENDS]
    return told + _ahead(filed, payments)


_ENDS = (AttemptState.CONFIRMED, AttemptState.FAILED)


def _reviewed(row: ClaimReview, names: Mapping[uuid.UUID, str]) -> Station:
    values: dict[str, Any] = {"step": Text(STEPS[row.step]), "decision": Text(DECISIONS[row.decision])}
    state = {Decision.APPROVED: "done", Decision.RETURNED: "done", Decision.REJECTED: "bad"}[row.decision]
    return Station(
        Text(N_("{step}：{decision}"), values), state, row.created_at, names.get(row.person_id, ""), note=row.reason
    )


def _paid(attempt: PayoutAttempt) -> Station:
    if attempt.state is AttemptState.CONFIRMED:
        text = Text(N_("银行已付款，流水号 {reference}"), {"reference": attempt.bank_reference or ""})
        return Station(text, "done")
    return Station(Text(N_("银行退回：{reason}"), {"reason": attempt.reason or "—"}), "bad")


def refused(filed: Filed, payments: Payments) -> PayoutAttempt | None:
    """The payment that the bank sent back, while the money is still to be paid and no other payment is on its way."""
    if filed.claim.state is not ClaimState.APPROVED or any(item.state is ItemState.OPEN for item, _ in payments):
        return None
    failed = [attempt for _, attempt in payments if attempt is not None and attempt.state is AttemptState.FAILED]
    return failed[-1] if failed else None


def _ahead(filed: Filed, payments: Payments) -> list[Station]:
    state, due = filed.claim.state, filed.form.due_on
    city, payment = Station(STEPS[Step.CITY], "next"), Station(N_("付款"), "next")
    if state is ClaimState.SUBMITTED:
        return [Station(STEPS[Step.PILOT], "now", due=due), city, payment]
    if state is ClaimState.RETURNED:
        return [Station(N_("等待补正"), "now"), Station(STEPS[Step.PILOT], "next"), city, payment]
    if state is ClaimState.REVIEWED:
        return [Station(STEPS[Step.CITY], "now", due=due), payment]
    if state is ClaimState.APPROVED:
        sent = any(a is not None and a.state in (AttemptState.SENT, AttemptState.UNKNOWN) for _, a in payments)
        return [Station(N_("已送银行，等待回单") if sent else N_("财政付款"), "now", due=due)]
    return []
