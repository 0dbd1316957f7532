"""The pilot that is judged: who it is under the book, its money in fen, its calendar, the day of the judgement."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marketplace.base import money
from marketplace.base.errors import Refusal
from marketplace.policy.books.model import Book, PilotClass, PilotType

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


class Unusable(ValueError):
    """A description of a pilot that cannot be judged: the key at fault, and `words` in Chinese and in English."""

    def __init__(self, key: str, zh: str, en: str) -> None:
        super().__init__(f"{key}: {en}")
        self.key = key
        self.words = (zh, en)


@dataclass(frozen=True, kw_only=True)
class Pilot:
    """One pilot. Both year ends are the last days that belong to their year (四(一))."""

    name: str
    type: str
    pilot_class: str
    award: int
    received: int
    batch: str
    approved_on: date
    as_of: date
    year1_end: date
    year2_end: date

    @property
    def year1_over(self) -> bool:
        """Whether the last day of year 1 has passed."""
        return self.as_of > self.year1_end

    @property
    def period_over(self) -> bool:
        """Whether the last day of year 2 has passed."""
        return self.as_of > self.year2_end

    def covers(self, day: date) -> bool:
        """Whether a day lies in the period, both ends inside."""
        return self.approved_on <= day <= self.year2_end

    def kind_in(self, book: Book) -> PilotType:
        """Its type in the book."""
        return book.types[self.type]

    def class_in(self, book: Book) -> PilotClass:
        """Its class in the book."""
        return book.types[self.type].classes[self.pilot_class]


def read(book: Book, table: Mapping[str, Any]) -> Pilot:
    """The pilot from the keys of a PILOT.toml. Raises `Unusable` for a missing key, a wrong kind, a misfit of class."""
    kind, pilot_class = _type_and_class(book, table)
    batch = _batch(table)
    year1_end, year2_end = _year_ends(book, batch, table)
    return Pilot(
        name=_text(table, "name"),
        type=kind,
        pilot_class=pilot_class,
        award=_fen(table, "award"),
        received=_fen(table, "received"),
        batch=batch,
        approved_on=_day(table, "approved_on"),
        as_of=_day(table, "as_of"),
        year1_end=year1_end,
        year2_end=year2_end,
    )


def _value(table: Mapping[str, Any], key: str) -> Any:
    if key not in table:
        raise Unusable(key, "缺少", "missing")
    return table[key]


def _text(table: Mapping[str, Any], key: str) -> str:
    value = _value(table, key)
    if not isinstance(value, str) or not value.strip():
        raise Unusable(key, "应为文本", "must be a text")
    return value.strip()


def _type_and_class(book: Book, table: Mapping[str, Any]) -> tuple[str, str]:
    kind, pilot_class = _text(table, "type"), _text(table, "class")
    if kind not in book.types:
        there = ", ".join(book.types)
        raise Unusable("type", f"没有类型“{kind}”，可用：{there}", f'"{kind}" is none of {there}')
    classes = book.types[kind].classes
    if pilot_class not in classes:
        there = ", ".join(classes)
        raise Unusable(
            "class",
            f"“{pilot_class}”不是类型 {kind} 的类别，可用：{there}",
            f'"{pilot_class}" does not fit the type {kind}, which has {there}',
        )
    return kind, pilot_class


def _batch(table: Mapping[str, Any]) -> str:
    value = _value(table, "batch")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(table, "batch")


def _fen(table: Mapping[str, Any], key: str) -> int:
    value = _value(table, key)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise Unusable(
            key,
            '金额（元）应写作文本，如 "10000000.00"',
            'must be an amount of yuan as a text, such as "10000000.00"',
        )
    try:
        return money.parse(str(value))
    except Refusal:
        raise Unusable(
            key,
            f"“{value}”不是金额（元），应如 10000000.00",
            f'"{value}" is no amount of yuan, such as "10000000.00"',
        ) from None


def _day(table: Mapping[str, Any], key: str) -> date:
    value = _value(table, key)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    match = _ISO.fullmatch(unicodedata.normalize("NFKC", value).strip()) if isinstance(value, str) else None
    try:
        year, month, day = (int(part) for part in match.groups()) if match else (0, 0, 0)
        return date(year, month, day)
    except ValueError:
        raise Unusable(
            key, f"“{value}”不是日期，应如 2024-10-31", f'"{value}" is no date, such as 2024-10-31'
        ) from None


def _year_ends(book: Book, batch: str, table: Mapping[str, Any]) -> tuple[date, date]:
    known = book.batches.get(batch)
    if known is None or known.year1_end is None or known.year2_end is None:
        ends = _day(table, "year1_end"), _day(table, "year2_end")
        if ends[0] >= ends[1]:
            raise Unusable("year2_end", "应晚于 year1_end", "must be later than year1_end")
        return ends
    for key, day in (("year1_end", known.year1_end), ("year2_end", known.year2_end)):
        if key in table and _day(table, key) != day:
            raise Unusable(
                key,
                f"与规则书不符：批次 {batch} 应为 {day.isoformat()}",
                f"the book's calendar of batch {batch} says {day.isoformat()}",
            )
    return known.year1_end, known.year2_end
