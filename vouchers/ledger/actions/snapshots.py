"""The sums by line and day from which reports start: taken every minute, of what became final since.

On PostgreSQL they follow the transaction horizon, as the seals do: entries of transactions older than every running one
are final whatever their ids say, so that nobody need stop writing. SQLite has one writer, so its ids are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, text

from marketplace.base.context import Context
from marketplace.record.audit.sealing import cluster, is_postgresql
from vouchers.ledger.statements import Statement

_LOCK = 0x5A45
_AT_ONCE = 200_000
"""Ids of one run in SQLite, where nobody else writes meanwhile; the rest waits for the next run."""
_HORIZON = Statement("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS upto")
_FRESH = {
    "postgresql": "e.xid >= :since AND e.xid < :upto AND e.id > :floor",
    "sqlite": "e.id >= :since AND e.id < :upto AND e.id > :floor",
}
"""What became final since the last run."""
_BEGINNING = "e.id <= :floor"
"""All that there is, while nobody writes."""


def _sums(range_: str) -> dict[str, tuple[Statement, ...]]:
    return {
        "entry": (
            Statement(
                "INSERT INTO balance_snapshot (line_id, kind, day, src, dst, amount)"  # noqa: S608 - our own words
                " SELECT c.line_id, c.kind, e.day, e.src, e.dst, sum(e.amount) FROM entry e"
                f" JOIN commitment c ON c.id = e.commitment_id WHERE {range_}"
                " GROUP BY c.line_id, c.kind, e.day, e.src, e.dst"
                " ON CONFLICT (line_id, kind, day, src, dst)"
                " DO UPDATE SET amount = balance_snapshot.amount + excluded.amount"
            ),
            Statement(
                "INSERT INTO spender_snapshot (line_id, enterprise_id, first_day)"  # noqa: S608 - our own words
                " SELECT v.line_id, v.enterprise_id, min(e.day) FROM entry e"
                f" JOIN voucher v ON v.commitment_id = e.commitment_id WHERE e.kind = 'reserve' AND {range_}"
                " GROUP BY v.line_id, v.enterprise_id"
                " ON CONFLICT (line_id, enterprise_id) DO UPDATE SET first_day ="
                " CASE WHEN excluded.first_day < spender_snapshot.first_day"
                " THEN excluded.first_day ELSE spender_snapshot.first_day END"
            ),
        ),
        "fund_entry": (
            Statement(
                "INSERT INTO fund_snapshot (fund_id, part_id, kind, day, amount)"  # noqa: S608 - our own words
                " SELECT e.fund_id, coalesce(e.line_id, e.fund_id), e.kind, e.day, sum(e.amount) FROM fund_entry e"
                f" WHERE {range_} GROUP BY e.fund_id, coalesce(e.line_id, e.fund_id), e.kind, e.day"
                " ON CONFLICT (fund_id, part_id, kind, day)"
                " DO UPDATE SET amount = fund_snapshot.amount + excluded.amount"
            ),
        ),
    }


_ADD = {name: _sums(range_) for name, range_ in _FRESH.items()}
_ADD_ALL = _sums(_BEGINNING)
_CLEAR = {
    "entry": (Statement("DELETE FROM balance_snapshot"), Statement("DELETE FROM spender_snapshot")),
    "fund_entry": (Statement("DELETE FROM fund_snapshot"),),
}
_LAST = {source: Statement(f"SELECT coalesce(max(id), 0) AS last FROM {source}") for source in _CLEAR}  # noqa: S608
_REACHED = Statement("SELECT source, cluster, floor_id, reached FROM snapshot_horizon")
_MOVE = Statement(
    "INSERT INTO snapshot_horizon (source, cluster, floor_id, reached, at)"
    " VALUES (:source, :cluster, :floor, :upto, :at) ON CONFLICT (source) DO UPDATE SET"
    " cluster = excluded.cluster, floor_id = excluded.floor_id, reached = excluded.reached, at = excluded.at"
)


def take(ctx: Context) -> str:
    """Add what became final since the last time to the sums; begin them anew in a new database cluster."""
    if is_postgresql(ctx.session):
        # Held until commit: a second one goes away instead of adding the same again.
        if not ctx.session.execute(select(func.pg_try_advisory_xact_lock(_LOCK))).scalar_one():
            return ""
    where = cluster(ctx.session)
    before = {row.source: row for row in _REACHED.run(ctx.session) if row.cluster == where}
    added = 0
    for source in _CLEAR:
        last = before.get(source)
        added += _begin(ctx, source, where) if last is None else _go_on(ctx, source, last, where)
    return f"{added} sums" if added else ""


def _go_on(ctx: Context, source: str, last: Any, where: str) -> int:
    end = newest = _end(ctx, source)
    if not is_postgresql(ctx.session):
        end = min(newest, last.reached + _AT_ONCE)
    values = {"floor": last.floor_id, "since": last.reached, "upto": end}
    added = _run(ctx, _ADD[ctx.session.get_bind().dialect.name][source], **values)
    if added or end < newest:
        _MOVE.run(ctx.session, source=source, cluster=where, floor=last.floor_id, upto=end, at=ctx.now)
    return added


def _begin(ctx: Context, source: str, where: str) -> int:
    """All there is, from the beginning; writers are kept out this once, so that the last id is exact."""
    if is_postgresql(ctx.session):
        ctx.session.execute(text(f"LOCK TABLE {source} IN SHARE MODE"))
    floor = _LAST[source].run(ctx.session).scalar_one()
    _run(ctx, _CLEAR[source])
    added = _run(ctx, _ADD_ALL[source], floor=floor)
    _MOVE.run(ctx.session, source=source, cluster=where, floor=floor, upto=_end(ctx, source), at=ctx.now)
    return added


def _end(ctx: Context, source: str) -> int:
    """The first position of a table that is not final yet."""
    if is_postgresql(ctx.session):
        return int(_HORIZON.run(ctx.session).scalar_one())
    return int(_LAST[source].run(ctx.session).scalar_one()) + 1


def _run(ctx: Context, statements: Sequence[Statement], **values: int) -> int:
    """How many rows the statements wrote together."""
    return sum(statement.run(ctx.session, **values).rowcount for statement in statements)  # type: ignore[attr-defined]
