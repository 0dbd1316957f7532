"""REST: panels and experts, /api/v1/panels."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from marketplace.base.context import Context
from marketplace.base.paging import Page, cut
from marketplace.base.roles import Role
from marketplace.procedure.panels import actions, queries
from marketplace.procedure.panels.models import Expert, Panel
from marketplace.procedure.panels.permissions import CLOSE, DRAW, KEEP_POOL, READ, READ_POOL, SCORE
from marketplace.procedure.panels.schemas import (
    DeclarationSchema,
    EnlistSchema,
    ExpertSchema,
    PanelArgs,
    PanelDetailSchema,
    PanelResultSchema,
    PanelResultsSchema,
    PanelSchema,
    PanelSeatSchema,
    ScoreSheetSchema,
    SeatReasonSchema,
)
from marketplace.procedure.panels.scoring import Given
from marketplace.procedure.panels.states import PanelState
from marketplace.web import rest
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import access

bp = ApiBlueprint("panels_api", __name__, url_prefix="/panels", description="Experts, panels and scores")


@bp.get("")
@access(READ)
@bp.arguments(PanelArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(PanelSchema))
def index(limit: int, cursor: str | None, state: PanelState | None) -> Page[Any]:
    """Panels of the officer's place, or those on which the expert sits."""
    return queries.search(reading(), state=state, limit=limit, cursor=cursor)


@bp.get("/<uuid:panel_id>")
@access(READ)
@bp.response(200, PanelDetailSchema)
def show(panel_id: uuid.UUID) -> dict[str, Any]:
    """One panel with its candidates; officers also see the seats and how far each is."""
    ctx = reading()
    return detail(ctx, queries.get(ctx, panel_id))


def detail(ctx: Context, panel: Panel) -> dict[str, Any]:
    """A panel as this person may see it: an expert is not shown who else sits on it."""
    shown = {name: getattr(panel, name) for name in PanelSchema().fields}
    if ctx.actor is not None and ctx.actor.role is Role.EXPERT:
        seats = [queries.own_seat(ctx, panel.id)]
    else:
        seats = queries.seats(ctx, panel.id)
    progress = queries.progress(ctx, panel.id)
    described = [{"id": s.id, "position": s.position, "state": s.state, "scored": progress.get(s.id, 0)} for s in seats]
    return {**shown, "candidates": queries.candidates(ctx, panel.id), "seats": described}


@bp.post("/<uuid:panel_id>/declaration")
@access(SCORE)
@bp.arguments(DeclarationSchema, as_kwargs=True)
@bp.alt_response(200, schema=PanelSeatSchema)
def declare(panel_id: uuid.UUID, conflict: bool, reason: str) -> Any:
    """Say whether there is a conflict of interest; a conflict bars reading and scoring."""
    return rest.do(PanelSeatSchema(exclude=["scored"]), lambda ctx: actions.declare(ctx, panel_id, conflict, reason))


@bp.put("/<uuid:panel_id>/scores/<uuid:candidate_id>")
@access(SCORE)
@bp.arguments(ScoreSheetSchema, as_kwargs=True)
@bp.alt_response(204, description="Scored")
def score(panel_id: uuid.UUID, candidate_id: uuid.UUID, scores: Mapping[str, Mapping[str, Any]]) -> Any:
    """Score one candidate: every criterion with points and a reason. Earlier scores stay on record."""
    sheet = {code: Given(line["points"], line["reason"]) for code, line in scores.items()}
    return rest.do(None, lambda ctx: actions.score(ctx, panel_id, candidate_id, sheet))


@bp.post("/<uuid:panel_id>/closing")
@access(CLOSE)
@bp.alt_response(200, schema=PanelResultsSchema)
def close(panel_id: uuid.UUID) -> Any:
    """End the scoring and compute the results."""
    return rest.do(PanelResultsSchema, lambda ctx: {"items": actions.close(ctx, panel_id)})


@bp.get("/<uuid:panel_id>/results")
@access(READ)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(PanelResultSchema))
def results(panel_id: uuid.UUID, limit: int, cursor: str | None) -> Page[Any]:
    """Results, the best first; empty until the panel is closed."""
    ctx = reading()
    panel = queries.get(ctx, panel_id)
    return cut(queries.results(ctx, panel.id), limit=limit, cursor=cursor, name=attrgetter("candidate_id"))


@bp.post("/<uuid:panel_id>/seats/<uuid:seat_id>/excuse")
@access(DRAW)
@bp.arguments(SeatReasonSchema, as_kwargs=True)
@bp.alt_response(200, schema=PanelDetailSchema)
def excuse(panel_id: uuid.UUID, seat_id: uuid.UUID, reason: str) -> Any:
    """Replace an expert who can't come."""

    def verb(ctx: Context) -> dict[str, Any]:
        actions.excuse(ctx, panel_id, seat_id, reason)
        return detail(ctx, queries.get(ctx, panel_id))

    return rest.do(PanelDetailSchema, verb)


@bp.get("/experts")
@access(READ_POOL)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(ExpertSchema))
def experts(limit: int, cursor: str | None) -> Page[Any]:
    """The pool, by name."""
    return queries.search_experts(reading(), limit=limit, cursor=cursor)


@bp.get("/experts/<uuid:expert_id>")
@access(READ_POOL)
@bp.response(200, ExpertSchema)
def expert(expert_id: uuid.UUID) -> Expert:
    """One expert."""
    return queries.expert(reading(), expert_id)


@bp.post("/experts")
@access(KEEP_POOL)
@bp.arguments(EnlistSchema, as_kwargs=True)
@bp.alt_response(201, schema=ExpertSchema)
def enlist(**data: Any) -> Any:
    """Take a person who has signed up into the pool."""
    return rest.do(ExpertSchema, lambda ctx: actions.enlist(ctx, **data), status=201)
