"""Changes of the approved plan: asked by the pilot, decided by the province; until then the plan holds (五(三))."""

from __future__ import annotations

import uuid

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.pilots.programmes import departments, permissions, queries, rules
from marketplace.pilots.programmes.events import PlanChangeApproved
from marketplace.pilots.programmes.models import PlanChange
from marketplace.pilots.programmes.states import CHANGE, ChangeState
from marketplace.policy.editions import queries as editions
from marketplace.policy.engine import acts
from marketplace.policy.engine.refusal import refuse
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents


def request_change(
    ctx: Context, pilot_id: uuid.UUID, *, title: str, text: str, document_id: uuid.UUID | None = None
) -> PlanChange:
    """Ask for a change of the approved plan."""
    pilot = queries.get(ctx, pilot_id)
    ctx.require(permissions.CHANGE, pilot)
    clause = rules.clause_of(editions.book(ctx, pilot.edition_id), "change")
    rules.check_running(pilot, clause)
    if not title.strip() or not text.strip():
        raise Refusal("plan.text_missing", N_("请写明调整事项和理由。"), clause=clause, field="text")
    change = ctx.add(
        PlanChange(
            pilot_id=pilot.id,
            city=pilot.city,
            title=title.strip(),
            text=text.strip(),
            document_id=documents.get(ctx, document_id).id if document_id else None,
            state=ChangeState.REQUESTED,
            requested_by=departments.person(ctx),
        )
    )
    ctx.session.flush()
    audit.record(ctx, "plan.change_requested", change)
    return change


def decide_change(ctx: Context, change_id: uuid.UUID, *, approved: bool, reason: str = "") -> PlanChange:
    """The industry department agrees to a change of plan, or not; a refusal needs its reason."""
    change = queries.change(ctx, change_id, lock=True)
    ctx.require(permissions.DECIDE_CHANGE, change)
    pilot = queries.read(ctx, change.pilot_id)
    clause = rules.clause_of(editions.book(ctx, pilot.edition_id), "change")
    departments.require_industry(ctx, pilot.programme_id, clause)
    if not approved and not reason.strip():
        raise Refusal("plan.reason_missing", N_("不予批准请写明理由。"), clause=clause, field="reason")
    CHANGE.move(change, "approve" if approved else "reject")
    change.decided_by = departments.person(ctx)
    change.decided_at = ctx.now
    change.decision_reason = reason.strip() or None
    audit.record(ctx, "plan.change_decided", change, approved=approved)
    if approved:
        ctx.announce(PlanChangeApproved(pilot.id, change.id))
    return change


def require_approved(ctx: Context, change_id: uuid.UUID) -> PlanChange:
    """A change of plan that took effect; refuses one that the province has not agreed to (五(三))."""
    change = queries.change(ctx, change_id)
    book = editions.book(ctx, queries.read(ctx, change.pilot_id).edition_id)
    refuse(acts.change_plan(book, change.title, approved=change.state is ChangeState.APPROVED))
    return change
