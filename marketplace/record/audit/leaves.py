"""From a row to the bytes that are hashed: the same on every database, and for ever.

A row is its table's name and its filled columns by name, each with its length before it, so that no two rows share
their bytes. Empty columns are left out: a column added later changes no old leaf.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Any

from sqlalchemy import Column, Table

from marketplace.base.house import Port
from marketplace.base.types import canonical
from marketplace.record.audit.merkle import leaf_hash


@dataclass(frozen=True)
class SealedTable:
    """An append-only table with columns `id` (Serial) and `xid` (Xid), whose rows the sealer covers.

    `label` is what people read; `without` names columns that are not evidence.
    """

    table: Table
    label: str
    without: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.table.name

    @cached_property
    def columns(self) -> list[Column[Any]]:
        return [column for column in self.table.columns if column.name not in self.without]

    @cached_property
    def _head(self) -> bytes:
        return encode("leaf", self.name, {})

    @cached_property
    def _plan(self) -> list[tuple[int, bytes]]:
        """Place and prefixed name of each column, in the order of their names."""
        named = sorted((column.name, place) for place, column in enumerate(self.columns))
        return [(place, _prefixed(name.encode())) for name, place in named]

    def data(self, values: Sequence[Any]) -> bytes:
        """The bytes of a row, its values given in the order of `columns`: those of `encode`, faster."""
        parts = [self._head]
        for place, name in self._plan:
            value = values[place]
            if value is not None:
                data = plain(value)
                parts += (name, len(data).to_bytes(4, "big"), data)
        return b"".join(parts)

    def leaf(self, values: Sequence[Any]) -> bytes:
        """The leaf hash of a row."""
        return leaf_hash(self.data(values))


SEALED: Port[SealedTable] = Port("sealed tables")


def encode(domain: str, name: str, fields: Mapping[str, Any]) -> bytes:
    """Length-prefixed canonical bytes of named values, with a domain tag so that kinds never mix."""
    parts = [_prefixed(f"marketplace.{domain}.v1".encode()), _prefixed(name.encode())]
    for key in sorted(fields):
        if fields[key] is not None:
            parts += [_prefixed(key.encode()), _prefixed(plain(fields[key]))]
    return b"".join(parts)


def _prefixed(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def plain(value: Any) -> bytes:
    """One value with a letter for its type."""
    letter = _LETTERS.get(type(value))
    if letter is not None:
        return letter(value)
    for kind, letter in _LETTERS.items():
        if isinstance(value, kind):
            return letter(value)
    if isinstance(value, Enum):
        return plain(value.value)
    raise TypeError(f"{type(value).__name__} cannot be sealed")


_LETTERS: dict[type, Callable[[Any], bytes]] = {
    bool: lambda value: b"f1" if value else b"f0",
    int: lambda value: b"i%d" % value,
    str: lambda value: b"s" + value.encode(),
    bytes: lambda value: b"b" + value,
    memoryview: lambda value: b"b" + bytes(value),
    uuid.UUID: lambda value: b"u" + str(value).encode(),
    datetime: lambda value: b"t" + _moment(value).encode(),
    date: lambda value: b"d" + value.isoformat().encode(),
    Decimal: lambda value: b"n" + format(value.normalize(), "f").encode(),
    dict: lambda value: b"j" + canonical(value).encode(),
    list: lambda value: b"j" + canonical(value).encode(),
}
"""By exact type first; subclasses are tried in this order, so that a flag is no number and a moment no day."""


def _moment(value: datetime) -> str:
    """RFC 3339 in UTC, always with microseconds."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
