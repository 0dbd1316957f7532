"""Keyset paging: a page costs the same at the end of a list as at its beginning."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, literal, or_, tuple_
from sqlalchemy.orm import Session

from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.base.types import canonical

T = TypeVar("T")
MAX_CHUNK = 500
"""The most rows of one page; people and programs ask for 100 at most, files are written from such chunks."""


@dataclass(frozen=True)
class Key:
    """One column of an order; the last key of an order must be unique."""

    column: Any
    descending: bool = False


@dataclass
class Page(Generic[T]):
    """Some rows, and the cursor of the next ones (None at the end)."""

    items: list[T]
    next_cursor: str | None = None
    cursor: str | None = None
    limit: int = 50
    extra: dict[str, Any] = field(default_factory=dict)


def fetch(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    keys: Sequence[Key],
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Any]:
    """Rows of `statement` in the order of `keys`, after `cursor`, at most `limit`."""
    limit = max(1, min(limit, MAX_CHUNK))
    ordered = statement.order_by(*(k.column.desc() if k.descending else k.column.asc() for k in keys))
    if cursor:
        ordered = ordered.where(_after(keys, _decode(cursor, len(keys))))
    ordered = ordered.add_columns(*(k.column for k in keys)).limit(limit + 1)
    rows = session.execute(ordered).all()
    width = len(keys)
    items = [row[0] if len(row) == width + 1 else row[:-width] for row in rows[:limit]]
    more = _encode(rows[limit - 1][-width:]) if len(rows) > limit else None
    return Page(items, more, cursor, limit)


def cut(
    items: Sequence[T],
    *,
    limit: int = 50,
    cursor: str | None = None,
    name: Callable[[T], Any] = attrgetter("id"),
) -> Page[T]:
    """A page of a short list that is read whole, like the history of one thing; `name` tells its items apart."""
    start = 0
    if cursor:
        [last] = _decode(cursor, 1)
        start = next((place for place, item in enumerate(items, 1) if str(name(item)) == last), 0)
        if not start:
            raise _lost()
    limit = max(1, min(limit, MAX_CHUNK))
    shown = list(items[start : start + limit])
    more = _encode([str(name(shown[-1]))]) if start + limit < len(items) else None
    return Page(shown, more, cursor, limit)


def _after(keys: Sequence[Key], values: Sequence[Any]) -> ColumnElement[bool]:
    bound = [_bind(k.column, v) for k, v in zip(keys, values, strict=True)]
    if len({k.descending for k in keys}) == 1:
        left, right = tuple_(*(k.column for k in keys)), tuple_(*bound)
        return left < right if keys[0].descending else left > right
    steps = []
    for i, key in enumerate(keys):
        same = [keys[j].column == bound[j] for j in range(i)]
        step = key.column < bound[i] if key.descending else key.column > bound[i]
        steps.append(and_(*same, step))
    return or_(*steps)


def _bind(column: Any, value: Any) -> Any:
    python_type = column.type.impl.python_type if hasattr(column.type, "impl") else column.type.python_type
    if isinstance(value, str):
        if python_type is uuid.UUID:
            value = uuid.UUID(value)
        elif python_type is datetime:
            value = datetime.fromisoformat(value.replace("Z", "+00:00"))
        elif python_type is date:
            value = date.fromisoformat(value)
    return literal(value, column.type)


def _encode(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(canonical(list(values)).encode()).decode().rstrip("=")


def _decode(cursor: str, width: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(values, list) and len(values) == width:
            return values
    except (binascii.Error, ValueError):
        pass
    raise _lost()


def _lost() -> Refusal:
    return Refusal("cursor.invalid", N_("翻页位置无效，请从第一页重新开始。"), field="cursor")
