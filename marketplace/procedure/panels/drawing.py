"""The draw: chance decides, conflicts are left out, and what was drawn from is written down."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import or_, select

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.permissions import Scope, province_of
from marketplace.base.text import N_, Text
from marketplace.procedure.panels import conflicts, permissions, queries
from marketplace.procedure.panels.events import PanelDrawn
from marketplace.procedure.panels.models import Expert, Panel, PanelCandidate, PanelSeat
from marketplace.procedure.panels.scoring import Criterion
from marketplace.procedure.panels.states import SEAT, PanelState, SeatState
from marketplace.record.audit import actions as audit
from marketplace.record.notices import actions as notices

LEAST = 5
CLAUSE = "财政部令第87号第四十七条"
"""Five or more, and an odd number: the procurement rule, taken by analogy."""

_chance = secrets.SystemRandom()


@dataclass(frozen=True)
class Candidate:
    """Somebody to be judged: the id and page of its file, and the organisation that conflicts are looked for with."""

    candidate_id: uuid.UUID
    organisation_id: uuid.UUID | None
    label: str
    url: str


def draw(
    ctx: Context,
    *,
    subject_kind: str,
    subject_id: uuid.UUID,
    title: str,
    city: str,
    size: int,
    candidates: Sequence[Candidate],
    criteria: Sequence[Criterion],
    fields: Collection[str] = (),
) -> Panel:
    """Draw a panel of `size` experts at random from the pools of the city and its province.

    Experts with a conflict towards any candidate are left out; `fields` asks for one of these fields of expertise.
    Refuses an even or too small size (`panel.size`), no candidates (`panel.no_candidates`), a pool that is too small
    (`panel.pool_short`), and a second panel while one works (`panel.unfinished`).
    """
    ctx.require(permissions.DRAW, Scope.of(city=city))
    if size < LEAST or size % 2 == 0:
        raise Refusal(
            "panel.size", N_("专家组应为 {least} 人以上的单数，不能是 {size} 人。"), clause=CLAUSE, field="size",
            least=LEAST, size=size,
        )  # fmt: skip
    if not candidates:
        raise Refusal("panel.no_candidates", N_("没有可供评审的对象。"), clause=CLAUSE)
    if queries.unfinished(ctx, subject_kind, subject_id) is not None:
        raise Refusal("panel.unfinished", N_("该事项已有专家组，评分结束前不能再次抽取。"), clause=CLAUSE)
    organisations = {c.organisation_id for c in candidates if c.organisation_id}
    pool = _pool(ctx, city, fields, organisations)
    if len(pool.eligible) < size:
        raise Refusal(
            "panel.pool_short",
            N_("专家库中可抽取的专家只有 {eligible} 人（因回避排除 {excluded} 人），不足 {size} 人。"),
            clause=CLAUSE,
            eligible=len(pool.eligible),
            excluded=len(pool.excluded),
            size=size,
        )
    drawn = _chance.sample(pool.eligible, size)
    panel = ctx.add(
        Panel(
            subject_kind=subject_kind,
            subject_id=subject_id,
            title=title,
            city=city,
            size=size,
            criteria=[asdict(c) for c in criteria],
            draw={**pool.record(), "fields": sorted(fields), "drawn": [str(p) for p in drawn]},
            state=PanelState.DRAWN,
            drawn_by=ctx.actor.person_id if ctx.actor else None,
        )
    )
    ctx.session.flush()
    for position, candidate in enumerate(candidates, start=1):
        ctx.session.add(PanelCandidate(panel_id=panel.id, position=position, **asdict(candidate)))
    for position, person_id in enumerate(drawn, start=1):
        _seat(ctx, panel, person_id, position)
    ctx.session.flush()
    audit.record(ctx, "panel.drawn", panel, subject=subject_id, **pool.record(), drawn=drawn)
    ctx.announce(PanelDrawn(panel.id, subject_kind, subject_id))
    return panel


@dataclass(frozen=True)
class Pool:
    """Whom a draw may take, and whom it may not and why."""

    eligible: list[uuid.UUID]
    excluded: dict[uuid.UUID, list[str]]

    def record(self) -> dict[str, object]:
        """The pool as it is written down: ids and reason codes only."""
        return {
            "pool": [str(p) for p in self.eligible],
            "excluded": {str(p): reasons for p, reasons in self.excluded.items()},
        }


def _pool(ctx: Context, city: str, fields: Collection[str], organisations: Collection[uuid.UUID]) -> Pool:
    experts = ctx.session.scalars(
        select(Expert)
        .where(or_(Expert.city == city, Expert.city == province_of(city)), Expert.active)
        .order_by(Expert.id)
    ).all()
    if fields:
        experts = [e for e in experts if set(fields) & set(e.fields)]
    if ctx.actor is not None:
        experts = [e for e in experts if e.person_id != ctx.actor.person_id]
    excluded = conflicts.derived(ctx, experts, organisations)
    return Pool([e.person_id for e in experts if e.person_id not in excluded], excluded)


def _seat(ctx: Context, panel: Panel, person_id: uuid.UUID, position: int) -> PanelSeat:
    seat = ctx.add(PanelSeat(panel_id=panel.id, person_id=person_id, position=position, state=SeatState.DRAWN))
    notices.tell(
        ctx,
        person_id=person_id,
        text=Text(N_("您被随机抽取为“{title}”的评审专家，请先声明是否需要回避。"), {"title": panel.title}),
        url=f"/panels/{panel.id}",
    )
    return seat


def vacate(ctx: Context, panel: Panel, seat: PanelSeat, verb: str, reason: str) -> None:
    """Let an expert leave the panel and draw a substitute at once, where the pool has one."""
    SEAT.move(seat, verb)
    seat.reason = reason.strip()
    seat.declared_at = ctx.now
    ctx.session.flush()
    audit.record(ctx, f"panel.{verb}", panel, seat_id=seat.id, person_id=seat.person_id)
    fill(ctx, panel)


def fill(ctx: Context, panel: Panel) -> list[PanelSeat]:
    """Draw substitutes for the empty places of a panel, as many as the pool has; empty places stay to be seen."""
    seats = queries.seats(ctx, panel.id)
    empty = panel.size - sum(s.state in (SeatState.DRAWN, SeatState.CLEAR) for s in seats)
    if empty <= 0:
        return []
    organisations = {c.organisation_id for c in queries.candidates(ctx, panel.id) if c.organisation_id}
    pool = _pool(ctx, panel.city, panel.draw["fields"], organisations)
    seated = {s.person_id for s in seats} | {panel.drawn_by}
    left = [p for p in pool.eligible if p not in seated]
    drawn = _chance.sample(left, min(empty, len(left)))
    made = [_seat(ctx, panel, person_id, len(seats) + n) for n, person_id in enumerate(drawn, start=1)]
    ctx.session.flush()
    audit.record(ctx, "panel.filled", panel, pool=left, excluded=pool.record()["excluded"], drawn=drawn)
    return made
