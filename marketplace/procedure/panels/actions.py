"""Drawing a panel, declaring conflicts, scoring, and closing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlalchemy import select, update

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.text import N_
from marketplace.procedure.panels import conflicts, permissions, queries, scoring
from marketplace.procedure.panels.drawing import CLAUSE, Candidate, draw, fill, vacate
from marketplace.procedure.panels.events import PanelClosed, Result
from marketplace.procedure.panels.models import Expert, Panel, PanelCandidate, PanelResult, PanelSeat, Score
from marketplace.procedure.panels.pool import employ, enlist, set_active
from marketplace.procedure.panels.scoring import Criterion, Given
from marketplace.procedure.panels.states import PANEL, SEAT, PanelState, SeatState
from marketplace.record.audit import actions as audit

__all__ = [
    "Candidate",
    "Criterion",
    "Given",
    "close",
    "declare",
    "draw",
    "employ",
    "enlist",
    "excuse",
    "score",
    "set_active",
    "substitute",
]


def declare(ctx: Context, panel_id: uuid.UUID, conflict: bool, reason: str = "") -> PanelSeat:
    """An expert says whether there is a conflict of interest with any candidate, before reading anything.

    A conflict bars reading and scoring, and a substitute is drawn. Saying "none" against the data is refused
    (`panel.conflict`).
    """
    seat = queries.own_seat(ctx, panel_id, lock=True)
    panel = queries.get(ctx, panel_id, lock=True)
    ctx.require(permissions.SCORE)
    _still_open(panel)
    if conflict:
        if not reason.strip():
            raise Refusal("panel.reason_missing", N_("请写明回避事由。"), clause=CLAUSE, field="reason")
        vacate(ctx, panel, seat, "declare_conflict", reason)
        return seat
    _refuse_derived(ctx, seat.person_id, queries.candidates(ctx, panel.id))
    SEAT.move(seat, "declare_none")
    seat.declared_at = ctx.now
    ctx.session.flush()
    audit.record(ctx, "panel.declare_none", panel, seat_id=seat.id)
    return seat


def _refuse_derived(ctx: Context, person_id: uuid.UUID, candidates: list[PanelCandidate]) -> None:
    """Refuse when data show a conflict that arose, or became known, after the draw."""
    experts = ctx.session.scalars(select(Expert).where(Expert.person_id == person_id)).all()
    found = conflicts.derived(ctx, experts, {c.organisation_id for c in candidates if c.organisation_id})
    if person_id in found:
        raise Refusal(
            "panel.conflict",
            N_("登记信息显示您与候选单位存在利害关系，应当回避。"),
            clause="财库〔2016〕198号第十五条",
        )


def excuse(ctx: Context, panel_id: uuid.UUID, seat_id: uuid.UUID, reason: str) -> PanelSeat:
    """An officer replaces an expert who can't come, with the reason; what that seat scored no longer counts."""
    panel = queries.get(ctx, panel_id, lock=True)
    ctx.require(permissions.DRAW, panel)
    _still_open(panel)
    seat = ctx.session.get(PanelSeat, seat_id, with_for_update=True)
    if seat is None or seat.panel_id != panel.id:
        raise NotFound("panel_seat")
    if not reason.strip():
        raise Refusal("panel.reason_missing", N_("请写明更换事由。"), clause=CLAUSE, field="reason")
    vacate(ctx, panel, seat, "excuse", reason)
    return seat


def substitute(ctx: Context, panel_id: uuid.UUID) -> Panel:
    """Draw for places that stayed empty, after the pool has grown; refuses when it is still too small."""
    panel = queries.get(ctx, panel_id, lock=True)
    ctx.require(permissions.DRAW, panel)
    _still_open(panel)
    if not fill(ctx, panel):
        raise Refusal("panel.pool_short", N_("没有可以补抽的专家，或没有空缺的席位。"), clause=CLAUSE)
    return panel


