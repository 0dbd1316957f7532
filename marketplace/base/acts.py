"""Running one act: a fresh transaction, again from the start when a rival was faster, and the end of it.

The loop stands outside the transaction and outside any idempotency record, so that a second try sees what the
first rival committed.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from marketplace.base.context import Actor, Context
from marketplace.base.errors import Busy
from marketplace.base.house import House

T = TypeVar("T")
TRIES = 4
_SQLITE_WRITER = threading.Lock()
"""SQLite has one writer; queueing for it here is fairer than its own busy handler."""
_HERE = threading.local()
"""Whether this thread is in an act: one that began inside another would wait for its own thread for ever."""

_AGAIN = {"40001", "40P01", "55P03"}
_TAKEN = "23505"
_IN_TRANSACTION = 2
"""libpq's PQTRANS_INTRANS: inside a transaction, and nothing in it has failed."""
_RIVALS = re.compile(r"idem|_b?seq$")
"""Unique keys that only a rival can have taken: the key of an act, the next number of a chain."""


def run(
    session: Session,
    house: House,
    verb: Callable[[Context], T],
    *,
    actor: Actor | None = None,
    request_id: str = "",
    system: bool = False,
    now: datetime | None = None,
) -> T:
    """Do one act and commit it. Retries what a rival made stale; raises `Busy` when rivals stay faster.

    `now` is a reading of the clock that was just taken; only the first try uses it. Raises `RuntimeError` when the
    caller is in an act already: what belongs to it is called with its context, not run beside it.
    """
    if getattr(_HERE, "acting", False):
        raise RuntimeError("an act cannot begin inside another one")
    _HERE.acting = True
    try:
        return _run(session, house, verb, actor, request_id, system, now)
    finally:
        _HERE.acting = False


def _run(
    session: Session,
    house: House,
    verb: Callable[[Context], T],
    actor: Actor | None,
    request_id: str,
    system: bool,
    now: datetime | None,
) -> T:
    for attempt in range(TRIES):
        sqlite = session.get_bind().dialect.name == "sqlite"
        done = False
        try:
            with _SQLITE_WRITER if sqlite else nullcontext():
                try:
                    if not _goes_on(session):
                        end_looking(session)
                        session.connection(execution_options={"marketplace_write": True})
                    ctx = Context(session, house, now or house.clock.now(session), actor, request_id, system)
                    result = verb(ctx)
                    ctx.end()
                    done = True
                    session.commit()
                    return result
                except BaseException:
                    session.rollback()
                    raise
        except (DBAPIError, StaleDataError) as fault:
            lost = isinstance(fault, DBAPIError) and fault.connection_invalidated
            if not passes(fault) and not (lost and not done):  # lost in COMMIT, nobody knows whether it was done
                raise
            now = None
            time.sleep(random.uniform(0.002, 0.02) * 2**attempt)
    raise Busy()


def _goes_on(session: Session) -> bool:
    """Whether the act may stand in the transaction in which its person was just recognised.

    PostgreSQL looks anew with every statement (READ COMMITTED), so nothing that was seen before binds the act, and one
    BEGIN and COMMIT are saved. SQLite keeps what it saw first, and its writers must say from the start that they are.
    """
    if not session.in_transaction() or session.in_nested_transaction() or _acting(session):
        return False
    connection = session.connection()
    raw = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite" or raw is None or raw.info.transaction_status != _IN_TRANSACTION:
        return False
    session.expire_all()
    connection.execution_options(marketplace_write=True)
    return True


def end_looking(session: Session) -> None:
    """End whatever a session was at. What only looked ends with COMMIT: after a ROLLBACK psycopg forgets the statements
    it had prepared on the connection, and PostgreSQL would plan every one of them anew for the next act."""
    if not session.in_transaction():
        return
    try:
        if not _acting(session):
            session.commit()
            session.expire_all()
            return
    except SQLAlchemyError:  # a lost connection has nothing to keep
        pass
    session.rollback()


def _acting(session: Session) -> bool:
    """Whether a session stands in an act, or holds changes that no act has made."""
    if not session.is_active or session.new or session.dirty or session.deleted:
        return True
    return bool(session.connection().get_execution_options().get("marketplace_write"))


def passes(fault: Exception) -> bool:
    """Whether trying again can help: deadlock, serialisation, lock timeout, busy database, a stale chain or row, a key
    or number that a rival has just used (the next try sees what the rival did)."""
    if isinstance(fault, StaleDataError):
        return True
    if not isinstance(fault, DBAPIError):
        return False
    state = getattr(fault.orig, "sqlstate", None)
    if state is not None:
        constraint = getattr(getattr(fault.orig, "diag", None), "constraint_name", None) or ""
        return state in _AGAIN or (state == _TAKEN and _RIVALS.search(constraint) is not None)
    words = str(fault.orig)
    if getattr(fault.orig, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return True
    return words == "stale" or words.startswith("UNIQUE constraint failed: idempotency_record.")


def read(
    session: Session, house: House, now: datetime | None = None, *, actor: Actor | None = None, request_id: str = ""
) -> Context:
    """A context for looking only: the same session and one reading of the clock."""
    return Context(session, house, now or house.clock.now(session), actor, request_id)
