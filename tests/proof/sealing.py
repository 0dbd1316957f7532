"""R10. The sealer while everybody writes: every committed row under exactly one seal, also after a restore elsewhere."""

from __future__ import annotations

import random
import sys
import time
import uuid
from collections import Counter
from contextlib import ExitStack
from functools import partial
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.base.errors import Busy, Refusal
from marketplace.base.house import House
from marketplace.record.audit import keys
from marketplace.record.audit import sealing as sealer
from marketplace.record.audit import verify as seals
from marketplace.record.audit.leaves import SEALED
from marketplace.record.audit.models import AuditRow, Seal
from marketplace.record.audit.wiring import wire as wire_audit
from tests.conftest import make_settings
from tests.proof import ground
from tests.proof.parts import Counts, Figure, Part, Piece, count, none, some, together
from tests.support.ledger import CLOSES, PROVIDER, Books, key, make_engine, open_books
from tests.support.load import Load
from tests.support.postgres import Cluster, cluster, transplant
from vouchers.ledger.actions import holds
from vouchers.ledger.wiring import wire as wire_ledger

WRITERS = 12
AUDIT, SEAL = AuditRow.__table__, Seal.__table__
LEAF = 32


def _furnish(books: Books, folder: Path) -> None:
    books.house = House(make_settings(folder), books.clock)
    wire_audit(books.house)
    wire_ledger(books.house)


def _spend(books: Books, load: Load, dice: random.Random) -> None:
    """Ledger entries among the rest: they are sealed by the same sealer."""
    while not load.stop.is_set():
        voucher = dice.choice(books.vouchers)
        try:
            books.act(lambda ctx, v=voucher: holds.reserve(ctx, v, uuid.uuid4(), PROVIDER, 1, CLOSES, key()))
        except (Refusal, Busy):
            time.sleep(0.01)


class _Watch:
    """The longest time that a committed audit row waited for its seal."""

    def __init__(self, books: Books, load: Load) -> None:
        self.books, self.load, self.age = books, load, 0.0

    def __call__(self, _dice: random.Random) -> None:
        statement = sa.text(
            "SELECT extract(epoch FROM clock_timestamp() - min(at)) FROM audit_row, (SELECT coalesce(max(hi_xid), 0)"
            " AS hi FROM seal WHERE source = 'audit_row') s WHERE xid > s.hi"
        )
        while not self.load.stop.is_set():
            with self.books.engine.connect() as connection:
                age = connection.execute(statement).scalar()
            self.age = max(self.age, float(age or 0))
            time.sleep(0.05)


def _load(books: Books, seconds: float, longest: float, writers: int = WRITERS) -> Counts:
    """Let them write, seal what is left, and compare."""
    load = Load(books.engine, lambda verb: books.act(verb, None), longest)
    watch = _Watch(books, load)
    with books.engine.connect() as connection:
        before = connection.execute(sa.select(sa.func.count()).select_from(AUDIT)).scalar_one()
    load.run(seconds, writers, [partial(_spend, books, load)] * 2 + [watch], slow=2)
    books.act(sealer.seal, None)
    for fault in load.faults[:5]:
        print(f"  {type(fault).__name__}: {fault}", file=sys.stderr)
    with books.engine.connect() as connection:
        ids = set(connection.execute(sa.select(AUDIT.c.id)).scalars())
    return {
        "committed": len(load.committed), "aborted": len(load.aborted), "broken": len(load.faults),
        "astray": len(set(load.committed) - ids) + len(set(load.aborted) & ids) + abs(len(ids) - before - len(load.committed)),
        "max age": round(watch.age, 2),
    }  # fmt: skip


def _judge(books: Books) -> Counts:
    """Every row of every sealed table against the leaves of all seals, and the product's own verdict."""
    counts: Counter[str] = Counter({"missed": 0, "doubled": 0, "sealed": 0, "seals": 0, "unsound": 0})
    with Session(books.engine) as session:
        for source in books.house.all(SEALED):
            rows = session.execute(sa.select(*source.columns)).all()
            whole = b"".join(
                session.execute(
                    sa.select(SEAL.c.leaves).where(SEAL.c.source == source.name).order_by(SEAL.c.no)
                ).scalars()
            )
            sealed = Counter(whole[at : at + LEAF] for at in range(0, len(whole), LEAF))
            counts["sealed"] += len(rows)
            counts["missed"] += sum(source.leaf(row) not in sealed for row in rows)
            counts["doubled"] += sealed.total() - len(sealed)
        counts["seals"] = session.execute(sa.select(sa.func.count()).select_from(SEAL)).scalar_one()
        report = seals.verify(
            session, books.house.all(SEALED), now=books.clock.moment, public_keys=[keys.public(books.house.settings)]
        )
    for fault in report.faults[:5]:
        print(f"  {fault}", file=sys.stderr)
    counts["unsound"] = int(not report.good)
    return counts


