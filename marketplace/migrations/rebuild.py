"""SQLite changes a table by making it anew, and loses its triggers with the old one. A migration that alters a guarded
table does so within ``with rebuild.guards_aside():``, and afterwards executes what changed of the guards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op


@contextmanager
def guards_aside() -> Iterator[None]:
    """Take every trigger of a SQLite database away and put each back as it was; nothing on PostgreSQL.

    All of them, because a trigger of one table may name another, and SQLite then refuses to rename that one.
    """
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        yield
        return
    kept = bind.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid").all()
    for name, _ in kept:
        bind.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, sql in kept:
        bind.exec_driver_sql(sql)
