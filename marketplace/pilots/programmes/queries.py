"""Looking up programmes, batches, pilots and their money."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import Select, func, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.permissions import Permission, reach
from marketplace.base.permissions import visible as narrow
from marketplace.base.text import Bilingual, Text
from marketplace.people.accounts.places import Place
from marketplace.pilots.programmes import rules
from marketplace.pilots.programmes.models import (
    Batch,
    MidTermEvaluation,
    Pilot,
    PilotDeclaration,
    PlanChange,
    Programme,
    Recommendation,
    Tranche,
)
from marketplace.pilots.programmes.permissions import READ
from marketplace.pilots.programmes.states import OUT_OF_SCOPE, PUBLIC_STATES, ChangeState, PilotState, TrancheState
from marketplace.policy.books.model import Book
from marketplace.policy.editions import queries as editions
from marketplace.policy.engine.pilot import Pilot as JudgedPilot


def programmes(ctx: Context) -> list[Programme]:
    """Every programme, newest first: public."""
    return list(ctx.session.scalars(select(Programme).order_by(Programme.created_at.desc(), Programme.id.desc())))


def all_programmes() -> Select[Programme]:
    """The same as a statement, for paging."""
    return select(Programme)


def programme(ctx: Context, programme_id: uuid.UUID, *, lock: bool = False) -> Programme:
    """One programme; 404 where there is none."""
    statement = select(Programme).where(Programme.id == programme_id)
    found = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NotFound("programme")
    return found


def batches(ctx: Context, programme_id: uuid.UUID) -> list[Batch]:
    """The batches of a programme, newest first: public."""
    return list(
        ctx.session.scalars(select(Batch).where(Batch.programme_id == programme_id).order_by(Batch.number.desc()))
    )


def all_batches(ctx: Context) -> list[Batch]:
    """The batches of every programme, newest first."""
    return list(ctx.session.scalars(select(Batch).order_by(Batch.created_at.desc(), Batch.number.desc())))


def batch(ctx: Context, batch_id: uuid.UUID, *, lock: bool = False) -> Batch:
    """One batch; 404 where there is none. Locked, it orders the recommendations of its cities."""
    statement = select(Batch).where(Batch.id == batch_id)
    found = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NotFound("batch")
    return found


def visible(ctx: Context, permission: Permission = READ) -> Select[Pilot]:
    """The pilots this person may see: everybody the approved ones, officers those of their place."""
    return narrow(
        ctx,
        permission,
        select(Pilot),
        own=[Pilot.office_organisation_id],
        pilot=Pilot.id,
        city=Pilot.city,
        public=Pilot.state.in_(PUBLIC_STATES),
    )


def search(
    ctx: Context,
    *,
    state: PilotState | None = None,
    type: str | None = None,
    city: str | None = None,
    batch_id: uuid.UUID | None = None,
) -> Select[Pilot]:
    """The same, narrowed by state, type, city and batch."""
    wanted = [(Pilot.state, state), (Pilot.type, type), (Pilot.city, city), (Pilot.batch_id, batch_id)]
    return visible(ctx).where(*(column == value for column, value in wanted if value))


def get(ctx: Context, pilot_id: uuid.UUID, *, lock: bool = False) -> Pilot:
    """One pilot this person may see; 404 otherwise."""
    statement = visible(ctx) if not _platform(ctx) else select(Pilot)
    statement = statement.where(Pilot.id == pilot_id)
    pilot = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if pilot is None:
        raise NotFound("pilot")
    return pilot


def _platform(ctx: Context) -> bool:
    return ctx.system and ctx.actor is None


def read(ctx: Context, pilot_id: uuid.UUID) -> Pilot:
    """One pilot for a caller that has authorised the matter itself; asks nothing."""
    pilot = ctx.session.get(Pilot, pilot_id)
    if pilot is None:
        raise NotFound("pilot")
    return pilot


def names(ctx: Context, pilot_ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """Names of several pilots at once, by id."""
    wanted = {pilot_id for pilot_id in pilot_ids if pilot_id is not None}
    if not wanted:
        return {}
    rows = ctx.session.execute(select(Pilot.id, Pilot.name).where(Pilot.id.in_(wanted)))
    return {pilot_id: name for pilot_id, name in rows}


def require_running(ctx: Context, pilot_id: uuid.UUID) -> Pilot:
    """An approved pilot, neither suspended nor closed (`pilot.not_running`, 五(三)); asks nothing else."""
    pilot = read(ctx, pilot_id)
    rules.check_running(pilot, rules.clause_of(editions.book(ctx, pilot.edition_id), "approval"))
    return pilot


def book(ctx: Context, pilot_id: uuid.UUID) -> Book:
    """The rule book under which a pilot was approved."""
    return editions.book(ctx, read(ctx, pilot_id).edition_id)


def categories(ctx: Context, pilot_id: uuid.UUID) -> dict[str, Text]:
    """What a pilot's money may be spent for: the names of its type's subsidy categories by their codes."""
    kind = book(ctx, pilot_id).types[read(ctx, pilot_id).type]
    return {c.code: Bilingual(c.name_zh, {}, c.name_en) for c in kind.categories.values()}


def categories_of(ctx: Context, pilot_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, Text]]:
    """The same of several pilots at once, by pilot, for a caller that has authorised the matter."""
    rows = ctx.session.execute(select(Pilot.id, Pilot.type, Pilot.edition_id).where(Pilot.id.in_(pilot_ids))).all()
    books = editions.books(ctx, {row.edition_id for row in rows})
    kinds = {row.id: books[row.edition_id].types[row.type] for row in rows}
    return {
        pilot_id: {c.code: Bilingual(c.name_zh, {}, c.name_en) for c in kind.categories.values()}
        for pilot_id, kind in kinds.items()
    }


def with_batch(ctx: Context, pilot_id: uuid.UUID) -> tuple[Pilot, Batch]:
    """A pilot and its batch, for a caller that has authorised the matter."""
    row = ctx.session.execute(
        select(Pilot, Batch).join(Batch, Batch.id == Pilot.batch_id).where(Pilot.id == pilot_id)
    ).one_or_none()
    if row is None:
        raise NotFound("pilot")
    return row[0], row[1]


def period(ctx: Context, pilot_id: uuid.UUID) -> tuple[date | None, date]:
    """First and last day of the implementation, both inside; the first is None before the approval (四(一))."""
    pilot, found = with_batch(ctx, pilot_id)
    return pilot.approved_on, found.year2_end


def place(ctx: Context, pilot_id: uuid.UUID) -> Place | None:
    """Where a pilot lies, for the assignments of its people."""
    pilot = ctx.session.get(Pilot, pilot_id)
    return None if pilot is None else Place(pilot.region, pilot.city, pilot.name)


def staffed(ctx: Context) -> list[tuple[uuid.UUID, str]]:
    """(id, name) of the pilots within reach that have people: approved, or waiting for it."""
    within = reach(ctx, READ, own=[Pilot.office_organisation_id], pilot=Pilot.id, city=Pilot.city)
    wanted = select(Pilot.id, Pilot.name).where(within, Pilot.state.not_in(OUT_OF_SCOPE))
    return [(pilot_id, name) for pilot_id, name in ctx.session.execute(wanted.order_by(Pilot.name, Pilot.id))]


def tranches(ctx: Context, pilot_id: uuid.UUID) -> list[Tranche]:
    """The tranches of a pilot in their order, refused ones included."""
    return list(
        ctx.session.scalars(
            select(Tranche).where(Tranche.pilot_id == pilot_id).order_by(Tranche.number, Tranche.created_at)
        )
    )


def tranche(ctx: Context, tranche_id: uuid.UUID, *, lock: bool = False) -> Tranche:
    """One tranche this person may see; 404 otherwise."""
    statement = select(Tranche).where(Tranche.id == tranche_id)
    if not _platform(ctx):
        statement = narrow(ctx, READ, statement, pilot=Tranche.pilot_id, city=Tranche.city)
    found = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NotFound("tranche")
    return found


def received_fen(ctx: Context, pilot_id: uuid.UUID) -> int:
    """What has arrived for a pilot, in fen."""
    wanted = select(func.coalesce(func.sum(Tranche.amount_fen), 0)).where(
        Tranche.pilot_id == pilot_id, Tranche.state == TrancheState.RECEIVED
    )
    return int(ctx.session.scalar(wanted) or 0)


def judged(ctx: Context, pilot_id: uuid.UUID) -> JudgedPilot:
    """A pilot as the engine knows it today, with what the tranches brought."""
    pilot, found = with_batch(ctx, pilot_id)
    received = received_fen(ctx, pilot_id)
    return rules.judged(pilot, found, award=pilot.award_fen or 0, received=received, as_of=ctx.today)


def evaluation(ctx: Context, pilot_id: uuid.UUID) -> MidTermEvaluation | None:
    """The mid-term evaluation of a pilot, or None."""
    return ctx.session.scalars(select(MidTermEvaluation).where(MidTermEvaluation.pilot_id == pilot_id)).one_or_none()


def recommendations(ctx: Context, pilot_id: uuid.UUID) -> list[Recommendation]:
    """The letters of the departments, in the book's order."""
    wanted = select(Recommendation).where(Recommendation.pilot_id == pilot_id).order_by(Recommendation.position)
    return list(ctx.session.scalars(wanted))