def score(ctx: Context, panel_id: uuid.UUID, candidate_id: uuid.UUID, sheet: Mapping[str, Given]) -> list[Score]:
    """An expert scores one candidate: every criterion, with a reason each; points in hundredths.

    Done again, changed scores are superseded and stay readable; unchanged ones stay as they are. Refuses before the
    declaration (`panel.not_declared`) and after the closing.
    """
    seat = queries.own_seat(ctx, panel_id, lock=True)
    panel = queries.get(ctx, panel_id, lock=True)
    ctx.require(permissions.SCORE)
    if seat.state is not SeatState.CLEAR:
        raise Refusal("panel.not_declared", N_("请先声明是否需要回避，再阅读材料和评分。"), clause=CLAUSE)
    _still_open(panel)
    candidates = {c.candidate_id: c for c in queries.candidates(ctx, panel.id)}
    if candidate_id not in candidates:
        raise NotFound("candidate")
    _refuse_derived(ctx, seat.person_id, [candidates[candidate_id]])
    scoring.check_sheet([Criterion(**c) for c in panel.criteria], sheet)
    before = queries.own_sheet(ctx, seat).get(candidate_id, {})
    changed = {
        code: given
        for code, given in sheet.items()
        if code not in before or (before[code].points, before[code].reason) != (given.points, given.reason.strip())
    }
    PANEL.move(panel, "score")
    ctx.session.execute(
        update(Score)
        .where(Score.id.in_([before[code].id for code in changed if code in before]))
        .values(superseded_at=ctx.now)
    )
    made = [
        ctx.add(
            Score(
                panel_id=panel.id,
                seat_id=seat.id,
                candidate_id=candidate_id,
                criterion=code,
                points=given.points,
                reason=given.reason.strip(),
            )
        )
        for code, given in changed.items()
    ]
    ctx.session.flush()
    audit.record(
        ctx, "panel.scored", panel, seat_id=seat.id, candidate_id=candidate_id,
        points={code: given.points for code, given in changed.items()}, again=bool(before),
    )  # fmt: skip
    return made


def close(ctx: Context, panel_id: uuid.UUID) -> list[Result]:
    """End the scoring and compute each candidate's mean and spread.

    Refuses while a seat is empty or undeclared (`panel.incomplete`) or a sheet is missing (`panel.unscored`).
    """
    panel = queries.get(ctx, panel_id, lock=True)
    ctx.require(permissions.CLOSE, panel)
    _still_open(panel)
    seats = [s for s in queries.seats(ctx, panel.id, sitting=True) if s.state is SeatState.CLEAR]
    if len(seats) != panel.size:
        raise Refusal(
            "panel.incomplete",
            N_("{size} 个席位中有 {ready} 位专家已声明无需回避，其余须补抽或声明后才能结束评分。"),
            clause=CLAUSE,
            size=panel.size,
            ready=len(seats),
        )
    sheets = _sheets(ctx, panel, seats)
    candidates = queries.candidates(ctx, panel.id)
    missing = sum(len(sheets.get(c.candidate_id, {})) < len(seats) for c in candidates)
    if missing:
        raise Refusal("panel.unscored", N_("还有 {missing} 个对象没有收齐评分。"), clause=CLAUSE, missing=missing)
    results = [scoring.result(c.candidate_id, list(sheets[c.candidate_id].values())) for c in candidates]
    for result in results:
        ctx.session.add(
            PanelResult(
                panel_id=panel.id,
                candidate_id=result.candidate_id,
                mean=result.mean,
                spread=result.spread,
                sheets=result.sheets,
                means=result.means,
            )
        )
    PANEL.move(panel, "close")
    panel.closed_at = ctx.now
    ctx.session.flush()
    audit.record(ctx, "panel.closed", panel, means={str(r.candidate_id): r.mean for r in results})
    ctx.announce(PanelClosed(panel.id, panel.subject_kind, panel.subject_id, tuple(results)))
    return results


def _sheets(ctx: Context, panel: Panel, seats: list[PanelSeat]) -> dict[uuid.UUID, dict[uuid.UUID, dict[str, int]]]:
    """Candidate → seat → criterion → hundredths, of the seats that count."""
    rows = ctx.session.execute(
        select(Score.candidate_id, Score.seat_id, Score.criterion, Score.points).where(
            Score.panel_id == panel.id, Score.superseded_at.is_(None), Score.seat_id.in_([s.id for s in seats])
        )
    )
    found: dict[uuid.UUID, dict[uuid.UUID, dict[str, int]]] = {}
    for candidate_id, seat_id, criterion, points in rows:
        found.setdefault(candidate_id, {}).setdefault(seat_id, {})[criterion] = points
    return found


def _still_open(panel: Panel) -> None:
    if panel.state is PanelState.CLOSED:
        raise Refusal("panel.closed", N_("评分已经结束，不能再更改。"), clause=CLAUSE)
