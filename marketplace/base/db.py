"""The declarative base, its naming convention, and small helpers for constraints."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import CheckConstraint, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from marketplace.base.ids import new_id
from marketplace.base.types import ID, Instant

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


TRIGGERS: list[Callable[[str], dict[str, str]]] = []
"""Each gives, for a dialect, the statements that make its triggers and functions: name → SQL, in order of creation.
A migration executes a frozen copy; `db check` compares the database with these."""
RULE = "rule_"
"""Where a chapter gives a CHECK a function on PostgreSQL, its name is this and the name of the CHECK."""


class Base(DeclarativeBase):
    """Every table of the platform. SQLite tables are STRICT, so that a word never lands in a money column."""

    metadata = MetaData(naming_convention=NAMING)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "__tablename__" in cls.__dict__:
            args = cls.__dict__.get("__table_args__", ())
            args = (args,) if isinstance(args, dict) else tuple(args)
            options = args[-1] if args and isinstance(args[-1], dict) else {}
            rest = args[:-1] if options or (args and isinstance(args[-1], dict)) else args
            cls.__table_args__ = (*rest, {"sqlite_strict": True, **options})
        super().__init_subclass__(**kwargs)


class Identified:
    """Mixin: a UUIDv7 key and the moment of making. `created_at` is set by `Context.add` from `ctx.now`."""

    id: Mapped[uuid.UUID] = mapped_column(ID(), primary_key=True, default=new_id, sort_order=-10)
    created_at: Mapped[datetime] = mapped_column(Instant(), nullable=False, sort_order=90, comment="UTC, from ctx.now")


def one_of(column: str, values: type[Enum] | Iterable[str], name: str | None = None) -> CheckConstraint:
    """CHECK that a text column holds one of the values; pass `name` as a sentence when the default is dull."""
    words = [v.value for v in values] if isinstance(values, type) else list(values)
    listed = ", ".join("'" + str(w).replace("'", "''") + "'" for w in words)
    return CheckConstraint(f"{column} IN ({listed})", name=name or f"{column}_known")


def named_statements(sql: str) -> dict[str, str]:
    """The statements of a trigger file, name → SQL: each begins with CREATE at the start of a line."""
    found = {}
    for chunk in re.split(r"(?m)^(?=CREATE )", sql)[1:]:
        statement = re.sub(r"(?m)(\s*^--.*)+\s*\Z", "", chunk).strip().removesuffix(";")
        name = re.match(r"CREATE\s+(?:FUNCTION|TRIGGER)\s+(\w+)", statement)
        assert name is not None, statement[:60]
        assert name[1] not in found, f"{name[1]} is made twice"
        found[name[1]] = statement
    return found
