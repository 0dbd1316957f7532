"""Promised money that comes back: recalled by an officer, or expired by the calendar."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.money import Yuan
from marketplace.base.text import N_
from vouchers.ledger import posting, returning
from vouchers.ledger.posting import BY_KEY, REPLAY, REPLAY_COLUMNS, Head, Move, Posted
from vouchers.ledger.refusals import civil
from vouchers.ledger.statements import Statement

SWEEP = 500
"""Commitments per run of the sweep: what is busy or left over waits for the next."""

_COMMITMENT = Statement(
    f"SELECT c.id AS commitment_id, c.pilot_id, c.seq, c.chain, c.available, {REPLAY}"  # noqa: S608
    f" FROM commitment c {BY_KEY} WHERE c.id = :commitment_id",
    lock="FOR UPDATE OF c",
    columns=f"commitment_id pilot_id chain {REPLAY_COLUMNS}",
)
_HOLDS_OVER = Statement(
    "SELECT h.id AS hold_id, h.amount - h.posted - h.released AS rest, c.id AS commitment_id, c.pilot_id, c.seq,"
    " c.chain, c.last_day FROM hold h JOIN commitment c ON c.id = h.commitment_id"
    " WHERE h.state = 'pending' AND h.last_day < :day ORDER BY c.id, h.id LIMIT :most",
    lock="FOR UPDATE OF c, h SKIP LOCKED",
    columns="hold_id commitment_id pilot_id chain last_day",
)
_VOUCHERS_OVER = Statement(
    "SELECT c.id AS commitment_id, c.pilot_id, c.seq, c.chain, c.available FROM commitment c"
    " WHERE c.available > 0 AND c.last_day < :day ORDER BY c.id LIMIT :most",
    lock="FOR UPDATE OF c SKIP LOCKED",
    columns="commitment_id pilot_id chain",
)


def recall(ctx: Context, commitment_id: uuid.UUID, amount: int, key: str) -> Posted:
    """Take `amount` fen that is neither held nor spent out of a voucher or contract, back to its budget line.

    Once the line is closed the money lapses instead. Refuses `voucher.too_little`.
    """
    request = posting.asked(ctx, key, "recall", commitment_id, posting.positive(amount))
    row = _COMMITMENT.run(ctx.session, commitment_id=commitment_id, scope=request.scope, key=request.key).one_or_none()
    if row is None:
        raise NotFound("voucher")
    done = posting.replayed(row, request)
    if done is not None:
        return done
    if amount > row.available:
        message = N_("可用金额不足：可用 {available}，需要 {asked}。")
        refusal = Refusal("voucher.too_little", message, available=Yuan(row.available), asked=Yuan(amount))
        return posting.unless_done(ctx, request, refusal)
    with civil(available=Yuan(row.available), asked=Yuan(amount)):
        ids = posting.post(ctx, _head(row), [Move("recall", "available", "recalled", amount)], request)
        returning.to_lines(ctx, ids)
    return Posted(ids[0], commitment_id, None, amount)


def sweep(ctx: Context, most: int = SWEEP) -> int:
    """End up to `most` holds whose last day is over, then expire up to `most` vouchers. Gives how many entries.

    Whatever somebody works on at this moment is skipped; the next run finds it. Three statements each.
    """
    ended = _HOLDS_OVER.run(ctx.session, day=ctx.today, most=most).all()
    entries, lapsed = _end_holds(ctx, ended)
    over = _VOUCHERS_OVER.run(ctx.session, day=ctx.today, most=most).all()
    if over:
        shared = posting.who(ctx)
        rows = [
            row
            for c in over
            for row in posting.link(shared, _head(c), [Move("expire", "available", "recalled", c.available)])
        ]
        lapsed += posting.write(ctx, rows)
    returning.to_lines(ctx, lapsed)
    return entries + len(over)


def _end_holds(ctx: Context, ended: Any) -> tuple[int, list[int]]:
    """Release or lapse each hold; several of one commitment follow one another on its chain."""
    heads: dict[uuid.UUID, Head] = {}
    rows, lapses, shared = [], [], posting.who(ctx)
    for hold in ended:
        over = hold.last_day < ctx.today
        kind, dst = ("lapse", "recalled") if over else ("release", "available")
        head = heads.get(hold.commitment_id) or _head(hold)
        [row] = posting.link(shared, head, [Move(kind, "reserved", dst, hold.rest, hold_id=hold.hold_id)])
        heads[hold.commitment_id] = Head(head.commitment_id, head.pilot_id, row["seq"], row["hash"])
        rows.append(row)
        lapses.append(over)
    ids = posting.write(ctx, rows) if rows else []
    return len(ids), [entry for entry, over in zip(ids, lapses, strict=True) if over]


def _head(row: Any) -> Head:
    return Head(row.commitment_id, row.pilot_id, row.seq, row.chain)
