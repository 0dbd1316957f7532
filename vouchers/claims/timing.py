"""How long the offices really take over claims, in working days, for everybody to read; no claim can be told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from marketplace.base.clock import day_of, midnight
from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.base.workdays import workdays_between
from vouchers.claims import rules
from vouchers.claims.models import ClaimForm, ClaimPaper, ClaimReview
from vouchers.claims.states import STEPS, Decision, Step

DAYS = 365
"""How far back is counted."""
FEWEST = 5
"""Of fewer claims nothing but their number is told: one could be recognised."""


@dataclass(frozen=True)
class Timing:
    """One step: within how many working days it is to be done, how many were done, half and nine of ten of them within
    how many working days, and how many in time. None while there are fewer than `FEWEST`."""

    code: str
    label: str
    target: int
    count: int
    median: int | None
    ninetieth: int | None
    in_time: int | None


@dataclass(frozen=True)
class Timings:
    """All steps over the last `DAYS` days, and how many claims are late now."""

    steps: list[Timing]
    waiting: int
    late: int


def timings(ctx: Context) -> Timings:
    """What is published; everybody may ask. Three statements."""
    since = ctx.today - timedelta(days=DAYS)
    first = aliased(ClaimReview)
    filed = (
        select(ClaimPaper.claim_id, ClaimPaper.round, func.min(ClaimPaper.created_at).label("at"))
        .group_by(ClaimPaper.claim_id, ClaimPaper.round)
        .subquery()
    )
    decided = ctx.session.execute(
        select(ClaimReview.step, ClaimReview.created_at, filed.c.at, first.created_at)
        .join(filed, (filed.c.claim_id == ClaimReview.claim_id) & (filed.c.round == ClaimReview.round))
        .outerjoin(
            first,
            (first.claim_id == ClaimReview.claim_id)
            & (first.round == ClaimReview.round)
            & (first.step == Step.PILOT)
            & (ClaimReview.step == Step.CITY),
        )
        .where(ClaimReview.created_at >= midnight(since))
    )
    took: dict[Step, list[int]] = {Step.PILOT: [], Step.CITY: []}
    for step, at, submitted, reviewed in decided:
        took[step].append(workdays_between(day_of(reviewed or submitted), day_of(at)))
    last = aliased(ClaimReview)
    paid = ctx.session.execute(
        select(ClaimForm.created_at, last.created_at, ClaimForm.paid_on)
        .join(
            last,
            (last.claim_id == ClaimForm.claim_id)
            & (last.round == ClaimForm.round)
            & (last.step == Step.CITY)
            & (last.decision == Decision.APPROVED),
        )
        .where(ClaimForm.paid_on >= since)
    ).all()
    payment = [workdays_between(day_of(approved), day) for _, approved, day in paid if day]
    whole = [workdays_between(day_of(began), day) for began, _, day in paid if day]
    waiting, late = ctx.session.execute(
        select(func.count(), func.count().filter(ClaimForm.due_on < ctx.today)).where(ClaimForm.due_on.is_not(None))
    ).one()
    targets = (rules.PILOT_DAYS, rules.CITY_DAYS, rules.PAYMENT_DAYS)
    return Timings(
        [
            _timing("pilot", STEPS[Step.PILOT], targets[0], took[Step.PILOT]),
            _timing("city", STEPS[Step.CITY], targets[1], took[Step.CITY]),
            _timing("payment", N_("审定后付款"), targets[2], payment),
            _timing("whole", N_("从申请到付款"), sum(targets), whole),
        ],
        int(waiting),
        int(late),
    )


def _timing(code: str, label: str, target: int, took: Sequence[int]) -> Timing:
    if len(took) < FEWEST:
        return Timing(code, label, target, len(took), None, None, None)
    in_time = sum(days <= target for days in took)
    return Timing(code, label, target, len(took), within(took, 50), within(took, 90), in_time)


def within(took: Sequence[int], percent: int) -> int:
    """Within how many days so many of a hundred were done: the nearest rank, a value that really occurred."""
    return sorted(took)[math.ceil(len(took) * percent / 100) - 1]
