"""Keys that one row alone may hold: what the second person hears who brings the same one at the same moment.

The database is the truth, the answer is civil. Each key says in its own declaration, beside the columns, which of two
things happens when it is violated::

    UniqueConstraint("city", "number", info=look_again())
    Index("uq_application_live", …, unique=True, info=look_again())
    code: Mapped[str] = mapped_column(…, unique=True, info=taken("programme.code_taken", N_("…"), field="code"))
    __table_args__ = ({"info": look_again()},)                                     # the primary key

- `look_again`: the act asks before it writes, and only a rival in that very moment slipped past the question. The act
  runs anew, sees the rival's row, and refuses, or goes on with it, in its own words.
- `taken`: nobody asks before; this is the refusal.

A key that says neither was never meant to be brought by a person: its violation stays a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Table, UniqueConstraint, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.orm.exc import StaleDataError

from marketplace.base.db import Base
from marketplace.base.errors import Refusal

_SAYS = "violated"
_UNIQUE_VIOLATION = "23505"
_SQLITE = re.compile(r"UNIQUE constraint failed: (?:index '(?P<index>\w+)'|(?P<columns>.+))")


@dataclass(frozen=True)
class Taken:
    """The refusal behind a key that somebody else holds."""

    code: str
    message: str
    field: str | None = None
    clause: str | None = None

    def refusal(self) -> Refusal:
        return Refusal(self.code, self.message, field=self.field, clause=self.clause)


@dataclass(frozen=True)
class Key:
    """A primary key, unique constraint or unique index, and what it says when it is violated (None: nothing)."""

    name: str
    columns: frozenset[str]
    says: Taken | type[StaleDataError] | None


def taken(code: str, message: str, *, field: str | None = None, clause: str | None = None) -> dict[Any, Any]:
    """`info` of a key whose violation is this refusal."""
    return {_SAYS: Taken(code, message, field, clause)}


def look_again() -> dict[Any, Any]:
    """`info` of a key about which the act asks before it writes."""
    return {_SAYS: StaleDataError}


def of(table: Table) -> Iterator[Key]:
    """Every key of a table."""
    if table.primary_key.columns:
        yield _key(table.primary_key.name, table.primary_key.columns, table.info)
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield _key(constraint.name, constraint.columns, constraint.info)
    for index in table.indexes:
        if index.unique:
            yield _key(index.name, index.columns, index.info)


def _key(name: Any, columns: Any, info: dict[Any, Any]) -> Key:
    alone = next(iter(columns)).info if len(columns) == 1 else {}
    return Key(str(name), frozenset(c.name for c in columns), info.get(_SAYS, alone.get(_SAYS)))


def violated(fault: BaseException | None) -> Key | None:
    """The key that a statement violated, by what the database's driver says."""
    diagnosis = getattr(fault, "diag", None)
    if diagnosis is not None:
        if getattr(fault, "sqlstate", None) != _UNIQUE_VIOLATION:
            return None
        table = Base.metadata.tables.get(diagnosis.table_name or "")
        return _among(table, name=diagnosis.constraint_name)
    found = _SQLITE.fullmatch(str(fault))
    if found is None:
        return None
    if found["index"]:
        tables = Base.metadata.tables.values()
        return next((key for table in tables if (key := _among(table, name=found["index"]))), None)
    table_name, columns = "", set()
    for word in found["columns"].split(", "):
        table_name, _, column = word.rpartition(".")
        columns.add(column)
    return _among(Base.metadata.tables.get(table_name), columns=frozenset(columns))


def _among(table: Table | None, *, name: str | None = None, columns: frozenset[str] | None = None) -> Key | None:
    """The key of this name, or over these columns: several partial ones over the same columns say the same."""
    return next((k for k in of(table) if name == k.name or columns == k.columns), None) if table is not None else None


def answer(fault: BaseException | None) -> Exception | None:
    """What to raise instead of a driver's fault; None when the fault is one."""
    key = violated(fault)
    if key is None or key.says is None:
        return None
    if isinstance(key.says, Taken):
        return key.says.refusal()
    return StaleDataError(f"{key.name}: a rival was faster")


def civil(engine: Engine) -> Engine:
    """Let the statements of an engine answer as the keys say, whoever sends them: a page, the API, a job, a command."""

    @event.listens_for(engine, "handle_error")
    def _handle(context: ExceptionContext) -> Exception | None:
        return answer(context.original_exception)

    return engine
