"""Several processes on one SQLite file: one writer at a time, nobody's money lost, nobody left waiting."""

from __future__ import annotations

import multiprocessing
import uuid
from collections import Counter
from pathlib import Path

from tests.support.ledger import CLOSES, PROVIDER, Books, key, make_engine, open_books, sqlite_books, stock
from vouchers.ledger import verify
from vouchers.ledger.actions import holds

PROCESSES, TRIES = 4, 12


def _redeem(url: str, held: str, gate, results) -> None:
    books: Books = open_books(make_engine(url))
    got: Counter[str] = Counter()
    gate.wait()
    for _ in range(TRIES):
        try:
            books.act(lambda ctx: holds.redeem(ctx, uuid.UUID(held), 10, key()))
            got["done"] += 1
        except Exception as fault:
            got[str(getattr(fault, "code", repr(fault)))] += 1
    books.engine.dispose()
    results.put(dict(got))


def test_processes_that_redeem_one_hold_take_it_exactly(sqlite_template: Path, tmp_path: Path):
    with sqlite_books(sqlite_template, tmp_path) as books:
        stock(books)
        held = books.act(
            lambda ctx: holds.reserve(ctx, books.vouchers[0], uuid.uuid4(), PROVIDER, 250, CLOSES, key())
        ).hold_id
        spawn = multiprocessing.get_context("spawn")
        gate, results = spawn.Barrier(PROCESSES), spawn.Queue()
        url = books.engine.url.render_as_string()
        workers = [spawn.Process(target=_redeem, args=(url, str(held), gate, results)) for _ in range(PROCESSES)]
        for worker in workers:
            worker.start()
        total: Counter[str] = Counter()
        for _ in workers:
            total.update(results.get(timeout=60))
        for worker in workers:
            worker.join()
        assert total == {"done": 25, "hold.not_open": PROCESSES * TRIES - 25}
        assert books.balances(books.vouchers[0]) == (99_750, 0, 250, 0, 0, 0)
        assert books.look(verify.verify).sound
