"""Who sees which panels and scores. An expert: own panels while seated; others' scores never before the closing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.paging import Key, Page, fetch
from marketplace.base.permissions import visible as narrow
from marketplace.base.roles import Role
from marketplace.procedure.panels import permissions
from marketplace.procedure.panels.models import (
    Employment,
    Expert,
    Panel,
    PanelCandidate,
    PanelResult,
    PanelSeat,
    Score,
)
from marketplace.procedure.panels.states import SITTING, PanelState, SeatState

NEWEST = [Key(Panel.id, True)]
OLDEST = [Key(Panel.id)]
BY_NAME = [Key(Expert.name), Key(Expert.id)]
JOINED = [Key(Expert.id, True)]


def _seated(ctx: Context) -> ColumnElement[bool]:
    """The condition that the acting expert sits on the panel."""
    if ctx.actor is None or ctx.actor.role is not Role.EXPERT:
        return false()
    seats = select(PanelSeat.panel_id).where(PanelSeat.person_id == ctx.actor.person_id, PanelSeat.state.in_(SITTING))
    return Panel.id.in_(seats)


def visible(ctx: Context) -> Select[Panel]:
    """Panels of the officer's place, or those on which the expert sits; all for the platform itself."""
    if ctx.system and ctx.actor is None:
        return select(Panel)
    return narrow(ctx, permissions.READ, select(Panel), city=Panel.city, public=_seated(ctx))


def get(ctx: Context, panel_id: uuid.UUID, *, lock: bool = False) -> Panel:
    """One panel; 404 where it is not to be seen, and for an expert who declared a conflict."""
    statement = visible(ctx).where(Panel.id == panel_id)
    panel = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if panel is None:
        raise NotFound("panel")
    return panel


