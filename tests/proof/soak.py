"""R14. An hour of everything at once: random acts, killed processes, killed and restarted servers, and a fold a minute."""

from __future__ import annotations

import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from marketplace.base.errors import Busy, Refusal
from tests.proof import ground
from tests.proof.bookkeeping import Tables, differences
from tests.proof.parts import Counts, Figure, Part, Piece, count, none, some
from tests.proof.scene import ACTS, Scene, stand
from tests.support.ledger import Books, key, make_engine, open_books
from tests.support.postgres import Cluster, cluster
from vouchers.ledger import verify

WRITERS, COMMON = 8, 6
_OWN = 4
ENOUGH = 200
"""Entries that a piece writes at least, however slow the machine is."""
FEWEST = 20
"""Acts that a writer tries at least, though it be started a moment before the end."""
_PATIENCE = 60.0
_TRIED = [act for act in ACTS if not act.late and act.name != "freeze"]


class _Writer:
    """A process that does random acts on its own scenes and on those that all share, until it is told or killed."""

    def __init__(self, url: str, common: Sequence[Scene], seed: int) -> None:
        self.books = open_books(make_engine(url, pool_size=1))
        self.books.fund, self.books.renovation = common[0].fund, common[0].line
        self.dice = random.Random(seed)
        self.common, self.own = list(common), list[Scene]()
        self.told: Counter[str] = Counter()
        self.done: list[str] = []

    def work(self, line: Connection) -> None:
        line.send("here")
        while not line.poll() or sum(self.told.values()) < FEWEST:
            if not self.own or self.dice.random() < 0.03:
                self._stand()
            else:
                self._act()
        line.send((self.done, dict(self.told)))
        self.books.engine.dispose()

    def _stand(self) -> None:
        try:
            self.own = [*self.own, stand(self.books)][-_OWN:]
            self.told["scenes"] += 1
        except (DBAPIError, Busy):
            self.told["unanswered"] += 1
            time.sleep(0.1)

    def _act(self) -> None:
        """One act; who gets no answer asks again under the same key."""
        act = self.dice.choice(_TRIED)
        scene = self.dice.choice(self.common if not self.own or self.dice.random() < 0.4 else self.own)
        k = key()
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self.books.act(lambda ctx: act.verb(ctx, scene, k), act.actor)
            except Refusal:
                self.told["refused"] += 1
            except (DBAPIError, Busy):
                self.told["unanswered"] += 1
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
                continue
            else:
                self.told["done"] += 1
                if act.entry:
                    self.done.append(k)
            return


def _client(url: str, common: Sequence[Scene], seed: int, line: Connection) -> None:
    _Writer(url, common, seed).work(line)


class _Crew:
    """The writers; one that is killed is followed by another."""

    def __init__(self, url: str, common: Sequence[Scene], dice: random.Random, writers: int) -> None:
        self.ways = multiprocessing.get_context("forkserver")
        self.ways.set_forkserver_preload(["tests.proof.soak"])
        self.url, self.common, self.dice = url, common, dice
        self.there = [self._start() for _ in range(writers)]
        for _process, line in self.there:
            line.poll(_PATIENCE)

    def _start(self) -> tuple[Any, Connection]:
        ours, theirs = self.ways.Pipe()
        process = self.ways.Process(target=_client, args=(self.url, self.common, self.dice.randrange(2**32), theirs))
        process.start()
        return process, ours

    def kill_one(self) -> None:
        place = self.dice.randrange(len(self.there))
        process, _line = self.there[place]
        process.kill()
        process.join()
        self.there[place] = self._start()

    def end(self) -> list[Any]:
        """What each of them did; nothing of one that gives no answer."""
        for process, line in self.there:
            if process.is_alive():
                line.send("enough")
        answers = []
        for _process, line in self.there:
            try:
                told = line.recv() if line.poll(_PATIENCE) else "here"
                if told == "here" and line.poll(_PATIENCE):
                    told = line.recv()
                answers += [told] if told != "here" else []
            except (EOFError, ConnectionError):
                continue  # it died of something: its trace is on the screen
        for process, _line in self.there:
            process.join(_PATIENCE)
            if process.is_alive():
                process.kill()
        return answers


def _entries(books: Books) -> int:
    try:
        return int(books.scalar("SELECT count(*) FROM entry"))
    except OperationalError:
        return 0  # the server is away


def _look(books: Books) -> Counts:
    """One moment of the ledger: its own proof, the fold of the entries, and whether all money is still there."""
    while True:
        try:
            with books.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
                return _judge(connection)
        except OperationalError:
            books.engine.dispose()  # a server that was killed under it
            time.sleep(0.2)


def _judge(connection: Any) -> Counts:
    tables = Tables.read(connection)
    found = list(differences(tables))
    with Session(connection) as session:
        report = verify.verify(session)
    allotted = sum(row["allotted"] for row in tables.line_bucket)
    there = sum(row["available"] + row["lapsed"] for row in tables.line_bucket)
    there += sum(row["face"] - row["recalled"] for row in tables.commitment)
    for fault in [*found, *map(str, report.differences)][:5]:
        print(f"  {fault}", file=sys.stderr)
    return {
        "looks": 1, "max entries": tables.entries, "differences": len(found), "drift": abs(allotted - there),
        "invariants": len(report.checks), "violations": sum(report.checks.values()),
    }  # fmt: skip


