"""Judging a renovation."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_
from marketplace.pilots.levels import actions as levels
from marketplace.pilots.levels import queries as known_levels
from marketplace.pilots.members import queries as members
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.audit import actions as audit
from marketplace.shop.acceptance import permissions, rules
from marketplace.shop.acceptance.events import RenovationAccepted, RenovationNotAccepted
from marketplace.shop.acceptance.models import Acceptance
from marketplace.shop.acceptance.states import Result
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.states import OrderState


def judge(
    ctx: Context,
    order_id: uuid.UUID,
    *,
    scores: Mapping[str, int],
    level_after: str,
    result: Result,
    finance_clean: bool,
    reason: str,
    evidence_document_id: uuid.UUID | None = None,
) -> Acceptance:
    """The city judges the renovation behind an order: scores per angle, the level reached, and the result (二(五)).

    `level_after` is a step of the book's scale, like ``L6``. Passing needs the target level of the member (二(二)), the
    pass line and clean finances. The level is recorded whatever the result. One passed judgement per order; failed
    is final, rectify is not.
    """
    order = orders.lock(ctx, order_id)
    ctx.require(permissions.JUDGE, order)
    if order.state is not OrderState.CONFIRMED:
        raise Refusal(
            "acceptance.not_confirmed",
            N_("企业尚未确认交付，不能验收（订单 {number}）。"),
            clause="二(五)",
            number=order.number,
        )
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明验收意见。")]})
    earlier = ctx.session.scalars(select(Acceptance.result).where(Acceptance.order_id == order.id)).all()
    if any(found is not Result.RECTIFY for found in earlier):
        raise Refusal("acceptance.already_judged", N_("该订单已有最终验收结论。"), clause="二(五)")
    book = pilots.book(ctx, order.pilot_id)
    scale = book.level_scale
    member = members.require_live(ctx, order.enterprise_id, order.pilot_id)
    points = rules.points_of(scores, book.acceptance.angles)
    reached = rules.rank_of(level_after, scale)
    target = scale.rank(member.target_level) or len(scale.levels)
    rules.check_pass(result, points=points, level=reached, target=target, scale=scale, finance_clean=finance_clean)
    before = known_levels.latest(ctx, order.enterprise_id, scale.code, ctx.today)
    level = levels.record(
        ctx,
        enterprise_id=order.enterprise_id,
        scale=scale.code,
        pilot_id=order.pilot_id,
        value=scale.levels[reached - 1],
        assessor=ctx.who.organisation_name or ctx.who.name,
        assessed_on=ctx.today,
        evidence_document_id=evidence_document_id,
    )
    row = ctx.add(
        Acceptance(
            order_id=order.id,
            round=len(earlier) + 1,
            enterprise_id=order.enterprise_id,
            provider_id=order.provider_id,
            pilot_id=order.pilot_id,
            city=order.city,
            scores=dict(scores),
            points=points or 0,  # beside no scores: the book names no angles
            finance_clean=finance_clean,
            level_before=before.value if before else member.baseline_level,
            level_after=scale.levels[reached - 1],
            rank_after=reached,
            level_record_id=level.id,
            result=result,
            accepted_on=ctx.today,
            officer=ctx.who.person_id,
            reason=reason.strip(),
        )
    )
    ctx.session.flush()
    audit.record(ctx, "acceptance.judged", row, **row.facts)
    _tell(ctx, row)
    return row


def _tell(ctx: Context, row: Acceptance) -> None:
    if row.result is Result.PASSED:
        ctx.announce(
            RenovationAccepted(
                acceptance_id=row.id,
                order_id=row.order_id,
                enterprise_id=row.enterprise_id,
                provider_id=row.provider_id,
                pilot_id=row.pilot_id,
                accepted_on=row.accepted_on,
                level=row.level_after,
                rank=row.rank_after,
            )
        )
    else:
        ctx.announce(
            RenovationNotAccepted(
                row.id, row.order_id, row.enterprise_id, row.provider_id, row.result is Result.FAILED, row.reason
            )
        )
