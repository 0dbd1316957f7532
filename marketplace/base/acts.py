"""Running one act: a fresh transaction, again from the start when a rival was faster, and the end of it.

The loop stands outside the transaction and outside any idempotency record, so that a second try sees what the
first rival committed.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from marketplace.base.context import Actor, Context
from marketplace.base.errors import Busy
from marketplace.base.house import House

T = TypeVar("T")
TRIES = 4
_SQLITE_WRITER = threading.Lock()
"""SQLite has one writer; queueing for it here is fairer than its own busy handler."""

_AGAIN = {"40001", "40P01", "55P03"}


def run(
    session: Session,
    house: House,
    verb: Callable[[Context], T],
    *,
    actor: Actor | None = None,
    request_id: str = "",
    system: bool = False,
) -> T:
    """Do one act and commit it. Retries what a rival made stale; raises `Busy` when rivals stay faster."""
    for attempt in range(TRIES):
        session.rollback()
        sqlite = session.get_bind().dialect.name == "sqlite"
        try:
            with _SQLITE_WRITER if sqlite else nullcontext():
                try:
                    session.connection(execution_options={"marketplace_write": True})
                    ctx = Context(session, house, house.clock.now(session), actor, request_id, system)
                    result = verb(ctx)
                    session.commit()
                    return result
                except BaseException:
                    session.rollback()
                    raise
        except (DBAPIError, StaleDataError) as fault:
            if not passes(fault):
                raise
            time.sleep(random.uniform(0.002, 0.02) * 2**attempt)
    raise Busy()


def passes(fault: Exception) -> bool:
    """Whether trying again can help: deadlock, serialisation, lock timeout, busy database, a stale chain or row."""
    if isinstance(fault, StaleDataError):
        return True
    if not isinstance(fault, DBAPIError):
        return False
    state = getattr(fault.orig, "sqlstate", None)
    if state in _AGAIN:
        return True
    words = str(fault.orig)
    if isinstance(fault, OperationalError) and "locked" in words:
        return True
    if isinstance(fault, IntegrityError):
        return "stale" in words or "idempotency_record" in words
    return "stale" in words


def read(session: Session, house: House, *, actor: Actor | None = None, request_id: str = "") -> Context:
    """A context for looking only: the same session and one reading of the clock."""
    return Context(session, house, house.clock.now(session), actor, request_id)
