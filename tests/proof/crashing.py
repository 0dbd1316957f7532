"""R5. PostgreSQL is killed while eight processes redeem; what was acknowledged is there, once."""

from __future__ import annotations

import multiprocessing
import random
import time
import uuid
from collections import Counter
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy.exc import DBAPIError

from marketplace.base.errors import Busy, Refusal
from tests.proof import ground
from tests.proof.parts import Counts, Figure, Part, Piece, count, none, some
from tests.support.ledger import CLOSES, LAST, PROVIDER, Books, key, make_engine, open_books
from tests.support.postgres import Cluster, cluster
from vouchers.ledger import verify
from vouchers.ledger.actions import holds, issue
from vouchers.ledger.actions.issue import VoucherItem

WRITERS, VOUCHERS, FACE = 8, 40, 1_000_000
_PATIENCE = 60.0


def _write(url: str, vouchers: list[str], line: Connection) -> None:
    """Reserve and redeem until told to stop. Each act keeps its key until it was answered, as a client does."""
    books = open_books(make_engine(url, pool_size=1))
    dice = random.Random()
    told: Counter[str] = Counter()
    acknowledged: list[str] = []
    slowest = 0.0
    while not line.poll():
        voucher = uuid.UUID(dice.choice(vouchers))
        k, order = key(), uuid.uuid4()
        held = _surely(books, partial(holds.reserve, commitment_id=voucher, order_id=order, provider_id=PROVIDER,
                                      amount=10, last_day=CLOSES, key=k), told)  # fmt: skip
        acknowledged.append(k)
        k = key()
        began = time.monotonic()
        _surely(books, partial(holds.redeem, hold_id=held.hold_id, amount=10, key=k), told)
        slowest = max(slowest, time.monotonic() - began)
        acknowledged.append(k)
    line.send((acknowledged, dict(told), slowest))
    books.engine.dispose()


def _surely(books: Books, verb: Any, told: Counter[str]) -> Any:
    """Ask until there is an answer, under one key."""
    deadline = time.monotonic() + _PATIENCE
    unsure = False
    while True:
        try:
            done = books.act(verb)
        except Refusal:
            raise
        except (DBAPIError, Busy):
            unsure = True
            told["unanswered"] += 1
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
            continue
        if unsure:
            told["had stood" if done.replayed else "had not stood"] += 1
        return done


def _attack(kills: int, seconds: float) -> Counts:
    with cluster() as server, ground.postgresql(server) as (books, _):
        items = [VoucherItem(FACE, LAST, uuid.uuid4()) for _ in range(VOUCHERS)]
        made = books.act(lambda ctx: issue.issue(ctx, books.renovation, items, key())).commitment_ids
        url = books.engine.url.render_as_string(hide_password=False)
        ways = multiprocessing.get_context("forkserver")
        ways.set_forkserver_preload(["tests.proof.crashing"])
        ends = [ways.Pipe() for _ in range(WRITERS)]
        vouchers = [str(voucher) for voucher in made]
        processes = [ways.Process(target=_write, args=(url, vouchers, theirs)) for _, theirs in ends]
        for process in processes:
            process.start()
        back = _storm(server, kills, seconds)
        for ours, _theirs in ends:
            ours.send("enough")
        answers = [ours.recv() for ours, _theirs in ends if ours.poll(_PATIENCE)]
        for process in processes:
            process.join(_PATIENCE)
            if process.is_alive():
                process.kill()
        books.engine.dispose()  # its connections died with the server
        return _judge(books, answers, kills, back)


def _storm(server: Cluster, kills: int, seconds: float) -> list[float]:
    """Kill and start the server so often; how long each took to come back."""
    back = []
    for _ in range(kills):
        time.sleep(seconds)
        server.crash()
        began = time.monotonic()
        server.recover()
        back.append(time.monotonic() - began)
    time.sleep(seconds)
    return back


def _judge(books: Books, answers: list[Any], kills: int, back: list[float]) -> Counts:
    acknowledged = Counter(k for keys, _told, _slowest in answers for k in keys)
    with books.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT idem_key, count(*) FROM entry WHERE kind IN ('reserve', 'redeem') AND idem_key IS NOT NULL"
            " GROUP BY idem_key"
        ).all()
    written: dict[str, int] = {row[0]: row[1] for row in rows}
    told: Counter[str] = Counter()
    for _keys, counted, _slowest in answers:
        told.update(counted)
    return {
        "kills": kills,
        "writers": len(answers),
        "acknowledged": len(acknowledged),
        "lost": sum(k not in written for k in acknowledged),
        "doubled": sum(n > 1 for n in written.values()),
        "unasked": sum(k not in acknowledged for k in written),
        "unanswered": told["unanswered"],
        "had stood": told["had stood"],
        "had not stood": told["had not stood"],
        "max back": round(max(back), 2),
        "max waited": round(max(slowest for _k, _t, slowest in answers), 2),
        "dumb": WRITERS - len(answers),
        "unsound": 0 if books.look(verify.verify).sound else 1,
    }


def _short(server: Cluster) -> Counts:
    """On a server of its own: others are at work on the one that runs."""
    return _attack(2, 0.7)


def _figures(counts: Counts) -> list[Figure]:
    return [
        some(counts, "kills", f"kills of the server under {WRITERS} writers"),
        some(counts, "acknowledged", "acts that were acknowledged", 20),
        none(counts, "lost", "of them lost"),
        none(counts, "doubled", "done twice"),
        none(counts, "unasked", "done and never acknowledged in the end"),
        none(counts, "dumb", "writers that never found back"),
        Figure("tries that got no answer", count(counts, "unanswered")),
        Figure("of the acts behind them, had stood all the same", count(counts, "had stood")),
        Figure("and had not", count(counts, "had not stood")),
        Figure("longest way back of the server, s", count(counts, "max back")),
        Figure("longest wait of a client for its answer, s", count(counts, "max waited")),
        none(counts, "unsound", "books that ledger verify finds unsound"),
    ]


PART = Part(
    code="crashing",
    title="R5. A killed database",
    method=(
        f"{WRITERS} processes reserve and redeem while PostgreSQL is killed with SIGKILL and started again on its"
        " files. A client that got no answer asks again under its key. Afterwards every acknowledged key must stand"
        " exactly once."
    ),
    pieces=[Piece(f"{number + 1}", partial(_attack, 20, 3.0)) for number in range(5)],
    short=_short,
    figures=_figures,
)
