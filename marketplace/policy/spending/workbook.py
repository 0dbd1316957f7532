"""An XLSX workbook, row by row: nothing is unpacked to disk, no sheet is held in memory, nothing in it is run.

The file comes from strangers: sizes are checked before anything is unpacked, documents with a type declaration (the
only place for entities) are refused, and cells are kept by their place, so that a lone cell far out costs nothing.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from marketplace.policy.spending.cells import Broken, Number
from marketplace.policy.spending.fault import Unusable
from marketplace.policy.spending.textfile import Record

MAX_UNPACKED = 1 << 30
MAX_ROWS = 1_048_576
_MAX_COLUMNS = 16_384
_MAX_DIRECTORY = 4 << 20
"""Bytes of a ZIP's own table of contents: a workbook needs a few kilobytes."""
_MAX_STRINGS = 100_000_000
"""Characters of all shared texts together."""
_CHUNK = 1 << 18
_END, _END64 = b"PK\x05\x06", b"PK\x06\x07"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DAMAGED = (zipfile.BadZipFile, zlib.error, expat.ExpatError, OSError, EOFError, ValueError, NotImplementedError)


@dataclass(frozen=True)
class SheetName:
    """A sheet of the workbook: its name, its file inside, whether people see it."""

    name: str
    path: str
    visible: bool


class Workbook:
    """One workbook that is open for reading. Raises `Unusable` for whatever is none, or too large."""

    def __init__(self, file: Path) -> None:
        _check_directory(file)
        try:
            self._archive = zipfile.ZipFile(file)
            if sum(member.file_size for member in self._archive.infolist()) > MAX_UNPACKED:
                raise Unusable("文件解压后超过 1 GiB", "is larger than 1 GiB when unpacked")
            self.since_1904, self.sheets = self._contents()
        except KeyError:
            raise _no_workbook() from None
        except _DAMAGED as fault:
            raise _unusable(fault) from None

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def records(self, sheet: SheetName) -> Iterator[Record]:
        """The rows of a sheet that the file mentions, in order."""
        try:
            texts = self._shared_strings()
            with self._archive.open(sheet.path) as stream:
                yield from _Rows(texts).read(stream)
        except KeyError:
            raise _no_workbook() from None
        except _DAMAGED as fault:
            raise _unusable(fault) from None

    def _contents(self) -> tuple[bool, list[SheetName]]:
        paths, book = self._targets(), _Book()
        with self._archive.open("xl/workbook.xml") as stream:
            for _ in _parsed(stream, book.start, None, None):
                pass
        sheets = [SheetName(name, paths.get(link, ""), state == "visible") for name, link, state in book.sheets]
        return book.since_1904, sheets

    def _targets(self) -> dict[str, str]:
        found: dict[str, str] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if _local(name) == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                found[attributes.get("Id", "")] = posixpath.normpath(
                    target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                )

        with self._archive.open("xl/_rels/workbook.xml.rels") as stream:
            for _ in _parsed(stream, start, None, None):
                pass
        return found

    def _shared_strings(self) -> list[str]:
        if "xl/sharedStrings.xml" not in self._archive.NameToInfo:
            return []
        strings = _Strings()
        with self._archive.open("xl/sharedStrings.xml") as stream:
            for _ in _parsed(stream, strings.start, strings.end, strings.characters):
                pass
        return strings.texts


def _parsed(stream: IO[bytes], start: Any, end: Any, characters: Any) -> Iterator[None]:
    """Drive the handlers over a document; comes back after each chunk, so that rows can be taken out."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = _CHUNK
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk, False)
        yield
    parser.Parse(b"", True)
    yield


def _refuse_doctype(*_: object) -> None:
    raise Unusable(
        "文件含有文档类型声明，不是正常的工作簿", "carries a document type declaration, which no workbook does"
    )


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Book:
    """The list of sheets, and from which year the days are counted."""

    def __init__(self) -> None:
        self.since_1904 = False
        self.sheets: list[tuple[str, str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _local(name)
        if tag == "workbookPr":
            self.since_1904 = attributes.get("date1904", "0") in ("1", "true")
        elif tag == "sheet":
            link = next((value for key, value in attributes.items() if _local(key) == "id"), "")
            self.sheets.append((attributes.get("name", ""), link, attributes.get("state", "visible")))


class _Strings:
    """The texts that cells share. What is written above a text to tell how it is read is no part of it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._taking = self._reading_aid = False
        self._characters = 0

    def start(self, name: str, _: dict[str, str]) -> None:
        tag = _local(name)
        if tag == "t":
            self._taking = not self._reading_aid
        elif tag == "rPh":
            self._reading_aid = True
        elif tag == "si":
            self._parts = []

    def end(self, name: str) -> None:
        tag = _local(name)
        if tag == "t":
            self._taking = False
        elif tag == "rPh":
            self._reading_aid = False
        elif tag == "si":
            self.texts.append(_unescaped("".join(self._parts)))

    def characters(self, text: str) -> None:
        if self._taking:
            self._characters += len(text)
            if self._characters > _MAX_STRINGS:
                raise Unusable("工作簿中的文字过多", "holds more text than we can read")
            self._parts.append(text)


