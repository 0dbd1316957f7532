"""`marketplace ledger verify` over a million entries, and that its memory does not grow with them.

The vouchers are issued by the product. What follows in their chains, money set aside and given back in parts, is
written past the triggers, with its hashes: the books are sound, or the command would say so.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select, text

from marketplace.base.context import Context
from marketplace.base.ids import new_id
from tests.bench import issuing
from tests.bench.figures import Figure
from tests.bench.ground import Desk, Ground, Place, apart, lay
from tests.bench.reporting import unguarded
from tests.support import child
from vouchers.ledger import posting
from vouchers.ledger.models.commitments import Commitment, Entry
from vouchers.ledger.posting import Head, Move
from vouchers.ledger.statements import insert_many

CHAIN = 10
"""Entries of each voucher."""
RATE, GROWN = 20_000, 20
"""Entries a second at least; and MiB that the command may hold more for all of them than for what there was before."""
_AT_ONCE = 5_000
_COUNTED = re.compile(rb"^entries: (\d+)$", re.M)


def measure(place: Place, entries: int) -> list[Figure]:
    """The command over the first entries of so many, and over all of them."""
    ground = apart(lay, place)
    apart(issuing.by_ledger, ground, entries // CHAIN)
    few, before = _verify(ground)
    apart(_lengthen, ground, seconds=180)
    many, after = _verify(ground)
    return [
        Figure(
            f"{many:,} entries, {ground.place.database}",
            f"{after.seconds:.1f} s",
            f"{many / after.seconds:,.0f} entries/s; at least {RATE:,}/s",
            many / after.seconds >= RATE,
        ),
        Figure(
            "  peak memory",
            f"{after.peak:.0f} MiB",
            f"{after.peak - before.peak:+.0f} MiB against {few:,} entries; at most +{GROWN} MiB",
            after.peak - before.peak <= GROWN,
        ),
    ]


def _verify(ground: Ground) -> tuple[int, child.Done]:
    done = child.run("ledger", "verify", environment=ground.place.environment, seconds=150)
    found = _COUNTED.search(done.out)
    if done.code or found is None:
        raise RuntimeError(f"ledger verify ended with {done.code}: {done.out.decode()[-200:]}{done.err[-200:]}")
    return int(found[1]), done


def _lengthen(ground: Ground) -> None:
    desk = Desk(ground.place)
    desk.act(lambda ctx: _chains(ctx, ground))


def _chains(ctx: Context, ground: Ground) -> None:
    """Each voucher set aside once, and given back in as many parts as its chain has room for."""
    unguarded(ctx.session.connection())
    entry, commitment = Entry.__table__.c, Commitment.__table__.c
    parts, shared = CHAIN - 2, posting.who(ctx)
    heads = [
        (Head(row.id, row.pilot_id, 1, row.chain), row.face, row.last_day)
        for row in ctx.session.execute(
            select(commitment.id, commitment.pilot_id, commitment.chain, commitment.face, commitment.last_day)
            .where(commitment.seq == 1, commitment.kind == "voucher")
            .order_by(commitment.id)
        )
    ]
    for start in range(0, len(heads), _AT_ONCE):
        holds: list[dict[str, Any]] = []
        rows: list[dict[str, Any]] = []
        for head, face, last_day in heads[start : start + _AT_ONCE]:
            hold, each = new_id(), face // parts
            amount = each * parts
            holds.append(
                {"id": hold, "commitment_id": head.commitment_id, "order_id": hold, "provider_id": ground.provider_id,
                 "amount": amount, "released": amount, "state": "closed", "last_day": last_day}
            )  # fmt: skip
            given = [Move("release", "reserved", "available", each, hold_id=hold)] * parts
            first = Move("reserve", "available", "reserved", amount, hold_id=hold, provider_id=ground.provider_id)
            rows += posting.link(shared, head, [first, *given])
        insert_many(ctx.session, "hold", holds, {})
        posting.write(ctx, rows)
    ends = select(entry.commitment_id, entry.seq, entry.hash).where(entry.seq == CHAIN).subquery()
    ctx.session.execute(
        Commitment.__table__.update()  # type: ignore[attr-defined]
        .where(commitment.id == ends.c.commitment_id, commitment.seq == 1)
        .values(seq=ends.c.seq, chain=ends.c.hash)
    )
    ctx.session.execute(text("ANALYZE"))
