"""A sealed table under load: writers with aborts, long transactions and rival sealers, each with a connection."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Engine, text

from marketplace.record.audit import sealing


class Load:
    """Threads that write audit rows and seal them until the time is over; what was committed and what was aborted."""

    INSERT = text(
        "INSERT INTO audit_row (at, role, request_id, verb, kind, object_id, facts) "
        "VALUES (clock_timestamp(), 'x', 'x', 'x', 'x', 'x', '{}') RETURNING id"
    )

    def __init__(self, engine: Engine, act: Callable[[Callable[[Any], Any]], Any], longest: float = 0.6):
        self.engine, self.act, self.longest = engine, act, longest
        self.stop = threading.Event()
        self.committed: list[int] = []
        self.aborted: list[int] = []
        self.faults: list[BaseException] = []

    def run(
        self, seconds: float, writers: int, more: Sequence[Callable[[random.Random], None]] = (), slow: int = 1
    ) -> None:
        """`more` is work beside: called with dice, it goes on until `stop` is set."""
        work = [self.write] * writers + [self.write_slowly] * slow + [self.seal] * 2 + list(more)
        threads = [
            threading.Thread(target=self._guarded, args=item) for item in zip(work, range(len(work)), strict=True)
        ]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.stop.set()
        for thread in threads:
            thread.join()
        self.stop.clear()

    def _guarded(self, work: Callable[[random.Random], None], number: int) -> None:
        try:
            work(random.Random(number))
        except BaseException as fault:
            self.faults.append(fault)

    def write(self, dice: random.Random) -> None:
        """Short transactions; every fourth is given up."""
        with self.engine.connect() as connection:
            while not self.stop.is_set():
                ids = [connection.execute(self.INSERT).scalar_one() for _ in range(dice.randint(1, 4))]
                time.sleep(dice.choice((0, 0, 0.001, 0.01)))
                if dice.random() < 0.25:
                    connection.rollback()
                    self.aborted.extend(ids)
                else:
                    connection.commit()
                    self.committed.extend(ids)

    def write_slowly(self, dice: random.Random) -> None:
        """Transactions that stay open while everybody overtakes them."""
        with self.engine.connect() as connection:
            connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
            connection.commit()
            while not self.stop.is_set():
                ids = [connection.execute(self.INSERT).scalar_one()]
                self.stop.wait(self.longest)
                ids.append(connection.execute(self.INSERT).scalar_one())
                connection.commit()
                self.committed.extend(ids)

    def seal(self, _dice: random.Random) -> None:
        """One of two sealers: who comes second goes away again."""
        while not self.stop.is_set():
            self.act(sealing.seal)
            time.sleep(0.01)
