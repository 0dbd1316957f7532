"""From a row to the bytes that are hashed: the same on every database, and for ever.

A row is its table's name and its filled columns by name, each with its length before it, so that no two rows share
their bytes. Empty columns are left out: a column added later changes no old leaf.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
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

    @property
    def columns(self) -> list[Column[Any]]:
        return [column for column in self.table.columns if column.name not in self.without]

    def leaf(self, row: Mapping[str, Any]) -> bytes:
        """The leaf hash of a row, given by column name."""
        return leaf_hash(encode("leaf", self.name, {c.name: row[c.name] for c in self.columns}))


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
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return b"f1" if value else b"f0"
    if isinstance(value, int):
        return b"i%d" % value
    if isinstance(value, str):
        return b"s" + value.encode()
    if isinstance(value, (bytes, memoryview)):
        return b"b" + bytes(value)
    if isinstance(value, uuid.UUID):
        return b"u" + str(value).encode()
    if isinstance(value, datetime):
        return b"t" + value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
    if isinstance(value, date):
        return b"d" + value.isoformat().encode()
    if isinstance(value, Decimal):
        return b"n" + format(value.normalize(), "f").encode()
    if isinstance(value, (dict, list)):
        return b"j" + canonical(value).encode()
    raise TypeError(f"{type(value).__name__} cannot be sealed")
