"""The nightly sums, by line and day, from which reports start."""

from __future__ import annotations

from marketplace.base.context import Context
from vouchers.ledger.statements import Statement

_STOP_WRITERS = Statement("LOCK TABLE entry IN SHARE MODE")
"""Waits for the writers at work and lets no new one begin until the commit: then the highest id is exact."""
_REACHED = Statement(
    "SELECT coalesce((SELECT max(id) FROM entry), 0) AS upto,"
    " coalesce((SELECT reached FROM balance_horizon WHERE id = 1), 0) AS since"
)
_ADD = Statement(
    "INSERT INTO balance_snapshot (line_id, kind, day, src, dst, amount)"
    " SELECT c.line_id, c.kind, e.day, e.src, e.dst, sum(e.amount) FROM entry e"
    " JOIN commitment c ON c.id = e.commitment_id WHERE e.id > :since AND e.id <= :upto"
    " GROUP BY c.line_id, c.kind, e.day, e.src, e.dst"
    " ON CONFLICT (line_id, kind, day, src, dst) DO UPDATE SET amount = balance_snapshot.amount + excluded.amount"
)
_MOVE = Statement(
    "INSERT INTO balance_horizon (id, reached, at) VALUES (1, :upto, :at)"
    " ON CONFLICT (id) DO UPDATE SET reached = excluded.reached, at = excluded.at"
)


def take(ctx: Context) -> str:
    """Add what was written since the last time to the sums by line and day."""
    if ctx.session.get_bind().dialect.name == "postgresql":
        _STOP_WRITERS.run(ctx.session)
    row = _REACHED.run(ctx.session).one()
    if row.upto <= row.since:
        return ""
    _ADD.run(ctx.session, since=row.since, upto=row.upto)
    _MOVE.run(ctx.session, upto=row.upto, at=ctx.now)
    return f"entries {row.since + 1} to {row.upto}"
