"""The engine and the session's life: Flask-SQLAlchemy binds the plain models of the chapters."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from marketplace.base.acts import end_looking
from marketplace.base.db import Base

REST = 5.0
"""Seconds of rest after which a pooled connection is asked whether it still lives."""

db = SQLAlchemy(
    metadata=Base.metadata,
    session_options={"expire_on_commit": False},
    engine_options={},
)


def init(app: Flask) -> None:
    """Bind the application; a request that only looked ends its transaction as `end_looking` says."""
    db.init_app(app)

    @app.teardown_appcontext
    def _end(fault: BaseException | None) -> None:
        if fault is None and db.session.registry.has():
            with suppress(SQLAlchemyError):  # the session is removed next, which is all that a lost database needs
                end_looking(db.session())


def engine_options(url: str) -> dict[str, Any]:
    """Options of `create_engine` for a database address; the same for the server, jobs and commands."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 10, "check_same_thread": False}}
    said = {
        "lock_timeout": "3000",
        "idle_in_transaction_session_timeout": "60000",
        "timezone": "UTC",
        "default_transaction_isolation": r"read\ committed",
    }
    return {
        "pool_size": 10,
        "max_overflow": 10,
        "connect_args": {"options": " ".join(f"-c {key}={value}" for key, value in said.items())},
    }


def prepare(engine: Engine) -> Engine:
    """Give SQLite what the ledger relies on (foreign keys, WAL, full sync, recursive triggers, one BEGIN per act), and
    ask PostgreSQL's connections whether they live when they come back from a rest."""
    if getattr(engine, "_marketplace_prepared", False):
        return engine
    engine._marketplace_prepared = True  # type: ignore[attr-defined]
    if engine.dialect.name != "sqlite":
        return _asked_after_rest(engine)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            "busy_timeout=10000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("marketplace_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _asked_after_rest(engine: Engine) -> Engine:
    """What SQLAlchemy's `pool_pre_ping` does, without a round trip for a connection that answered a moment ago."""

    @event.listens_for(engine, "checkin")
    def _rests(connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["rested_from"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _comes_back(connection: Any, record: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
        rested_from = record.info.get("rested_from")
        if rested_from is not None and time.monotonic() - rested_from > REST:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as gone:
                raise DisconnectionError() from gone  # the pool opens another and asks again

    return engine
