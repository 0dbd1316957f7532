"""Sixteen clients, each a process of the operating system with a connection of its own, that act at one moment."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from marketplace.base.errors import Busy, Refusal
from tests.proof.scene import BY_NAME, Scene
from tests.support.ledger import make_engine, open_books

CLIENTS = 16
_WAIT = 60.0


@dataclass(frozen=True)
class Told:
    """What a client got: "done", the code of a refusal, or "fault" with its words."""

    act: str
    key: str
    outcome: str
    words: str = ""


def _client(url: str, gate: Any, line: Connection, sabotage: str) -> None:
    """Do what is asked, as often as it is asked, at the moment when all are ready."""
    if sabotage:
        _disarm()
    books = open_books(make_engine(url, pool_size=1))
    books.engine.connect().close()  # nobody's first connection belongs to a race
    while True:
        asked = line.recv()
        if asked is None:
            break
        name, scene, key, at = asked
        books.clock.set(at)
        act = BY_NAME[name]
        gate.wait(_WAIT)
        try:
            books.act(lambda ctx, act=act, scene=scene, key=key: act.verb(ctx, scene, key), act.actor)
            told = Told(name, key, "done")
        except Busy:
            told = Told(name, key, "busy")
        except Refusal as refusal:
            told = Told(name, key, refusal.code)
        except Exception as fault:
            told = Told(name, key, "fault", f"{type(fault).__name__}: {fault}"[:500])
        line.send(told)
    books.engine.dispose()


def _disarm() -> None:
    """For the positive control: read without a lock, as engines do that over-redeem."""
    from vouchers.ledger.actions import holds

    made = holds._HOLD._made
    made["postgresql"] = made["sqlite"]  # the same statement, without its lock


class Crew:
    """The clients, waiting for a trial."""

    def __init__(self, lines: Sequence[Connection]) -> None:
        self._lines = lines

    def strike(self, names: Sequence[str], scene: Scene, keys: Sequence[str], at: datetime) -> list[Told]:
        """Every client does its act at one moment; gives what each was told."""
        for line, name, key in zip(self._lines, names, keys, strict=True):
            line.send((name, scene, key, at))
        told: list[Told] = []
        for line in self._lines:
            if not line.poll(_WAIT):
                raise TimeoutError("a client gave no answer")
            told.append(line.recv())
        return told


@contextmanager
def crew(url: str, clients: int = CLIENTS, *, sabotage: str = "") -> Iterator[Crew]:
    """So many clients of one database; they end with the block."""
    ways = multiprocessing.get_context("forkserver")
    ways.set_forkserver_preload(["tests.proof.scene"])
    gate = ways.Barrier(clients)
    ends = [ways.Pipe() for _ in range(clients)]
    processes = [ways.Process(target=_client, args=(url, gate, theirs, sabotage), daemon=True) for _, theirs in ends]
    for process in processes:
        process.start()
    lines = [ours for ours, _ in ends]
    try:
        yield Crew(lines)
    finally:
        for line in lines:
            line.send(None)
        for process in processes:
            process.join(10)
            if process.is_alive():
                process.kill()
