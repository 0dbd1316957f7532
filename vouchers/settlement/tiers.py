"""How many persons release a batch, by its amount: the city's industry bureau says it, finance is bound by it.

One person besides the maker always; above an amount, as many as the highest tier below it asks for. The persons are
counted, not their assignments. Whoever sets the tiers releases nothing, and every change of them is on record.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Select, delete, func, select

from marketplace.base import permissions as reach
from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.money import Yuan
from marketplace.base.permissions import Scope
from marketplace.base.text import N_
from marketplace.record.audit import actions as audit
from vouchers.ledger.models.payments import PaymentBatch
from vouchers.settlement import permissions
from vouchers.settlement.models import ApprovalTier, BatchRelease

MOST = 12
"""Tiers of one city: more would be read by nobody."""


def listed(ctx: Context) -> Sequence[ApprovalTier]:
    """The tiers that hold now where this person may look, by city and amount."""
    return ctx.session.scalars(_living(ctx).order_by(ApprovalTier.city, ApprovalTier.above_fen)).all()


def _living(ctx: Context) -> Select[ApprovalTier]:
    statement = select(ApprovalTier).where(ApprovalTier.ended_at.is_(None))
    return reach.visible(ctx, permissions.READ, statement, city=ApprovalTier.city)


def needed(ctx: Context, batch: PaymentBatch) -> int:
    """How many persons besides the maker must release a batch of this amount; the caller has authorised the batch."""
    found = ctx.session.scalar(
        select(func.max(ApprovalTier.persons)).where(
            ApprovalTier.city == batch.city, ApprovalTier.above_fen < batch.total, ApprovalTier.ended_at.is_(None)
        )
    )
    return found or 1


def released_by(ctx: Context, batch_id: uuid.UUID) -> list[BatchRelease]:
    """Who released a batch so far, earliest first; the caller has authorised the batch."""
    found = select(BatchRelease).where(BatchRelease.batch_id == batch_id)
    return list(ctx.session.scalars(found.order_by(BatchRelease.created_at, BatchRelease.id)))


def void(ctx: Context, batch_id: uuid.UUID) -> None:
    """A changed batch is looked at anew by everybody."""
    ctx.session.execute(delete(BatchRelease).where(BatchRelease.batch_id == batch_id))


def release(ctx: Context, batch: PaymentBatch) -> bool:
    """Count the acting person's word for a locked draft; True when it was the last that is needed.

    Refuses `settlement.released_before` for a person who released it already.
    """
    before = released_by(ctx, batch.id)
    if any(row.person_id == ctx.who.person_id for row in before):
        raise Refusal(
            "settlement.released_before",
            N_("您已复核过批次 {number}，须由另一人继续复核。"),
            clause="四(二)",
            number=batch.number,
        )
    if len(before) + 1 >= needed(ctx, batch):
        return True
    ctx.add(
        BatchRelease(
            batch_id=batch.id,
            person_id=ctx.who.person_id,
            assignment_id=ctx.who.assignment_id,
            total_fen=batch.total,
        )
    )
    ctx.session.flush()
    return False


def put(ctx: Context, *, above_fen: int, persons: int) -> ApprovalTier:
    """The city's bureau says how many persons release batches above an amount in fen; an earlier word for the same
    amount ends. Refuses `tier.same` when nothing would change, `tier.too_many`."""
    city = ctx.who.region or ""
    ctx.require(permissions.SET_TIERS, Scope.of(city=city))
    living = [tier for tier in listed(ctx) if tier.city == city]
    same = next((tier for tier in living if tier.above_fen == above_fen), None)
    if same is not None:
        if same.persons == persons:
            raise Refusal("tier.same", N_("超过 {amount} 的批次已是 {persons} 人复核。"), field="persons",
                          amount=Yuan(above_fen), persons=persons)  # fmt: skip
        _end(ctx, same)
    elif len(living) >= MOST:
        raise Refusal("tier.too_many", N_("最多设 {most} 级。"), field="above", most=MOST)
    made = ctx.add(ApprovalTier(city=city, above_fen=above_fen, persons=persons, made_by=ctx.who.person_id))
    ctx.session.flush()
    audit.record(ctx, "tier.set", made, above_fen=above_fen, persons=persons)
    return made


def end(ctx: Context, tier_id: uuid.UUID) -> ApprovalTier:
    """The city's bureau ends a tier; batches that nobody has released yet follow the tiers that are left."""
    tier = ctx.session.scalars(
        select(ApprovalTier).where(ApprovalTier.id == tier_id, ApprovalTier.ended_at.is_(None)).with_for_update()
    ).one_or_none()
    if tier is None or not ctx.may(permissions.READ, tier):
        raise NotFound("approval_tier")
    ctx.require(permissions.SET_TIERS, tier)
    _end(ctx, tier)
    audit.record(ctx, "tier.ended", tier, above_fen=tier.above_fen, persons=tier.persons)
    return tier


def _end(ctx: Context, tier: ApprovalTier) -> None:
    tier.ended_at, tier.ended_by = ctx.now, ctx.who.person_id
    ctx.session.flush()
