"""REST: pilots with their decisions, tranches and changes of plan, /api/v1/pilots."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.paging import Key, Page, cut, fetch
from marketplace.pilots.programmes import actions, permissions, queries
from marketplace.pilots.programmes.models import Pilot
from marketplace.pilots.programmes.schemas import (
    MidTermEvaluationSchema,
    PilotApplicationSchema,
    PilotApprovalSchema,
    PilotArgs,
    PilotNominationSchema,
    PilotReasonSchema,
    PilotReviewSchema,
    PilotSchema,
    PlanChangeSchema,
    PlanDecisionSchema,
    TrancheProposalSchema,
    TrancheReceiptSchema,
    TrancheReleaseSchema,
    TrancheSchema,
)
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = ApiBlueprint("pilots_api", __name__, url_prefix="/pilots", description="Pilots, their awards and tranches")

NEWEST = [Key(Pilot.created_at, descending=True), Key(Pilot.id, descending=True)]


@bp.get("")
@access(PUBLIC)
@bp.arguments(PilotArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(PilotSchema))
def index(limit: int, cursor: str | None, **filters: Any) -> Page[Any]:
    """Approved pilots; officers also see those of their place that are not approved yet. Newest first."""
    ctx = reading()
    return fetch(ctx.session, queries.search(ctx, **filters), NEWEST, limit=limit, cursor=cursor)


@bp.post("")
@access(permissions.NOMINATE)
@bp.arguments(PilotNominationSchema, as_kwargs=True)
@bp.alt_response(201, schema=PilotSchema)
def nominate(batch_id: uuid.UUID, letters: list[Any], declarations: list[Any], **data: Any) -> Any:
    """Recommend an area for a batch."""
    signed = [actions.Letter(**letter) for letter in letters]
    declared = {d["condition"]: actions.Declared(d["statement"], d["document_id"]) for d in declarations}
    return rest.do(
        PilotSchema,
        lambda ctx: actions.nominate(ctx, batch_id, letters=signed, declarations=declared, **data),
        status=201,
    )


@bp.get("/<uuid:pilot_id>")
@access(PUBLIC)
@bp.response(200, PilotSchema)
def show(pilot_id: uuid.UUID) -> Pilot:
    """One pilot."""
    return queries.get(reading(), pilot_id)


def _within(ctx: Context, pilot_id: uuid.UUID) -> Pilot:
    """A pilot whose papers this person may see; what is only public has no papers to show."""
    pilot = queries.get(ctx, pilot_id)
    if not ctx.may(permissions.READ, pilot):
        raise NotFound("pilot")
    return pilot


@bp.get("/<uuid:pilot_id>/application")
@access(permissions.READ)
@bp.response(200, PilotApplicationSchema)
def application(pilot_id: uuid.UUID) -> dict[str, Any]:
    """What was handed in for a pilot: letters, declared conditions, the experts' opinion."""
    ctx = reading()
    pilot = _within(ctx, pilot_id)
    return {
        "plan_document_id": pilot.plan_document_id,
        "letters": queries.recommendations(ctx, pilot.id),
        "declarations": list(queries.declarations(ctx, pilot.id).values()),
        "reviewed_on": pilot.reviewed_on,
        "review_note": pilot.review_note,
        "state_reason": pilot.state_reason,
    }


@bp.post("/<uuid:pilot_id>/review")
@access(permissions.REVIEW)
@bp.arguments(PilotReviewSchema, as_kwargs=True)
@bp.alt_response(200, schema=PilotSchema)
def review(pilot_id: uuid.UUID, passed: bool, note: str) -> Any:
    """Record the result of the expert review."""
    return rest.do(PilotSchema, lambda ctx: actions.review(ctx, pilot_id, passed=passed, note=note))


@bp.post("/<uuid:pilot_id>/approval")
@access(permissions.APPROVE)
@bp.arguments(PilotApprovalSchema, as_kwargs=True)
@bp.alt_response(200, schema=PilotSchema)
def approve(pilot_id: uuid.UUID, award: int, edition_id: uuid.UUID | None) -> Any:
    """Approve the plan and set the award, which is booked."""
    return rest.do(PilotSchema, lambda ctx: actions.approve(ctx, pilot_id, award, edition_id), money=True)


_REASONED = {
    "withdrawal": (actions.withdraw, permissions.NOMINATE, "The city takes its recommendation back."),
    "rejection": (actions.decline, permissions.APPROVE, "Do not approve a reviewed pilot."),
    "suspension": (actions.suspend, permissions.GOVERN, "Suspend a pilot."),
    "resumption": (actions.resume, permissions.GOVERN, "Let a suspended pilot go on."),
    "closing": (actions.close, permissions.GOVERN, "End a pilot."),
}