def _under_load(seconds: float, longest: float, control: float, server: Cluster | None = None) -> Counts:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        books, _ = stack.enter_context(ground.postgresql(server))
        _furnish(books, folder)
        return together([_load(books, seconds, longest), _judge(books), _control(books, control)])


def _through_a_restore(seconds: float) -> Counts:
    """The same, then dump and restore into another cluster, where transaction numbers begin again, and go on there."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        old = stack.enter_context(cluster())
        books, _ = stack.enter_context(ground.postgresql(old))
        _furnish(books, folder)
        first = _load(books, seconds, 1.0)
        with books.engine.begin() as connection:  # rows that no seal of the old cluster covers
            connection.execution_options(marketplace_write=True)
            for _ in range(50):
                connection.execute(Load.INSERT)
        fresh = stack.enter_context(cluster())
        name = str(books.engine.url.database)
        engine = make_engine(transplant(old, name, fresh, "restored"), pool_size=20)
        stack.callback(engine.dispose)
        again = open_books(engine)
        again.house, again.vouchers = books.house, books.vouchers
        second = {name: value for name, value in _load(again, seconds, 1.0).items() if name != "max age"}
        with engine.connect() as connection:
            epochs = connection.execute(sa.select(sa.func.count(sa.distinct(SEAL.c.epoch)))).scalar_one()
        return together([first, second, _judge(again), {"restores": 1, "epochs": epochs - 1}])


def _control(books: Books, seconds: float) -> Counts:
    """A sealer that follows ids instead of the transaction horizon must be seen to miss rows."""
    with patch.object(sealer, "_HORIZON", sa.text("9223372036854775807")), patch.object(sys, "stderr", StringIO()):
        _load(books, seconds, 0.3)
        found = _judge(books)
    return {"controls": 1, "controls found": int(found["missed"] > 0 and found["unsound"] > 0)}


def _short(server: Cluster) -> Counts:
    return _under_load(1.0, 0.3, 0.8, server)


def _figures(counts: Counts) -> list[Figure]:
    found, controls = counts.get("controls found", 0), counts.get("controls", 0)
    lines = [
        some(counts, "committed", f"audit rows committed by {WRITERS} writers and 2 long transactions", 100),
        some(counts, "aborted", "rows of transactions that were given up"),
        some(counts, "sealed", "rows that were compared with the leaves of all seals, ledger entries with them"),
        some(counts, "seals", "seals, made by two sealers at once"),
        none(counts, "missed", "rows that no seal covers"),
        none(counts, "doubled", "rows that two seals cover"),
        none(counts, "astray", "rows that are there and were not committed, or the other way round"),
        none(counts, "broken", "writers or sealers that broke"),
        none(counts, "unsound", "chains that `audit verify` finds at fault"),
        Figure("longest time from writing to seal, s (the long transactions stay open up to 3 s)", count(counts, "max age")),
        Figure("controls: a sealer without the horizon, seen to miss rows / tried", f"{found:,.0f} / {controls:,.0f}", "all",
               bool(found == controls)),
    ]  # fmt: skip
    if "restores" in counts:
        lines.append(
            Figure("restores into another cluster, and new epochs of seals there",
                   f"{counts['restores']:,.0f}, {counts['epochs']:,.0f}", "",
                   bool(counts["epochs"] >= counts["restores"]))
        )  # fmt: skip
    return lines


PART = Part(
    code="sealing",
    title="R10. The sealer under load",
    method=(
        f"{WRITERS} writers commit and give up transactions, two more keep theirs open for a long time, two spend from"
        " vouchers, and two sealers seal all that is final on PostgreSQL. Then every row is compared with the leaves"
        " under all seals. In two pieces the database is dumped and restored into another cluster, where transaction"
        " numbers begin again, and everybody goes on there."
    ),
    pieces=[
        *(
            Piece(f"load-{number + 1}", partial(_under_load, 60.0, longest, 3.0))
            for number, longest in enumerate((0.6, 1.5, 3.0))
        ),
        *(Piece(f"restore-{number + 1}", partial(_through_a_restore, 25.0)) for number in range(2)),
    ],
    short=_short,
    figures=_figures,
)
