"""Sums of entries up to the end of a day: what the snapshots hold, and what was written since.

The same answer with and without snapshots, and within the act that has just written an entry. Where a snapshot was
taken between two statements of the reader, the reader begins again.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select, true, union_all
from sqlalchemy.orm import Session

from marketplace.record.audit.sealing import cluster, is_postgresql
from vouchers.ledger.models.commitments import Commitment, Entry, Voucher
from vouchers.ledger.models.funds import FundEntry
from vouchers.ledger.models.snapshots import BalanceSnapshot, FundSnapshot, SnapshotHorizon, SpenderSnapshot
from vouchers.ledger.states import CommitmentKind

_TRIES = 3
"""A snapshot is taken once a minute: whoever met two of them adds everything up."""
_NOTE = "snapshot_horizons"


@dataclass(frozen=True)
class Moved:
    """What moved on a line from one balance to another, in fen; `day` where it was asked by day."""

    line_id: uuid.UUID
    kind: CommitmentKind
    src: str
    dst: str
    day: date | None
    amount: int


@dataclass(frozen=True)
class Booked:
    """What one kind of movement brought to a fund or, where it names a line, to that line, in fen."""

    fund_id: uuid.UUID
    line_id: uuid.UUID | None
    kind: str
    day: date | None
    amount: int


def moved(session: Session, line_ids: Collection[uuid.UUID], until: date, *, by_day: bool = False) -> list[Moved]:
    """The movements of these lines up to the end of a day, summed by kind and direction, and by day where asked."""
    table, days = BalanceSnapshot, ("day",) if by_day else ()
    snapshot = select(table.line_id, table.kind, table.src, table.dst, table.day, table.amount).where(
        table.line_id.in_(line_ids), table.day <= until
    )

    def since(beyond: ColumnElement[bool] | None) -> Any:
        made = (
            select(Commitment.line_id, Commitment.kind, Entry.src, Entry.dst, Entry.day, Entry.amount)
            .join(Commitment, Commitment.id == Entry.commitment_id)
            .where(Entry.day <= until)
        )
        # What came since is little and is found by its place: asked for the line too, SQLite would begin there.
        return made.where(Commitment.line_id.in_(line_ids)) if beyond is None else made.where(beyond)

    wanted = set(line_ids)
    rows = _summed(session, Entry, snapshot, since, ("line_id", "kind", "src", "dst", *days))
    return [
        Moved(r.line_id, r.kind, r.src, r.dst, r.day if by_day else None, int(r.amount))
        for r in rows
        if r.line_id in wanted
    ]


def booked(session: Session, fund_ids: Collection[uuid.UUID], until: date, *, by_day: bool = False) -> list[Booked]:
    """The movements of these funds up to the end of a day, summed by line and kind, and by day where asked."""
    table, days = FundSnapshot, ("day",) if by_day else ()
    snapshot = select(table.fund_id, table.part_id, table.kind, table.day, table.amount).where(
        table.fund_id.in_(fund_ids), table.day <= until
    )
    part = func.coalesce(FundEntry.line_id, FundEntry.fund_id).label("part_id")

    def since(beyond: ColumnElement[bool] | None) -> Any:
        made = select(FundEntry.fund_id, part, FundEntry.kind, FundEntry.day, FundEntry.amount).where(
            FundEntry.fund_id.in_(fund_ids), FundEntry.day <= until
        )
        return made if beyond is None else made.where(beyond)

    rows = _summed(session, FundEntry, snapshot, since, ("fund_id", "part_id", "kind", *days))
    return [
        Booked(
            r.fund_id,
            None if r.part_id == r.fund_id else r.part_id,
            r.kind,
            r.day if by_day else None,
            int(r.amount),
        )
        for r in rows
    ]


def spenders(session: Session, until: date) -> Any:
    """A Select of line_id and enterprise_id: whose vouchers of which line an order was given by the end of a day.

    An entry that the snapshot has gained meanwhile is in both halves, which does no harm: an enterprise counts once.
    Ask it after `moved`, which has seen to it that the horizon is that of the snapshot.
    """
    begun = select(SpenderSnapshot.line_id, SpenderSnapshot.enterprise_id).where(SpenderSnapshot.first_day <= until)
    horizon = _horizon(session, Entry)
    since = (
        select(Voucher.line_id, Voucher.enterprise_id)
        .join(Entry, Entry.commitment_id == Voucher.commitment_id)
        .where(Entry.kind == "reserve", Entry.day <= until)
    )
    if horizon is None:
        return since.distinct()
    return select(begun.union(since.where(_beyond(Entry, horizon, session))).subquery())


def _horizon(session: Session, model: Any, *, anew: bool = False) -> Any:
    """How far the snapshots of a table reach; None without any that belong to this database cluster.

    Remembered with the session: whoever reads sums by it notices where it has moved since.
    """
    if anew or _NOTE not in session.info:
        where = cluster(session)
        rows = session.execute(
            select(SnapshotHorizon.source, SnapshotHorizon.floor_id, SnapshotHorizon.reached).where(
                SnapshotHorizon.cluster == where
            )
        )
        session.info[_NOTE] = {row.source: row for row in rows}
    return session.info[_NOTE].get(model.__tablename__)


def _beyond(model: Any, horizon: Any, session: Session) -> ColumnElement[bool]:
    position = model.xid if is_postgresql(session) else model.id
    beyond: ColumnElement[bool] = position >= horizon.reached
    return beyond & (model.id > horizon.floor_id) if horizon.floor_id else beyond


def _summed(session: Session, model: Any, snapshot: Any, since: Any, names: Sequence[str]) -> list[Any]:
    """Rows of `names` and amount from the snapshot and what came since, both of one horizon."""
    for tried in range(_TRIES):
        horizon = _horizon(session, model, anew=bool(tried))
        if horizon is None:
            break
        both = union_all(snapshot, since(_beyond(model, horizon, session))).subquery().c
        keys = [both[name] for name in names]
        sums = select(*keys, func.sum(both.amount).label("amount")).group_by(*keys).subquery()
        # Read in the same statement as the sums, so that nobody moved it in between.
        statement = (
            select(SnapshotHorizon.reached, sums)
            .select_from(SnapshotHorizon)
            .outerjoin(sums, true())
            .where(SnapshotHorizon.source == model.__tablename__, SnapshotHorizon.floor_id == horizon.floor_id)
        )
        rows = session.execute(statement).all()
        if rows and rows[0].reached == horizon.reached:
            return [row for row in rows if row.amount is not None]
    every = since(None).subquery().c
    keys = [every[name] for name in names]
    return list(session.execute(select(*keys, func.sum(every.amount).label("amount")).group_by(*keys)))
