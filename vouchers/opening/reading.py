"""From an uploaded sheet to rows that can be kept: the reader of `marketplace check`, on a file of strangers."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_, Bilingual
from marketplace.policy.books.model import Book
from marketplace.policy.engine.rows import Row
from marketplace.policy.spending import reading
from marketplace.policy.spending.fault import Unusable, UnusableCells, one_line, said
from vouchers.opening import rules


@dataclass(frozen=True)
class Read:
    """The rows of a sheet with their categories as codes, which of them are renovation, and the lines passed over."""

    rows: list[Row]
    renovation: list[bool]
    skipped: int


def read(content: BinaryIO, book: Book, type_code: str) -> Read:
    """Read a sheet under a pilot's book and type.

    Raises `Invalid` with one line for each cell that nobody can understand (the first twenty, named as the spreadsheet
    names them) or with the reason why the file is no sheet at all; refuses ``opening.empty``.
    """
    with tempfile.TemporaryDirectory(prefix="opening-") as folder:
        path = Path(folder) / "sheet"
        with path.open("wb") as out:
            shutil.copyfileobj(content, out)
        try:
            sheet = reading.read(path, book, most=rules.MAX_ROWS)
        except UnusableCells as fault:
            lines = zip(fault.lines("zh"), fault.lines("en"), strict=True)
            raise Invalid({"file": [_said(zh, en) for zh, en in lines]}, "opening.cells") from None
        except Unusable as fault:
            words = (said(fault.words, "zh"), said(fault.words, "en"))
            raise Invalid({"file": [_said(*words)]}, "opening.unusable") from None
    if not sheet.rows:
        raise Refusal("opening.empty", N_("表格中没有数据行。"), field="file")
    rows, renovation = [], []
    for row, category, is_renovation in rules.coded(book, type_code, sheet.rows):
        rows.append(row if row.category == category else replace(row, category=category))
        renovation.append(is_renovation)
    return Read(rows, renovation, sheet.skipped)


def _said(zh: str, en: str) -> Bilingual:
    return Bilingual(one_line(zh), {}, one_line(en))
