"""REST: the review of calls and applications, /api/v1/review."""

from __future__ import annotations

import uuid
from operator import attrgetter
from typing import Any

from marketplace.base.paging import Page, cut
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access
from providers.applications import queries as applications
from providers.applications.permissions import READ as READ_APPLICATION
from providers.review import actions, queries
from providers.review.permissions import DECIDE, READ, REVIEW
from providers.review.schemas import (
    ConditionCheckSchema,
    DecideConditionSchema,
    DrawSchema,
    ExclusionSchema,
    RankedSchema,
    ReviewedApplicationSchema,
    SupplementSchema,
)

bp = ApiBlueprint("review_api", __name__, url_prefix="/review", description="Condition checks, ranking, decision")


@bp.post("/calls/<uuid:call_id>/opening")
@access(REVIEW)
@bp.alt_response(204, description="Opened and checked")
def begin(call_id: uuid.UUID) -> Any:
    """Open the applications of a closed call; the machine checks their conditions."""
    return rest.do(None, lambda ctx: actions.begin(ctx, call_id))


@bp.get("/applications/<uuid:application_id>/conditions")
@access(READ_APPLICATION)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(ConditionCheckSchema))
def conditions(application_id: uuid.UUID, limit: int, cursor: str | None) -> Page[Any]:
    """The condition checks of an application; the applicant reads them after the conclusion."""
    ctx = reading()
    found = queries.checks(ctx, applications.get(ctx, application_id))
    return cut(found, limit=limit, cursor=cursor, name=attrgetter("code"))


@bp.put("/applications/<uuid:application_id>/conditions/<code>")
@access(REVIEW)
@bp.arguments(DecideConditionSchema, as_kwargs=True)
@bp.alt_response(200, schema=ConditionCheckSchema)
def decide_condition(application_id: uuid.UUID, code: str, passed: bool, reason: str) -> Any:
    """Decide what the machine left open, or otherwise than the machine, with a reason."""
    return rest.do(
        ConditionCheckSchema,
        lambda ctx: actions.decide_condition(ctx, application_id, code, passed=passed, reason=reason),
    )


@bp.post("/applications/<uuid:application_id>/supplement-request")
@access(REVIEW)
@bp.arguments(SupplementSchema, as_kwargs=True)
@bp.alt_response(200, schema=ReviewedApplicationSchema)
def ask(application_id: uuid.UUID, note: str, working_days: int) -> Any:
    """Return an application for a supplement."""
    return rest.do(ReviewedApplicationSchema, lambda ctx: actions.ask(ctx, application_id, note, working_days))


@bp.post("/applications/<uuid:application_id>/conclusion")
@access(REVIEW)
@bp.alt_response(200, schema=ReviewedApplicationSchema)
def conclude(application_id: uuid.UUID) -> Any:
    """End the condition check of an application."""
    return rest.do(ReviewedApplicationSchema, lambda ctx: actions.conclude(ctx, application_id))


@bp.post("/applications/<uuid:application_id>/exclusion")
@access(REVIEW)
@bp.arguments(ExclusionSchema, as_kwargs=True)
@bp.alt_response(200, schema=ReviewedApplicationSchema)
def exclude(application_id: uuid.UUID, reason: str) -> Any:
    """Take a scored application out of the ranking."""
    return rest.do(ReviewedApplicationSchema, lambda ctx: actions.exclude(ctx, application_id, reason))


@bp.post("/calls/<uuid:call_id>/panel")
@access(REVIEW)
@bp.arguments(DrawSchema, as_kwargs=True)
@bp.alt_response(204, description="Drawn; see /panels")
def draw_panel(call_id: uuid.UUID, size: int, fields: list[str]) -> Any:
    """Draw the panel that scores the qualified applications."""
    return rest.do(None, lambda ctx: actions.draw_panel(ctx, call_id, size, fields))


@bp.get("/calls/<uuid:call_id>/ranking")
@access(READ)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(RankedSchema))
def ranking(call_id: uuid.UUID, limit: int, cursor: str | None) -> Page[Any]:
    """The ranking last made of a call."""
    ctx = reading()
    call = queries.call(ctx, call_id)
    found = [row for row, _ in queries.ranking(ctx, call.id)]
    return cut(found, limit=limit, cursor=cursor, name=attrgetter("application_id"))


@bp.post("/calls/<uuid:call_id>/proposal")
@access(REVIEW)
@bp.alt_response(204, description="Proposed and published; see /publicity")
def propose(call_id: uuid.UUID) -> Any:
    """Rank, propose and publish the proposal."""
    return rest.do(None, lambda ctx: actions.propose(ctx, call_id))


@bp.post("/calls/<uuid:call_id>/decision")
@access(DECIDE)
@bp.alt_response(204, description="Decided; see /roster")
def decide(call_id: uuid.UUID) -> Any:
    """Make the proposed list final."""
    return rest.do(None, lambda ctx: actions.decide(ctx, call_id))
