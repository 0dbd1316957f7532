"""Comma-separated text, record by record: UTF-8 with or without its mark, else GB18030."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from marketplace.policy.spending.fault import Unusable

Record = tuple[int, dict[int, str]]
"""The number of a row as the spreadsheet shows it, and its cells by their place from 0."""

MAX_COLUMNS = 16_384
MAX_RECORD = 4 << 20
"""Characters of one record: what a spreadsheet can hold in a row is far more than any row of money needs."""
_CHUNK = 1 << 20
_MARK = "\ufeff"
_OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def records(file: Path) -> Iterator[Record]:
    """The records in order, blank ones too: every record counts as a row. Raises `Unusable`."""
    with file.open("rb") as stream:
        text = io.TextIOWrapper(stream, encoding=_encoding(stream), newline="")
        if text.read(1) != _MARK:  # in either encoding; a quoted cell may follow it
            text.seek(0)
        lines = _Lines(text)
        number = 0
        try:
            for number, cells in enumerate(csv.reader(lines, strict=True), start=1):
                if len(cells) > MAX_COLUMNS:
                    raise _too_wide(number)
                lines.room = MAX_RECORD
                yield number, dict(enumerate(cells))
        except csv.Error as fault:
            raise Unusable(
                f"第{number + 1}行无法按逗号分隔的文本读取：{fault}",
                f"row {number + 1} cannot be read as comma-separated text: {fault}",
            ) from None
        except _NoRoom:
            raise _too_wide(number + 1) from None


class _NoRoom(Exception):
    """A record that does not end."""


class _Lines:
    """The lines of a text; one record may take so many characters of them as there is room."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._readline = text.readline
        self.room = MAX_RECORD

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._readline(self.room)
        if not line:
            raise StopIteration
        self.room -= len(line)
        if self.room <= 0:
            raise _NoRoom
        return line


def _encoding(stream: BinaryIO) -> str:
    """The encoding in which the whole file can be read; what is no text at all is refused."""
    for name in ("utf-8", "gb18030"):
        stream.seek(0)
        if _readable(stream, name):
            stream.seek(0)
            return name
    raise _no_sheet()


def _readable(stream: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    first = True
    while chunk := stream.read(_CHUNK):
        if b"\x00" in chunk or (first and chunk.startswith(_OTHER_MARKS)):
            raise _no_sheet()
        first = False
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError:
            return False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _too_wide(number: int) -> Unusable:
    return Unusable(f"第{number}行过长", f"row {number} is too long")


def _no_sheet() -> Unusable:
    return Unusable(
        "文件不是表格：需要 XLSX，或 UTF-8、GB18030 编码的逗号分隔文本（CSV）",
        "is no sheet: give XLSX, or comma-separated text in UTF-8 or GB18030",
    )
