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

_CHUNK = 1 << 20
_OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def records(file: Path) -> Iterator[Record]:
    """The records in order, blank ones too: every record counts as a row. Raises `Unusable`."""
    with file.open("rb") as stream:
        encoding = _encoding(stream)
        stream.seek(0)
        lines = io.TextIOWrapper(stream, encoding=encoding, newline="")
        number = 0
        try:
            for number, cells in enumerate(csv.reader(lines, strict=True), start=1):
                yield number, dict(enumerate(cells))
        except csv.Error as fault:
            raise Unusable(
                f"第{number + 1}行之后无法按逗号分隔的文本读取：{fault}",
                f"cannot be read as comma-separated text after row {number}: {fault}",
            ) from None


def _encoding(stream: BinaryIO) -> str:
    """The encoding in which the whole file can be read; what is no text at all is refused."""
    utf8 = codecs.getincrementaldecoder("utf-8")()
    gb18030 = codecs.getincrementaldecoder("gb18030")()
    possible = {"utf-8-sig": utf8, "gb18030": gb18030}
    first = True
    while True:
        chunk = stream.read(_CHUNK)
        if b"\x00" in chunk or (first and chunk.startswith(_OTHER_MARKS)):
            raise _no_sheet()
        first = False
        for name, decoder in list(possible.items()):
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                del possible[name]
        if not possible:
            raise _no_sheet()
        if not chunk:
            return next(iter(possible))


def _no_sheet() -> Unusable:
    return Unusable(
        "文件不是表格：需要 XLSX，或 UTF-8、GB18030 编码的逗号分隔文本（CSV）",
        "is no sheet: give XLSX, or comma-separated text in UTF-8 or GB18030",
    )
