"""Money that was recalled goes back to the buckets of its line: one statement, whatever the number of entries."""

from __future__ import annotations

from marketplace.base.context import Context
from vouchers.ledger import posting
from vouchers.ledger.statements import Statement

_SQL = """
INSERT INTO fund_entry (pilot_id, fund_id, kind, line_id, k, bseq, entry_id, amount, person_id, assignment_id, day, at)
WITH recalled AS (
  SELECT e.id, e.amount, c.line_id FROM entry e JOIN commitment c ON c.id = e.commitment_id WHERE e.id IN :entries
), bucket AS (
  SELECT line_id, k, committed, seq FROM line_bucket
  WHERE line_id IN (SELECT line_id FROM recalled) ORDER BY line_id, k {lock}
), b AS (
  SELECT line_id, k, seq, sum(committed) OVER (PARTITION BY line_id ORDER BY k) AS hi,
    sum(committed) OVER (PARTITION BY line_id ORDER BY k) - committed AS lo FROM bucket
), e AS (
  SELECT id, line_id, sum(amount) OVER (PARTITION BY line_id ORDER BY id) AS hi,
    sum(amount) OVER (PARTITION BY line_id ORDER BY id) - amount AS lo FROM recalled
)
SELECT l.pilot_id, l.fund_id, CASE WHEN l.closes_on < CAST(:day AS {date}) THEN 'lapse' ELSE 'recall' END, l.id, b.k,
  b.seq + row_number() OVER (PARTITION BY l.id, b.k ORDER BY e.id), e.id,
  CASE WHEN e.hi < b.hi THEN e.hi ELSE b.hi END - CASE WHEN e.lo > b.lo THEN e.lo ELSE b.lo END,
  CAST(:person_id AS {uuid}), CAST(:assignment_id AS {uuid}), CAST(:day AS {date}), CAST(:at AS {instant})
FROM e JOIN b ON b.line_id = e.line_id AND b.lo < b.hi AND e.lo < b.hi AND b.lo < e.hi
  JOIN budget_line l ON l.id = e.line_id
ORDER BY l.id, b.k, e.id
"""
_BACK = {
    "postgresql": Statement(
        _SQL.format(lock="FOR UPDATE", date="date", uuid="uuid", instant="timestamptz"), lists=("entries",)
    ),
    "sqlite": Statement(_SQL.format(lock="", date="text", uuid="text", instant="text"), lists=("entries",)),
}


def to_lines(ctx: Context, entries: list[int]) -> None:
    """Give what these entries recalled back to their lines: available again, or lapsed once the line is closed.

    The entries are of one act; the buckets are locked in the order of lines and k.
    """
    if entries:
        _BACK[ctx.session.get_bind().dialect.name].run(ctx.session, entries=entries, **posting.who(ctx))