def _control(books: Books) -> Counts:
    """A fen that appears from nowhere must be seen, by the fold and by the ledger's own proof."""
    with books.engine.connect() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(
            "UPDATE commitment SET face = face + 1, available = available + 1 WHERE available > 0"
        )
        stderr, sys.stderr = sys.stderr, open("/dev/null", "w")
        try:
            seen = _judge(connection)
        finally:
            sys.stderr.close()
            sys.stderr = stderr
        connection.rollback()
    return {"controls": 3, "controls found": sum(seen[name] > 0 for name in ("differences", "drift", "violations"))}


def _soak(
    seconds: float, every: float, calm: float, number: int, writers: int = WRITERS, *, servers: bool = True
) -> Counts:
    """`every` seconds all is looked at; after `calm` seconds at most a writer is killed, or a server if `servers`."""
    dice = random.Random(number)
    seen: Counter[str] = Counter()
    most = 0.0
    with ExitStack() as stack:
        server = stack.enter_context(cluster())
        books, _ = stack.enter_context(ground.postgresql(server))
        common = [stand(books) for _ in range(COMMON)]
        crew = _Crew(books.engine.url.render_as_string(hide_password=False), common, dice, writers)
        ends = time.monotonic() + seconds
        looked, strike = time.monotonic(), time.monotonic() + dice.uniform(0.3, 1) * calm
        begun = _entries(books)
        while time.monotonic() < ends or (_entries(books) < begun + ENOUGH and time.monotonic() < ends + _PATIENCE):
            time.sleep(0.05)
            if strike < time.monotonic() < ends:
                seen[_strike(server if servers else None, crew, dice)] += 1
                strike = time.monotonic() + dice.uniform(0.3, 1) * calm
            if time.monotonic() - looked > every:
                found = _look(books)
                seen.update({name: int(value) for name, value in found.items() if name != "max entries"})
                looked = time.monotonic()
        answers = crew.end()
        books.engine.dispose()
        last = _look(books)
        seen.update({name: int(value) for name, value in last.items() if name != "max entries"})
        most = last["max entries"]
        seen.update(_kept(books, answers))
        control = _control(books)
    return {
        **{name: 0 for name in ("writers killed", "servers killed", "servers restarted", "done", "refused", "unanswered")},
        **seen, **control, "max entries": most, "seconds": round(seconds), "dumb": writers - len(answers),
    }  # fmt: skip


def _strike(server: Cluster | None, crew: _Crew, dice: random.Random) -> str:
    """Something that happens to machines."""
    if server is None or dice.random() < 0.6:
        crew.kill_one()
        return "writers killed"
    server.crash()
    if dice.random() < 0.5:
        time.sleep(dice.uniform(0, 1))  # away for a while
    server.recover()
    return "servers killed"


def _kept(books: Books, answers: Sequence[Any]) -> Counts:
    """Whether every act that a writer was told is done has its entry, once."""
    told: Counter[str] = Counter()
    acknowledged: Counter[str] = Counter()
    for done, counted in answers:
        told.update(counted)
        acknowledged.update(done)
    with books.engine.connect() as connection:
        written = Counter(connection.exec_driver_sql("SELECT idem_key FROM entry WHERE idem_key IS NOT NULL").scalars())
    return {
        **told, "acknowledged": len(acknowledged), "lost": sum(not written[k] for k in acknowledged),
        "doubled": sum(n > 1 for n in written.values()),
    }  # fmt: skip


def _short(_server: Cluster) -> Counts:
    """Servers are killed in another part's short form."""
    return _soak(2.5, 1.5, 2.0, 10, 2, servers=False)


def _figures(counts: Counts) -> list[Figure]:
    found, controls = counts.get("controls found", 0), counts.get("controls", 0)
    struck = ", ".join(count(counts, name) for name in ("writers killed", "servers killed"))
    return [
        some(counts, "seconds", f"seconds under load of {WRITERS} processes"),
        some(counts, "done", "acts done, as their writers were told", 5),
        Figure("acts refused", count(counts, "refused")),
        Figure("writers killed, servers killed and started again", struck),
        Figure("tries that got no answer", count(counts, "unanswered")),
        Figure("entries at the end of a piece", count(counts, "max entries")),
        some(counts, "looks", "looks at the whole ledger in between"),
        some(counts, "invariants", "invariants asked"),
        none(counts, "violations", "violations of them"),
        none(counts, "differences", "rows that differ from the fold of their entries"),
        none(counts, "drift", "fen that were allotted and are nowhere"),
        none(counts, "lost", "acknowledged acts without their entry"),
        none(counts, "doubled", "keys with two"),
        none(counts, "dumb", "writers that never found back"),
        Figure("controls: a fen from nowhere, seen / looked for", f"{found:,.0f} / {controls:,.0f}", "all",
               bool(found == controls > 0)),
    ]  # fmt: skip


PART = Part(
    code="soak",
    title="R14. An hour of everything",
    method=(
        f"{WRITERS} processes do random acts on vouchers of their own and on some that all share, on PostgreSQL. Every"
        " few seconds one of them or the server is killed and started again. Once a minute everything is read in one"
        " snapshot: the ledger's own invariants, the fold of R12, and whether every fen that was allotted is somewhere."
    ),
    pieces=[Piece(f"{number + 1:02d}", partial(_soak, 300.0, 60.0, 12.0, number)) for number in range(12)],
    short=_short,
    figures=_figures,
)