def declarations(ctx: Context, pilot_id: uuid.UUID) -> dict[str, PilotDeclaration]:
    """What was declared for a pilot, by condition."""
    wanted = select(PilotDeclaration).where(PilotDeclaration.pilot_id == pilot_id)
    return {row.condition: row for row in ctx.session.scalars(wanted)}


def changes(ctx: Context, pilot_id: uuid.UUID) -> list[PlanChange]:
    """Changes of plan of a pilot, newest first."""
    wanted = select(PlanChange).where(PlanChange.pilot_id == pilot_id)
    return list(ctx.session.scalars(wanted.order_by(PlanChange.created_at.desc(), PlanChange.id.desc())))


def change(ctx: Context, change_id: uuid.UUID, *, lock: bool = False) -> PlanChange:
    """One change of plan this person may see; 404 otherwise."""
    statement = select(PlanChange).where(PlanChange.id == change_id)
    if not _platform(ctx):
        statement = narrow(ctx, READ, statement, pilot=PlanChange.pilot_id, city=PlanChange.city)
    found = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NotFound("plan_change")
    return found


def nominated_count(ctx: Context, batch_id: uuid.UUID, type_code: str, city: str) -> int:
    """How many areas of a type a city has put forward in a batch; those it took back do not count."""
    wanted = select(func.count()).where(
        Pilot.batch_id == batch_id,
        Pilot.type == type_code,
        Pilot.city == city,
        Pilot.state != PilotState.WITHDRAWN,
    )
    return ctx.session.scalar(wanted) or 0