class _Rows:
    """The cells of one sheet, row after row."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._done: list[Record] = []
        self._row = 0
        self._cells: dict[int, str] = {}
        self._column = -1
        self._kind = "n"
        self._parts: list[str] = []
        self._taking = self._formula = self._reading_aid = False
        self._columns: dict[str, int] = {}
        self._tags: dict[str, str] = {}

    def read(self, stream: IO[bytes]) -> Iterator[Record]:
        for _ in _parsed(stream, self._start, self._end, self._characters):
            yield from self._done
            self._done.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = self._tags.get(name) or self._tag(name)
        if tag == "c":
            reference = attributes.get("r")
            self._column = self._column + 1 if reference is None else self._place(reference)
            self._kind = attributes.get("t", "n")
            self._formula = False
            self._parts = []
        elif tag in ("v", "t"):
            self._taking = not self._reading_aid
        elif tag == "row":
            number = attributes.get("r")
            row = self._row + 1 if number is None else int(number)
            if not self._row < row <= MAX_ROWS:
                raise ValueError("rows out of order")
            self._row, self._cells, self._column = row, {}, -1
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._reading_aid = True

    def _end(self, name: str) -> None:
        tag = self._tags.get(name) or self._tag(name)
        if tag in ("v", "t"):
            self._taking = False
        elif tag == "c":
            value = "".join(self._parts)
            if value or self._formula:
                self._cells[self._column] = self._value(value)
        elif tag == "row":
            self._done.append((self._row, self._cells))
        elif tag == "rPh":
            self._reading_aid = False

    def _characters(self, text: str) -> None:
        if self._taking:
            self._parts.append(text)

    def _value(self, raw: str) -> str:
        kind = self._kind
        if kind == "s":
            return self._texts[int(raw)] if raw.isdigit() and int(raw) < len(self._texts) else Broken("?")
        if kind == "e" or (not raw and kind != "str"):
            return Broken(raw or "=")
        if kind == "n":
            return Number(raw.strip())
        if kind == "b":
            return "TRUE" if raw.strip() == "1" else "FALSE"
        if kind == "d":
            return raw.strip()
        return _unescaped(raw)

    def _place(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        place = self._columns.get(letters)
        if place is None:
            place = 0
            for letter in letters:
                if not "A" <= letter <= "Z" or place > _MAX_COLUMNS:
                    raise ValueError("no name of a cell")
                place = place * 26 + ord(letter) - 64
            if not 0 < place <= _MAX_COLUMNS:
                raise ValueError("no name of a cell")
            self._columns[letters] = place = place - 1
        return place

    def _tag(self, name: str) -> str:
        if len(self._tags) > 100:
            self._tags.clear()
        return self._tags.setdefault(name, _local(name))


def _unescaped(text: str) -> str:
    """Control characters stand in a workbook as ``_x000D_``."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _check_directory(file: Path) -> None:
    """Look at the end of the ZIP before its table of contents is read: it could fill the memory by itself."""
    with file.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - (1 << 16) - 64))
        tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise _no_workbook()
    if int.from_bytes(tail[at + 12 : at + 16], "little") > _MAX_DIRECTORY or tail[max(0, at - 20) : at].startswith(
        _END64
    ):
        raise Unusable("文件内含的部分过多，不是正常的工作簿", "holds too many parts for a workbook")


def _no_workbook() -> Unusable:
    return Unusable(
        "文件不是 XLSX 工作簿（旧的 .xls、.ods 请另存为 .xlsx）",
        "is no XLSX workbook (save .xls or .ods as .xlsx first)",
    )


def _unusable(fault: BaseException) -> Unusable:
    if isinstance(fault, Unusable):
        return fault
    return Unusable(f"工作簿已损坏：{fault}", f"is a damaged workbook: {fault}")
