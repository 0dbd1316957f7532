"""An XLSX workbook: its sheets, the texts that cells share, which numbers are shown as days. Nothing in it is run."""

from __future__ import annotations

import posixpath
import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from marketplace.policy.spending import markup
from marketplace.policy.spending.archive import DAMAGED, Archive, damaged, no_workbook
from marketplace.policy.spending.fault import Unusable
from marketplace.policy.spending.sheetrows import MAX_TEXT, rows, too_much_text, unescaped
from marketplace.policy.spending.textfile import Record

_MAX_TEXTS = 1 << 23
_MAX_TEXT_BYTES = 1 << 28
_KEPT = 65_536
_BUILT_IN_DAYS = frozenset({*range(14, 23), *range(27, 37), *range(50, 59)})
_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
"""What a number format says literally or by the way: quoted texts, escapes, padding, colours and conditions."""


@dataclass(frozen=True)
class SheetName:
    """A sheet of the workbook: its name, its part, whether people see it."""

    name: str
    part: str
    visible: bool


@dataclass(frozen=True)
class _Link:
    kind: str
    target: str


class Workbook:
    """One workbook that is open for reading. Raises `Unusable` for whatever is none, or too large."""

    def __init__(self, file: Path) -> None:
        self._archive = Archive(file)
        try:
            self._part = self._find("", "officeDocument") or "xl/workbook.xml"
            self._links = self._linked(self._part)
            self.since_1904, self.sheets = self._contents()
        except DAMAGED as fault:
            self._archive.close()
            raise (fault if isinstance(fault, Unusable) else damaged()) from None

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def records(self, sheet: SheetName, *, days: bool = False) -> Iterator[Record]:
        """The rows of a sheet that the file mentions, in order; with `days`, numbers shown as days are `Dated`."""
        try:
            texts, styles = self._texts(), self._day_styles() if days else frozenset()
            with self._archive.open(sheet.part) as stream:
                yield from rows(stream, texts, styles)
        except Unusable:
            raise
        except DAMAGED:
            raise damaged() from None

    def _linked(self, part: str) -> dict[str, _Link]:
        """Where the relations of a part lead, by their ids."""
        folder, name = posixpath.split(part)
        found: dict[str, _Link] = {}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
                kind = attributes.get("Type", "").rpartition("/")[2]
                found[attributes.get("Id", "")] = _Link(kind, target.lstrip("/"))

        links = posixpath.join(folder, "_rels", f"{name}.rels")
        if links in self._archive:
            with self._archive.open(links) as stream:
                markup.read(stream, start)
        return found

    def _find(self, part: str, kind: str) -> str | None:
        links = self._linked("") if not part else self._links
        return next((link.target for link in links.values() if link.kind == kind), None)

    def _contents(self) -> tuple[bool, list[SheetName]]:
        since_1904 = False
        sheets: list[SheetName] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal since_1904
            if tag == "workbookPr":
                since_1904 = attributes.get("date1904", "0") in ("1", "true")
            elif tag == "sheet":
                link = self._links.get(next((v for k, v in attributes.items() if markup.local(k) == "id"), ""))
                if link is None:
                    raise no_workbook()
                if link.kind == "worksheet":  # sheets with a chart alone have no rows
                    visible = attributes.get("state", "visible") == "visible"
                    sheets.append(SheetName(attributes.get("name", ""), link.target, visible))

        with self._archive.open(self._part) as stream:
            markup.read(stream, start)
        return since_1904, sheets

    def _texts(self) -> Texts:
        texts = Texts()
        part = self._find(self._part, "sharedStrings")
        if part is not None and part in self._archive:
            with self._archive.open(part) as stream:
                texts.read(stream)
        return texts

    def _day_styles(self) -> frozenset[str]:
        """The numbers of the cell styles that show a number as a day."""
        part = self._find(self._part, "styles")
        if part is None or part not in self._archive:
            return frozenset()
        formats: dict[str, str] = {}
        styles: list[str] = []
        cells = False

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal cells
            if tag == "numFmt":
                formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif tag in ("cellXfs", "cellStyles"):
                cells = tag == "cellXfs"
            elif tag == "xf" and cells:
                styles.append(attributes.get("numFmtId", ""))

        with self._archive.open(part) as stream:
            markup.read(stream, start)
        return frozenset(str(place) for place, form in enumerate(styles) if _shows_days(form, formats))


def _shows_days(form: str, formats: dict[str, str]) -> bool:
    code = formats.get(form)
    if code is None:
        return form.isdecimal() and int(form) in _BUILT_IN_DAYS
    bare = _NOT_SHOWN.sub("", code).casefold()
    return "general" not in bare and ("y" in bare or "d" in bare)


class Texts:
    """The texts that cells share, kept as bytes: most are looked at once, and many never.

    What is written above a text to tell how it is read is no part of it.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._ends = array("L", [0])
        self._known: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> str:
        text = self._known.get(place)
        if text is None:
            text = self._data[self._ends[place] : self._ends[place + 1]].decode()
            if len(self._known) < _KEPT:
                self._known[place] = text
        return text

    def read(self, stream: IO[bytes]) -> None:
        """Take the texts of a part in. Raises `Unusable` where they are more than we can hold."""
        reader = _TextReader(self._add)
        for _ in markup.pieces(stream, reader.start, reader.end, reader.characters):
            pass

    def _add(self, text: str) -> None:
        self._data += text.encode()
        self._ends.append(len(self._data))
        if len(self._ends) > _MAX_TEXTS or len(self._data) > _MAX_TEXT_BYTES:
            raise Unusable("工作簿中的文字过多", "holds more text than we can read")


class _TextReader:
    """The handlers of the part with the shared texts."""

    def __init__(self, add: Callable[[str], None]) -> None:
        self._add = add
        self._text = ""
        self._taking = self._aid = False
        self._depth = markup.Depth()

    def start(self, name: str, _: dict[str, str]) -> None:
        self._depth.open()
        tag = markup.local(name)
        if tag == "t":
            self._taking = not self._aid
        elif tag == "rPh":
            self._aid = True
        elif tag == "si":
            self._text = ""

    def end(self, name: str) -> None:
        self._depth.close()
        tag = markup.local(name)
        if tag == "t":
            self._taking = False
        elif tag == "rPh":
            self._aid = False
        elif tag == "si":
            self._add(unescaped(self._text))

    def characters(self, piece: str) -> None:
        if self._taking:
            self._text = self._text + piece if self._text else piece
            if len(self._text) > MAX_TEXT:
                raise too_much_text()
