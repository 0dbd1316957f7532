"""R3. Two acts, statement by statement, in every order in which PostgreSQL lets them run."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import Engine, event

from marketplace.base.errors import Busy, Refusal
from tests.proof import ground
from tests.proof.crew import Told
from tests.proof.matrix import judge
from tests.proof.parts import Counts, Figure, Part, Piece, count, none, some
from tests.proof.scene import ACTS, AFTER, BY_NAME, Act, stand
from tests.support.ledger import LAST, NOON, Books, key, make_engine, open_books
from tests.support.postgres import Cluster
from vouchers.ledger import verify

PAIRS = list(itertools.combinations_with_replacement(ACTS, 2))
PER_PIECE = 10
DEEP, SWITCHES = 9, 2
"""A pair with more points than this where both could go on is tried with at most so many switches between the two."""
_STUCK = 30.0
_GLANCE = 0.002


class Walker(threading.Thread):
    """One act in a thread with a connection of its own, that stops before each statement and before its commit."""

    def __init__(self, books: Books, act: Act, scene: Any) -> None:
        super().__init__(daemon=True)
        self.act, self.key = act, key()
        self._books, self._scene = books, scene
        self._go = threading.Event()
        self.halted = threading.Event()
        self.told: Told | None = None
        self.stops = 0

    def run(self) -> None:
        event.listen(self._books.engine, "before_cursor_execute", self._halt)
        event.listen(self._books.engine, "commit", self._halt)
        try:
            self._books.act(lambda ctx: self.act.verb(ctx, self._scene, self.key), self.act.actor)
            outcome, words = "done", ""
        except Busy:
            outcome, words = "busy", ""
        except Refusal as refusal:
            outcome, words = refusal.code, ""
        except Exception as fault:
            outcome, words = "fault", f"{type(fault).__name__}: {fault}"[:500]
        finally:
            event.remove(self._books.engine, "before_cursor_execute", self._halt)
            event.remove(self._books.engine, "commit", self._halt)
        self.told = Told(self.act.name, self.key, outcome, words)
        self.halted.set()

    def _halt(self, *_about: Any) -> None:
        self.stops += 1
        self._go.clear()
        self.halted.set()
        if not self._go.wait(_STUCK):
            raise TimeoutError("nobody let this act go on")

    def step(self) -> None:
        """Let it do one statement."""
        self.halted.clear()
        self._go.set()

    @property
    def ready(self) -> bool:
        return self.told is None and self.halted.is_set()


class Stage:
    """Two engines of one connection each, and a third that sees who waits for whom."""

    def __init__(self, books: Books) -> None:
        self.books = books
        url = books.engine.url.render_as_string(hide_password=False)
        self.engines: list[Engine] = [make_engine(url, pool_size=1, max_overflow=0) for _ in range(2)]
        self.desks = [open_books(engine) for engine in self.engines]
        self.pids = []
        for engine in self.engines:
            with engine.connect() as connection:
                self.pids.append(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        self._watch = books.engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        self._watch.close()
        for engine in self.engines:
            engine.dispose()

    def waits(self, place: int) -> bool:
        """Whether this one's statement stands behind a lock."""
        return bool(
            self._watch.exec_driver_sql(f"SELECT cardinality(pg_blocking_pids({self.pids[place]}))").scalar_one()
        )

    def play(
        self, pair: tuple[Act, Act], wanted: Sequence[int], switches: int | None
    ) -> tuple[list[int], list[str], int]:
        """One order: `wanted` says who goes at each point where both could, the first after that; once it has switched
        so often, whoever goes goes on. Gives the choices made, what was wrong, and how many statements ran."""
        at = NOON + (LAST - NOON.date()) + AFTER if any(act.late for act in pair) else NOON
        self.books.clock.set(NOON)
        scene = stand(self.books)
        for desk in self.desks:
            desk.clock.set(at)
        walkers = [Walker(desk, act, scene) for desk, act in zip(self.desks, pair, strict=True)]
        for walker in walkers:
            walker.start()
        made: list[int] = []
        last, left = -1, switches
        deadline = time.monotonic() + _STUCK
        while not all(walker.told for walker in walkers):
            self._settle(walkers, deadline)
            ready = [place for place, walker in enumerate(walkers) if walker.ready]
            if not ready:
                continue
            place = ready[0]
            if len(ready) == 2 and left == 0:
                place = last
            elif len(ready) == 2:
                place = wanted[len(made)] if len(made) < len(wanted) else 0
                made.append(place)
                if left is not None and last not in (-1, place):
                    left -= 1
            last = place
            walkers[place].step()
        for walker in walkers:
            walker.join(_STUCK)
        told = [walker.told for walker in walkers if walker.told is not None]
        faults = judge(self.books, scene, pair, told)
        return made, faults, sum(walker.stops for walker in walkers)

    def _settle(self, walkers: Sequence[Walker], deadline: float) -> None:
        """Wait until each has stopped, ended, or stands behind a lock of the other."""
        for place, walker in enumerate(walkers):
            while not walker.halted.wait(_GLANCE):
                if self.waits(place):
                    break
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{walker.act.name} neither stops nor waits")