def in_area(ctx: Context, programme_id: uuid.UUID, region: str) -> list[PilotState]:
    """The states of a programme's pilots in one area."""
    wanted = select(Pilot.state).where(Pilot.programme_id == programme_id, Pilot.region == region)
    return list(ctx.session.scalars(wanted))


def waiting_tranches(ctx: Context, *states: TrancheState) -> list[tuple[Tranche, str]]:
    """Tranches in these states within reach, oldest first, with the names of their pilots; at most 20."""
    within = reach(ctx, READ, pilot=Tranche.pilot_id, city=Tranche.city)
    statement = select(Tranche, Pilot.name).join(Pilot, Pilot.id == Tranche.pilot_id)
    statement = statement.where(within, Tranche.state.in_(states)).order_by(Tranche.created_at)
    return [(row[0], row[1]) for row in ctx.session.execute(statement.limit(20))]


def waiting_pilots(ctx: Context, *states: PilotState) -> list[Pilot]:
    """Pilots in these states within reach, oldest first; at most 20."""
    statement = narrow(ctx, READ, select(Pilot), pilot=Pilot.id, city=Pilot.city)
    return list(ctx.session.scalars(statement.where(Pilot.state.in_(states)).order_by(Pilot.created_at).limit(20)))


def waiting_changes(ctx: Context) -> list[PlanChange]:
    """Requested changes of plan within reach, oldest first; at most 20."""
    statement = narrow(ctx, READ, select(PlanChange), pilot=PlanChange.pilot_id, city=PlanChange.city)
    statement = statement.where(PlanChange.state == ChangeState.REQUESTED)
    return list(ctx.session.scalars(statement.order_by(PlanChange.created_at).limit(20)))
