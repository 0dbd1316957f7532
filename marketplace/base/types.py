"""Column types that mean the same on PostgreSQL and in SQLite's STRICT tables."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, LargeBinary, Numeric, Text, Uuid
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator


class ID(TypeDecorator[uuid.UUID]):
    """A UUID: native on PostgreSQL, its canonical text in SQLite."""

    impl = Uuid
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sqlite.TEXT() if dialect.name == "sqlite" else Uuid())

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        if value is None:
            return None
        value = value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
        return str(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Any) -> uuid.UUID | None:
        return uuid.UUID(value) if isinstance(value, str) else value


class Fen(TypeDecorator[int]):
    """An amount of money in fen, the only unit that is ever stored."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sqlite.INTEGER() if dialect.name == "sqlite" else BigInteger())

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise TypeError(f"money is integer fen, not {type(value).__name__}")
        return value


class Count(TypeDecorator[int]):
    """A whole number that is no money: sequence, order, share in basis points."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sqlite.INTEGER() if dialect.name == "sqlite" else BigInteger())


class Serial(TypeDecorator[int]):
    """The key of an append-only table: an identity on PostgreSQL, the rowid in SQLite."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())


class Xid(TypeDecorator[int]):
    """The number of the transaction that wrote a row of a sealed table: set by a default that the migration adds on
    PostgreSQL (``pg_current_xact_id()::text::bigint``); always NULL in SQLite, which has one writer."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sqlite.INTEGER() if dialect.name == "sqlite" else BigInteger())


class Instant(TypeDecorator[datetime]):
    """A moment in UTC; naive values are refused."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sqlite.TEXT())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Any) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value.replace("Z", "+00:00"))
        return value.astimezone(UTC)


class Day(TypeDecorator[date]):
    """A calendar day in Asia/Shanghai: periods and deadlines, inclusive to midnight."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sqlite.TEXT() if dialect.name == "sqlite" else Date())

    def process_bind_param(self, value: date | None, dialect: Any) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return value.isoformat()

    def process_result_value(self, value: Any, dialect: Any) -> date | None:
        return date.fromisoformat(value) if isinstance(value, str) else value


class Flag(TypeDecorator[bool]):
    """Yes or no."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sqlite.INTEGER() if dialect.name == "sqlite" else Boolean())

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        if value is None:
            return None
        return int(bool(value)) if dialect.name == "sqlite" else bool(value)

    def process_result_value(self, value: Any, dialect: Any) -> bool | None:
        return None if value is None else bool(value)


class Name(TypeDecorator[str]):
    """Text of any length: names, codes, messages."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sqlite.TEXT() if dialect.name == "sqlite" else Text())


class Choice(TypeDecorator[Any]):
    """A member of one enumeration, stored by its value; pair it with `db.one_of` for the CHECK."""

    impl = Text
    cache_ok = True

    def __init__(self, enum: type[Enum] | None = None):
        super().__init__()
        self.enum = enum

    def __repr__(self) -> str:
        return "Choice()"

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sqlite.TEXT() if dialect.name == "sqlite" else Text())

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        if value is None or self.enum is None:
            return value
        return self.enum(value).value

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return self.enum(value) if value is not None and self.enum is not None else value


class Json(TypeDecorator[Any]):
    """A JSON document, written canonically so that its text can be hashed."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sqlite.TEXT() if dialect.name == "sqlite" else postgresql.JSONB())

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        if value is None:
            return None
        return canonical(value) if dialect.name == "sqlite" else json.loads(canonical(value))

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return json.loads(value) if isinstance(value, str) and dialect.name == "sqlite" else value


class Blob(TypeDecorator[bytes]):
    """Bytes: digests, chains, small keys."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sqlite.BLOB() if dialect.name == "sqlite" else LargeBinary())

    def process_result_value(self, value: Any, dialect: Any) -> bytes | None:
        return None if value is None else bytes(value)


class Exact(TypeDecorator[Decimal]):
    """An exact decimal that is no money (quantity, unit price); text in SQLite, which has none of its own."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sqlite.TEXT() if dialect.name == "sqlite" else Numeric(28, 10))

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError("exact numbers are Decimal")
        return format(value, "f") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        return Decimal(value) if isinstance(value, str) else value


def canonical(value: Any) -> str:
    """JSON text that is the same for equal values: sorted keys, no spaces, ids, days and instants as text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, (uuid.UUID, date, Decimal)):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (set, frozenset)):
        return sorted(_plain(v) if not isinstance(v, (str, int)) else v for v in value)
    raise TypeError(f"{type(value).__name__} has no canonical form")