def explore(stage: Stage, pair: tuple[Act, Act]) -> tuple[int, int, bool, list[str]]:
    """Every order of a pair, depth first: how many, how many statements, whether switches were bounded, what was
    wrong."""
    orders, statements, wrong = 0, 0, []
    wanted: list[int] = []
    switches: int | None = None
    while True:
        made, faults, ran = stage.play(pair, wanted, switches)
        if not orders and len(made) > DEEP:
            switches = SWITCHES
            made, faults, ran = stage.play(pair, wanted, switches)
        orders, statements = orders + 1, statements + ran
        wrong += [f"{pair[0].name} / {pair[1].name} {''.join(map(str, made))}: {fault}" for fault in faults]
        while made and made[-1] == 1:
            made.pop()
        if not made:
            return orders, statements, switches is not None, wrong
        wanted = [*made[:-1], 1]


def _all(pairs: Sequence[tuple[Act, Act]], server: Cluster | None = None) -> Counts:
    seen: Counter[str] = Counter()
    wrong: list[str] = []
    with ground.postgresql(server) as (books, _):
        stage = Stage(books)
        try:
            for pair in pairs:
                orders, statements, bounded, faults = explore(stage, pair)
                seen.update({"pairs": 1, "orders": orders, "statements": statements, "bounded": bounded})
                wrong += faults
        finally:
            stage.close()
        books.clock.set(NOON)
        if not books.look(verify.verify).sound:
            wrong.append("ledger verify finds the books unsound")
        deadlocks = books.scalar("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    for fault in wrong[:20]:
        print(f"  {fault}")
    return {**seen, "wrong": len(wrong), "deadlocks": int(deadlocks)}


SHORT = [("redeem", "redeem"), ("redeem", "release"), ("reserve", "recall"), ("refund", "file")]


def _short(server: Cluster) -> Counts:
    return _all([(BY_NAME[one], BY_NAME[other]) for one, other in SHORT], server)


def _figures(counts: Counts) -> list[Figure]:
    return [
        some(counts, "pairs", "pairs of acts"),
        some(counts, "orders", "orders that PostgreSQL allows", 2 * int(counts.get("pairs", 1))),
        Figure(f"pairs tried with at most {SWITCHES} switches, all others in every order", count(counts, "bounded")),
        some(counts, "statements", "statements and commits in them"),
        none(counts, "wrong", "wrong outcomes"),
        none(counts, "deadlocks", "deadlocks that PostgreSQL counted"),
    ]


PART = Part(
    code="interleaving",
    title="R3. Every order of two acts",
    method=(
        f"Each of the {len(PAIRS)} pairs of acts runs on PostgreSQL, stopped before every statement and before the"
        " commit. Wherever both could go on, both ways are tried, depth first, until no order is left (pairs that meet at more than"
        f" {DEEP} points: with at most {SWITCHES} switches from one to the other); a statement that"
        " waits for the other's lock is seen in pg_blocking_pids. The same fold of the entries judges each order."
        " SQLite lets one writer in at a time, so two acts have no orders there but one after the other."
    ),
    pieces=[
        Piece(f"{number + 1:02}", partial(_all, PAIRS[at : at + PER_PIECE]))
        for number, at in enumerate(range(0, len(PAIRS), PER_PIECE))
    ],
    short=_short,
    figures=_figures,
)