def search(
    ctx: Context,
    *,
    state: PanelState | None = None,
    city: str | None = None,
    words: str | None = None,
    order: Sequence[Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Panel]:
    """Panels, the newest first; `words` are a part of the title."""
    statement = visible(ctx)
    if state is not None:
        statement = statement.where(Panel.state == state)
    if city:
        statement = statement.where(Panel.city == city)
    if words:
        statement = statement.where(Panel.title.contains(words, autoescape=True))
    return fetch(ctx.session, statement, order, limit=limit, cursor=cursor)


def of_subject(ctx: Context, subject_kind: str, subject_id: uuid.UUID) -> list[Panel]:
    """The panels of a subject that this person may see, the newest first."""
    statement = visible(ctx).where(Panel.subject_kind == subject_kind, Panel.subject_id == subject_id)
    return list(ctx.session.scalars(statement.order_by(Panel.id.desc())))


def unfinished(ctx: Context, subject_kind: str, subject_id: uuid.UUID) -> Panel | None:
    """A panel of the subject that still works. Does not ask who looks."""
    return ctx.session.scalars(
        select(Panel).where(
            Panel.subject_kind == subject_kind, Panel.subject_id == subject_id, Panel.state != PanelState.CLOSED
        )
    ).first()


def last_closed(ctx: Context, subject_kind: str, subject_id: uuid.UUID) -> Panel | None:
    """The panel of the subject that closed last. Does not ask who looks."""
    return ctx.session.scalars(
        select(Panel)
        .where(Panel.subject_kind == subject_kind, Panel.subject_id == subject_id, Panel.state == PanelState.CLOSED)
        .order_by(Panel.closed_at.desc())
    ).first()


def candidates(ctx: Context, panel_id: uuid.UUID) -> list[PanelCandidate]:
    """Who stands before a panel."""
    statement = select(PanelCandidate).where(PanelCandidate.panel_id == panel_id)
    return list(ctx.session.scalars(statement.order_by(PanelCandidate.position)))


def seats(ctx: Context, panel_id: uuid.UUID, *, sitting: bool = False) -> list[PanelSeat]:
    """The seats of a panel in the order of the draw. For acts and officers: an expert is not shown the others."""
    statement = select(PanelSeat).where(PanelSeat.panel_id == panel_id)
    if sitting:
        statement = statement.where(PanelSeat.state.in_(SITTING))
    return list(ctx.session.scalars(statement.order_by(PanelSeat.position)))


def own_seat(ctx: Context, panel_id: uuid.UUID, *, lock: bool = False) -> PanelSeat:
    """The acting expert's own seat on a panel; 404 for everybody else."""
    statement = select(PanelSeat).where(
        PanelSeat.panel_id == panel_id, PanelSeat.person_id == ctx.who.person_id, PanelSeat.state.in_(SITTING)
    )
    seat = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if seat is None or ctx.who.role is not Role.EXPERT:
        raise NotFound("panel")
    return seat


def readable(ctx: Context) -> Select[Any]:
    """Ids of the candidates whose files the acting expert may read: no conflict declared, panel not closed."""
    person = ctx.actor.person_id if ctx.actor is not None and ctx.actor.role is Role.EXPERT else None
    return (
        select(PanelCandidate.candidate_id)
        .join(PanelSeat, PanelSeat.panel_id == PanelCandidate.panel_id)
        .join(Panel, Panel.id == PanelCandidate.panel_id)
        .where(
            PanelSeat.person_id == person,
            PanelSeat.state == SeatState.CLEAR,
            Panel.state != PanelState.CLOSED,
        )
    )


def own_sheet(ctx: Context, seat: PanelSeat) -> dict[uuid.UUID, dict[str, Score]]:
    """What one seat gave so far: candidate → criterion → current score."""
    return _by_candidate(ctx, select(Score).where(Score.seat_id == seat.id, Score.superseded_at.is_(None)))


def progress(ctx: Context, panel_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Seat → how many candidates it has scored: what an officer may know before the closing."""
    rows = ctx.session.execute(
        select(Score.seat_id, func.count(Score.candidate_id.distinct()))
        .where(Score.panel_id == panel_id, Score.superseded_at.is_(None))
        .group_by(Score.seat_id)
    )
    return {seat_id: count for seat_id, count in rows}


def results(ctx: Context, panel_id: uuid.UUID) -> list[PanelResult]:
    """Results of a closed panel, the best first; nothing before the closing."""
    statement = select(PanelResult).where(PanelResult.panel_id == panel_id)
    return list(ctx.session.scalars(statement.order_by(PanelResult.mean.desc(), PanelResult.candidate_id)))


def all_scores(ctx: Context, panel: Panel) -> list[Score]:
    """Every score ever given, changed ones too, once the panel is closed; nothing before."""
    if panel.state is not PanelState.CLOSED:
        return []
    statement = select(Score).where(Score.panel_id == panel.id)
    return list(ctx.session.scalars(statement.order_by(Score.candidate_id, Score.seat_id, Score.criterion, Score.id)))


def _by_candidate(ctx: Context, statement: Select[Score]) -> dict[uuid.UUID, dict[str, Score]]:
    found: dict[uuid.UUID, dict[str, Score]] = {}
    for score in ctx.session.scalars(statement):
        found.setdefault(score.candidate_id, {})[score.criterion] = score
    return found


def experts(ctx: Context) -> Select[Expert]:
    """Experts in the pools within reach."""
    return narrow(ctx, permissions.READ_POOL, select(Expert), city=Expert.city, persons=[Expert.person_id])


def expert(ctx: Context, expert_id: uuid.UUID, *, lock: bool = False) -> Expert:
    """One expert; 404 where not to be seen."""
    statement = experts(ctx).where(Expert.id == expert_id)
    if ctx.system and ctx.actor is None:
        statement = select(Expert).where(Expert.id == expert_id)
    found = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NotFound("expert")
    return found


def search_experts(
    ctx: Context,
    *,
    words: str | None = None,
    active: bool | None = None,
    city: str | None = None,
    order: Sequence[Key] = BY_NAME,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Expert]:
    """The pool, by name."""
    statement = experts(ctx)
    if words:
        statement = statement.where(Expert.name.contains(words, autoescape=True))
    if active is not None:
        statement = statement.where(Expert.active == active)
    if city:
        statement = statement.where(Expert.city == city)
    return fetch(ctx.session, statement, order, limit=limit, cursor=cursor)


def employments(ctx: Context, expert_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[Employment]]:
    """Where experts work and worked, the present employer first."""
    rows = ctx.session.scalars(
        select(Employment)
        .where(Employment.expert_id.in_(expert_ids))
        .order_by(Employment.until_day.is_(None).desc(), Employment.until_day.desc())
    )
    found: dict[uuid.UUID, list[Employment]] = {}
    for row in rows:
        found.setdefault(row.expert_id, []).append(row)
    return found


def waiting(ctx: Context) -> list[tuple[Panel, PanelSeat]]:
    """Panels on which the acting expert has something to do."""
    if ctx.actor is None or ctx.actor.role is not Role.EXPERT:
        return []
    rows = ctx.session.execute(
        select(Panel, PanelSeat)
        .join(PanelSeat, PanelSeat.panel_id == Panel.id)
        .where(
            PanelSeat.person_id == ctx.actor.person_id,
            PanelSeat.state.in_(SITTING),
            Panel.state != PanelState.CLOSED,
        )
        .order_by(Panel.id)
    )
    return [(panel, seat) for panel, seat in rows]
