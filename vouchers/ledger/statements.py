"""Literal SQL for the hot path: written once, compiled once, the same words for both databases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import chain, repeat
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Result
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import TextualSelect

from marketplace.base.db import Base
from marketplace.base.types import ID, Blob, Day, Flag, Instant

_TYPES: dict[str, Any] = {
    "id": ID(),
    "day": Day(),
    "last_day": Day(),
    "closes_on": Day(),
    "hold_last_day": Day(),
    "at": Instant(),
    "created_at": Instant(),
    "issued_at": Instant(),
    "signed_on": Day(),
    "opens_on": Day(),
    "file_sha256": Blob(),
    "document_hash": Blob(),
    "reference": ID(),
    "chain": Blob(),
    "hash": Blob(),
    "prev_hash": Blob(),
    "req_hash": Blob(),
    "replay_hash": Blob(),
    "frozen": Flag(),
    "replaces": ID(),
    "replay_hold_id": ID(),
}
_POSTGRESQL = postgresql.dialect()
_NUMBERED = ("entry", "fund_entry")
_CHUNK = 200
"""Rows per INSERT in SQLite, which allows 32,766 parameters."""
_SERIAL = {"entry_id", "redemption_id", "replay_entry_id", "part_id"}


def _type(name: str) -> Any:
    bare = name.rstrip("0123456789")
    if bare in _SERIAL:
        return None
    return _TYPES.get(bare) or (ID() if bare.endswith("_id") else None)


class Statement:
    """One statement. `lock` is appended on PostgreSQL alone; SQLite's writer holds everything anyway.

    Parameters and columns are typed by their names: ``*_id`` is a UUID (but for entries), ``day`` a day, and so on.
    """

    def __init__(self, sql: str, *, lock: str = "", columns: str = "", lists: tuple[str, ...] = ()) -> None:
        self._made = {
            "postgresql": _clause(_listed(f"{sql} {lock}", lists, _ANY_OF), columns, lists),
            "sqlite": _clause(_listed(sql, lists, _EACH_OF), columns, lists),
        }
        self._lists = lists

    def run(self, session: Session, **values: Any) -> Result[Any]:
        dialect = session.get_bind().dialect.name
        if dialect == "sqlite":
            values |= {
                name: json.dumps([v if isinstance(v, int) else str(v) for v in values[name]]) for name in self._lists
            }
        return session.execute(self._made[dialect], values)


_ANY_OF = "= ANY(CAST(:{name} AS {kind}[]))"
_EACH_OF = "IN (SELECT value FROM json_each(:{name}))"
"""A list goes over as one value, so that the words are the same for ten and for ten thousand."""


def _listed(sql: str, lists: tuple[str, ...], form: str) -> str:
    for name in lists:
        kind = "bigint" if _type(name) is None else "uuid"
        sql = re.sub(rf"IN :{name}\b", form.format(name=name, kind=kind), sql)
    return sql


def _clause(sql: str, columns: str, lists: tuple[str, ...] = ()) -> TextClause | TextualSelect:
    names = sorted(set(re.findall(r"(?<![:\w]):(\w+)", sql)))
    binds = [bindparam(n, type_=_type(n)) for n in names if n not in lists and _type(n) is not None]
    clause = text(sql).bindparams(*binds)
    typed = {name: _type(name) for name in columns.split() if _type(name) is not None}
    return clause.columns(**typed) if typed else clause


@lru_cache(maxsize=512)
def _rows(table: str, columns: tuple[str, ...], shared: tuple[str, ...], n: int) -> TextClause | TextualSelect:
    values = ", ".join(
        "(" + ", ".join([f":{c}{i}" for c in columns] + [f":{c}" for c in shared]) + ")" for i in range(n)
    )
    returning = " RETURNING id" if table in _NUMBERED else ""
    return _clause(f"INSERT INTO {table} ({', '.join(columns + shared)}) VALUES {values}{returning}", "")  # noqa: S608


def insert_few(session: Session, table: str, rows: list[dict[str, Any]], shared: dict[str, Any]) -> list[int]:
    """One INSERT of a few rows with literal VALUES; `shared` values are sent once. Gives the ids of entries."""
    columns = tuple(rows[0])
    values = {f"{c}{i}": row[c] for i, row in enumerate(rows) for c in columns}
    return _ids(table, session.execute(_rows(table, columns, tuple(shared), len(rows)), values | shared))


def _ids(table: str, made: Result[Any]) -> list[int]:
    return list(made.scalars()) if table in _NUMBERED else []


@cache
def _arrays(table: str, columns: tuple[str, ...], shared: tuple[str, ...]) -> TextClause | TextualSelect:
    known = Base.metadata.tables[table].c
    kinds = {"UUID": "uuid", "BIGINT": "bigint", "TEXT": "text", "VARCHAR": "text", "BYTEA": "bytea", "DATE": "date"}
    kinds["TIMESTAMP"] = "timestamptz"
    words = {c: kinds[known[c].type.compile(_POSTGRESQL).split()[0]] for c in columns + shared}
    arrays = ", ".join(f"CAST(:{c} AS {words[c]}[])" for c in columns)
    listed = ", ".join([f"x.{c}" for c in columns] + [f"CAST(:{c} AS {words[c]})" for c in shared])
    returning = " RETURNING id" if table in _NUMBERED else ""
    sql = (
        f"INSERT INTO {table} ({', '.join(columns + shared)}) SELECT {listed} "  # noqa: S608 - names of our own tables
        f"FROM unnest({arrays}) WITH ORDINALITY AS x({', '.join(columns)}, place) ORDER BY x.place{returning}"
    )
    return text(sql)


def _all_same(values: list[Any]) -> bool:
    """Whether a column says the same in every row: then it is sent once. The last row tells most of them apart."""
    first = values[0]
    return values[-1] == first and values.count(first) == len(values)


def insert_many(session: Session, table: str, rows: list[dict[str, Any]], shared: dict[str, Any]) -> list[int]:
    """Insert any number of rows: one statement on PostgreSQL whatever their number. Gives the ids of entries."""
    if len(rows) <= 4:
        return insert_few(session, table, rows, shared)
    columns = tuple(rows[0])
    if session.get_bind().dialect.name == "postgresql":
        values: dict[str, Any] = {c: [row[c] for row in rows] for c in columns}
        same = {c: found[0] for c, found in values.items() if _all_same(found)}
        each = {c: found for c, found in values.items() if c not in same}
        shared = shared | same
        return _ids(table, session.execute(_arrays(table, tuple(each), tuple(shared)), each | shared))
    words, values_of = _written(table, columns + tuple(shared)), _bound(session, table, columns, rows, shared)
    connection = session.connection()
    if table not in _NUMBERED:
        connection.exec_driver_sql(words, values_of)
        return []
    made: list[int] = []
    for at in range(0, len(rows), _CHUNK):
        some = values_of[at : at + _CHUNK]
        more = f", {words[words.index('VALUES') + 7 :]}" * (len(some) - 1)
        made += connection.exec_driver_sql(f"{words}{more} RETURNING id", tuple(chain.from_iterable(some))).scalars()
    return made


@cache
def _written(table: str, names: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608


def _bound(
    session: Session, table: str, columns: tuple[str, ...], rows: list[dict[str, Any]], shared: dict[str, Any]
) -> list[tuple[Any, ...]]:
    """The rows as SQLite takes them, made column by column: what says the same in every row is made once."""
    dialect, known, n = session.get_bind().dialect, Base.metadata.tables[table].c, len(rows)

    def made(name: str, values: list[Any]) -> Iterable[Any]:
        bind = known[name].type.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)
        return repeat(bind(values[0]), n) if _all_same(values) else map(bind, values)

    found = [made(c, [row[c] for row in rows]) for c in columns] + [made(c, [shared[c]]) for c in shared]
    return list(zip(*found, strict=False))
