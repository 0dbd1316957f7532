"""A made-up sheet of a made-up pilot, for any book: what a filled-in sheet looks like, and what is found in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from marketplace.policy.books.model import Book
from marketplace.policy.engine.pilot import Pilot
from marketplace.policy.engine.rows import Kind
from marketplace.policy.spending import checking
from marketplace.policy.spending.columns import COLUMNS, KINDS
from marketplace.policy.spending.template import pilot_text

_FIRST, _SECOND, _PROVIDER = "91360900MA00000A1F", "91360900MA00000B2K", "91360900MA00000C3P"
_INVOICES = ("24362000000100000001", "24362000000100000002")


def pilot(book: Book, language: str = "zh") -> Pilot:
    """The pilot of the template, half a year after its approval, when half of its award has come."""
    found = checking.described(book, pilot_text(book).encode())
    kind = found.kind_in(book)
    name = kind.name_en if language == "en" else kind.name_zh
    return replace(found, name=name, received=found.award // 2, as_of=found.approved_on + timedelta(days=180))


def sheet(book: Book, language: str = "zh") -> bytes:
    """Comma-separated text with a mark, as spreadsheets save it; in English by the codes of columns and uses."""
    heads = {column.code: column.code if language == "en" else column.zh for column in COLUMNS}
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(heads.values()), restval="")
    writer.writeheader()
    writer.writerows({heads[code]: value for code, value in row.items()} for row in _rows(book, language == "en"))
    return out.getvalue().encode("utf-8-sig")


def _rows(book: Book, english: bool) -> Iterator[dict[str, str]]:
    """Two renovations, one paid too early; another use with an invoice of the first; a use that nobody allows."""
    made = pilot(book)
    uses = made.kind_in(book).categories.values()
    renovation, other = (next(use for use in uses if use.bucket == bucket) for bucket in ("renovation", "other"))
    wrong = next(((use.name_zh, use.code) for use in book.prohibited.values()), ("办公楼装修", "office refurbishment"))
    level = book.targets.key_link_level or book.targets.other_level
    first = {
        "category": (renovation.name_zh, renovation.code)[english],
        "enterprise": _FIRST, "provider": _PROVIDER, "contract": "HT-001",
        "other_support": ("无", "none")[english], "key_link": ("是", "yes")[english], "total": "900000.00",
    }  # fmt: skip
    second = first | {"enterprise": _SECOND, "contract": "HT-002", "key_link": ("否", "no")[english]}
    second |= {"total": "600000.00"}
    third = {"category": (other.name_zh, other.code)[english], "provider": _PROVIDER, "contract": "HT-003"}
    accepted = {"accepted": (made.approved_on + timedelta(days=120)).isoformat(), "level": level}
    rows = (
        (60, Kind.COMMITTED, "300000.00", first),
        (70, Kind.COMMITTED, "200000.00", second),
        (80, Kind.PAID, "100000.00", second | {"invoice": _INVOICES[0]}),
        (90, Kind.COMMITTED, "250000.00", third),
        (130, Kind.PAID, "150000.00", first | {"invoice": _INVOICES[1]} | accepted),
        (140, Kind.PAID, "250000.00", third | {"invoice": _INVOICES[1]}),
        (150, Kind.PAID, "50000.00", {"category": wrong[english], "contract": "HT-004"}),
    )
    for days, kind, amount, cells in rows:
        day = (made.approved_on + timedelta(days=days)).isoformat()
        yield {"date": day, "kind": kind.value if english else KINDS[kind], "amount": amount, **cells}
    yield {"date": "合计", "amount": "1300000.00"}
