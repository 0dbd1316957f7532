"""R4. A worker is killed with SIGKILL before and after each statement; its client asks again under the same key."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from marketplace.base.errors import Refusal
from tests.proof import ground
from tests.proof.parts import Counts, Figure, Part, Piece, none, some, together
from tests.proof.scene import ACTS, BY_NAME, Act, Scene, stand
from tests.support.ledger import Books, key, make_engine, open_books
from tests.support.postgres import Cluster
from vouchers.ledger import verify

KEYED = [act for act in ACTS if act.entry or act.name in ("release a batch", "give up a payment", "issue")]
"""Acts that a client may send again under their key."""
_WAIT = 60.0


def _worker(url: str, name: str, scene: Scene, k: str, fatal: int, line: Connection) -> None:
    """Do one act; die at the `fatal`-th moment, or live when it is 0 or never comes."""
    books = open_books(make_engine(url, pool_size=1))
    moments = itertools.count(1)

    def moment(*_about: Any) -> None:
        if next(moments) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    for name_of_event in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(books.engine, name_of_event, moment)
    event.listen(Session, "after_commit", moment)  # it stands, and nobody was told
    act = BY_NAME[name]
    try:
        books.act(lambda ctx: act.verb(ctx, scene, k), act.actor)
        outcome = "done"
    except Refusal as refusal:
        outcome = refusal.code
    line.send((outcome, next(moments) - 1))


def _do(books: Books, act: Act, scene: Scene, k: str, fatal: int) -> tuple[str, int] | None:
    """One worker's life: what it told and how many moments it had; None when it died."""
    ways = multiprocessing.get_context("forkserver")
    ways.set_forkserver_preload(["tests.proof.killing"])
    ours, theirs = ways.Pipe()
    url = books.engine.url.render_as_string(hide_password=False)
    process = ways.Process(target=_worker, args=(url, act.name, scene, k, fatal, theirs))
    process.start()
    theirs.close()
    process.join(_WAIT)
    if process.is_alive():
        process.kill()
        raise TimeoutError(f"{act.name} did not end")
    if process.exitcode == -signal.SIGKILL:
        return None
    told: tuple[str, int] = ours.recv()
    return told


def _effect(books: Books, act: Act, scene: Scene, k: str) -> tuple[Any, ...]:
    """What an act has left behind, whatever ids it was given."""
    ask = books.scalar
    of_key = f"WHERE idem_key = '{k}'"
    return (
        ask(f"SELECT count(*) FROM entry {of_key}") + ask(f"SELECT count(*) FROM fund_entry {of_key}")
        + ask(f"SELECT count(*) FROM issue_batch {of_key}"),
        books.balances(scene.voucher),
        ask(f"SELECT count(*) FROM entry WHERE commitment_id = '{scene.voucher}'"),
        ask(f"SELECT state FROM payment_batch WHERE id = '{scene.draft}'"),
        ask(f"SELECT state FROM batch_item WHERE id = '{scene.failed_item}'"),
    )  # fmt: skip


def _prepared(books: Books, act: Act) -> Scene:
    """A scene in which the act is right."""
    scene = stand(books)
    if act.name == "give up a payment":
        failed = BY_NAME["payment failed"]
        books.act(lambda ctx: failed.verb(ctx, scene, key()), failed.actor)
    return scene


def kill(books: Books, act: Act, every: int) -> tuple[Counter[str], list[str]]:
    """Kill an act at each `every`-th moment of its life, and ask again; gives counts and what was wrong."""
    seen: Counter[str] = Counter(acts=1)
    wrong: list[str] = []
    scene, k = _prepared(books, act), key()
    first = _do(books, act, scene, k, 0)
    assert first is not None and first[0] == "done", f"{act.name} cannot be done at all: {first}"
    should = _effect(books, act, scene, k)
    for fatal in range(first[1], 0, -every):
        scene, k = _prepared(books, act), key()
        if _do(books, act, scene, k, fatal) is not None:
            wrong.append(f"{act.name} lived through moment {fatal}")
            continue
        seen["kills"] += 1
        seen["stood"] += bool(_effect(books, act, scene, k)[0])  # whether it had been committed before it died
        again = _do(books, act, scene, k, 0)
        if again is None or again[0] != "done":
            wrong.append(f"{act.name} killed at {fatal}: asked again, was told {again}")
        elif _effect(books, act, scene, k) != should:
            wrong.append(f"{act.name} killed at {fatal}: left {_effect(books, act, scene, k)}, not {should}")
        else:
            seen["converged"] += 1
    return seen, wrong


def _all(acts: Sequence[Act], database: str, every: int = 1, server: Cluster | None = None) -> Counts:
    seen: Counter[str] = Counter()
    wrong: list[str] = []
    with ExitStack() as stack:
        if database == "SQLite":
            books = stack.enter_context(ground.sqlite())
        else:
            books, _ = stack.enter_context(ground.postgresql(server))
        for act in acts:
            counted, faults = kill(books, act, every)
            seen.update(counted)
            wrong += faults
        if not books.look(verify.verify).sound:
            wrong.append("ledger verify finds the books unsound")
    for fault in wrong[:20]:
        print(f"  {fault}")
    return {**seen, "wrong": len(wrong), "stuck": seen["kills"] - seen["converged"]}


def _short(server: Cluster) -> Counts:
    redeem = [BY_NAME["redeem"]]
    return together([_all(redeem, "SQLite", 3), _all(redeem, "PostgreSQL", 3, server)])


def _figures(counts: Counts) -> list[Figure]:
    return [
        some(counts, "acts", "acts, on each database"),
        some(counts, "kills", "kills with SIGKILL", 3),
        some(counts, "stood", "of them after the commit, before anybody was told"),
        some(counts, "converged", "that ended as one act when they were asked again", int(counts.get("kills", 1))),
        none(counts, "stuck", "keys that stayed stuck"),
        none(counts, "wrong", "lost, doubled or otherwise wrong"),
    ]


PART = Part(
    code="killing",
    title="R4. A killed worker",
    method=(
        f"Each of the {len(KEYED)} acts that carry a key runs in a process of its own, which is killed before and after"
        " each statement, before its commit, and after it, before anybody was told. A new process sends the same key"
        " again. What is left must be what one undisturbed act leaves, on SQLite and on PostgreSQL."
    ),
    pieces=[
        Piece(f"{database.lower()}-{number + 1}", partial(_all, KEYED[at : at + 4], database))
        for database in ("SQLite", "PostgreSQL")
        for number, at in enumerate(range(0, len(KEYED), 4))
    ],
    short=_short,
    figures=_figures,
)