def _reasoned(name: str, verb: Any, permission: permissions.Permission, summary: str) -> None:
    def view(pilot_id: uuid.UUID, reason: str) -> Any:
        return rest.do(PilotSchema, lambda ctx: verb(ctx, pilot_id, reason))

    view.__name__ = view.__qualname__ = name
    view.__doc__ = summary
    view = bp.arguments(PilotReasonSchema, as_kwargs=True)(bp.alt_response(200, schema=PilotSchema)(view))
    bp.post(f"/<uuid:pilot_id>/{name}")(access(permission)(view))


for _name, _entry in _REASONED.items():
    _reasoned(_name, *_entry)


@bp.get("/<uuid:pilot_id>/tranches")
@access(permissions.READ)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(TrancheSchema))
def tranches(pilot_id: uuid.UUID, limit: int, cursor: str | None) -> Page[Any]:
    """The tranches of a pilot in their order."""
    ctx = reading()
    return cut(queries.tranches(ctx, _within(ctx, pilot_id).id), limit=limit, cursor=cursor)


@bp.post("/<uuid:pilot_id>/tranches")
@access(permissions.PROPOSE)
@bp.arguments(TrancheProposalSchema, as_kwargs=True)
@bp.alt_response(201, schema=TrancheSchema)
def propose(pilot_id: uuid.UUID, amount: int) -> Any:
    """The industry department proposes to send a part of the award."""
    return rest.do(TrancheSchema, lambda ctx: actions.propose_tranche(ctx, pilot_id, amount), status=201, money=True)


@bp.post("/tranches/<uuid:tranche_id>/release")
@access(permissions.RELEASE)
@bp.arguments(TrancheReleaseSchema, as_kwargs=True)
@bp.alt_response(200, schema=TrancheSchema)
def release(tranche_id: uuid.UUID, release_number: str) -> Any:
    """The finance department sends a proposed tranche."""
    return rest.do(TrancheSchema, lambda ctx: actions.release_tranche(ctx, tranche_id, release_number), money=True)


@bp.post("/tranches/<uuid:tranche_id>/refusal")
@access(permissions.RELEASE)
@bp.arguments(PilotReasonSchema, as_kwargs=True)
@bp.alt_response(200, schema=TrancheSchema)
def refuse(tranche_id: uuid.UUID, reason: str) -> Any:
    """The finance department does not follow a proposal."""
    return rest.do(TrancheSchema, lambda ctx: actions.refuse_tranche(ctx, tranche_id, reason))


@bp.post("/tranches/<uuid:tranche_id>/receipt")
@access(permissions.RECEIVE)
@bp.arguments(TrancheReceiptSchema, as_kwargs=True)
@bp.alt_response(200, schema=TrancheSchema)
def receive(tranche_id: uuid.UUID, received_on: date, bank_reference: str) -> Any:
    """A finance officer confirms that the money has arrived."""
    return rest.do(
        TrancheSchema,
        lambda ctx: actions.receive_tranche(ctx, tranche_id, received_on=received_on, bank_reference=bank_reference),
        money=True,
    )


@bp.post("/<uuid:pilot_id>/evaluation")
@access(permissions.EVALUATE)
@bp.arguments(MidTermEvaluationSchema, as_kwargs=True)
@bp.alt_response(201, schema=MidTermEvaluationSchema)
def evaluate(pilot_id: uuid.UUID, **data: Any) -> Any:
    """Record the mid-term evaluation."""
    return rest.do(MidTermEvaluationSchema, lambda ctx: actions.evaluate(ctx, pilot_id, **data), status=201)


@bp.get("/<uuid:pilot_id>/changes")
@access(permissions.READ)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(PlanChangeSchema))
def changes(pilot_id: uuid.UUID, limit: int, cursor: str | None) -> Page[Any]:
    """Changes of plan, newest first."""
    ctx = reading()
    return cut(queries.changes(ctx, _within(ctx, pilot_id).id), limit=limit, cursor=cursor)


@bp.post("/<uuid:pilot_id>/changes")
@access(permissions.CHANGE)
@bp.arguments(PlanChangeSchema, as_kwargs=True)
@bp.alt_response(201, schema=PlanChangeSchema)
def request_change(pilot_id: uuid.UUID, **data: Any) -> Any:
    """Ask for a change of the approved plan."""
    return rest.do(PlanChangeSchema, lambda ctx: actions.request_change(ctx, pilot_id, **data), status=201)


@bp.post("/changes/<uuid:change_id>/decision")
@access(permissions.DECIDE_CHANGE)
@bp.arguments(PlanDecisionSchema, as_kwargs=True)
@bp.alt_response(200, schema=PlanChangeSchema)
def decide_change(change_id: uuid.UUID, approved: bool, reason: str) -> Any:
    """Agree to a change of plan, or not."""
    return rest.do(
        PlanChangeSchema, lambda ctx: actions.decide_change(ctx, change_id, approved=approved, reason=reason)
    )
