"""The cells of one sheet of a workbook, row after row: no sheet is held in memory, a cell far out costs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Protocol

from marketplace.policy.spending import markup
from marketplace.policy.spending.archive import damaged
from marketplace.policy.spending.cells import Broken, Dated, Number
from marketplace.policy.spending.fault import Unusable
from marketplace.policy.spending.textfile import MAX_COLUMNS, Record

MAX_ROWS = 1_048_576
MAX_TEXT = 131_072
"""Characters of one cell: four times what spreadsheets keep."""
_ESCAPED = re.compile(r"(?:_x[0-9A-Fa-f]{4}_)+")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
_DIGITS = 10
_NOTHING, _IGNORED, _TAKEN = range(3)


class Texts(Protocol):
    """The texts that cells share, by their place."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: int) -> str: ...


def rows(stream: IO[bytes], texts: Texts, day_styles: frozenset[str] = frozenset()) -> Iterator[Record]:
    """The rows that the sheet mentions, in order. Raises `Unusable` for rows out of order and cells out of bounds."""
    sheet = _Sheet(texts, day_styles)
    for _ in markup.pieces(stream, sheet.start, sheet.end, sheet.characters):
        yield from sheet.done
        sheet.done.clear()


class _Sheet:
    """The handlers. They are called some million times: each does little, the frequent things first."""

    def __init__(self, texts: Texts, day_styles: frozenset[str]) -> None:
        self.done: list[Record] = []
        self._texts, self._day_styles = texts, day_styles
        self._tags = _Tags()
        self._places: dict[str, int] = {}
        self._others = markup.Depth()
        self._inside = False
        self._row = 0
        self._numbered = True
        self._cells: dict[int, str] | None = None
        self._column = -1
        self._cell: dict[str, str] | None = None
        self._text, self._taking = "", _NOTHING
        self._formula = self._aid = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = self._tags[name]
        if tag == "c" and self._cells is not None:
            if self._cell is not None:
                raise damaged()
            self._cell = attributes
        elif (tag == "v" or tag == "t") and self._cell is not None:
            if self._taking:
                raise damaged()
            self._taking = _IGNORED if self._aid else _TAKEN
        elif tag == "row" and self._inside:
            self._begin(attributes.get("r"))
        else:
            self._others.open()
            if tag == "f":
                self._formula = True
            elif tag == "rPh":
                self._aid = True
            elif tag == "sheetData":
                self._inside = True

    def end(self, name: str) -> None:
        tag = self._tags[name]
        if tag == "c" and self._cell is not None:
            self._keep(self._cell, self._text)
            self._cell, self._text = None, ""
        elif (tag == "v" or tag == "t") and self._cell is not None:
            self._taking = _NOTHING
        elif tag == "row" and self._cells is not None:
            self.done.append((self._row, self._cells))
            self._cells = None
        else:
            self._others.close()
            if tag == "rPh":
                self._aid = False
            elif tag == "sheetData":
                self._inside = False

    def characters(self, text: str) -> None:
        if self._taking == _TAKEN:
            self._text = self._text + text if self._text else text
            if len(self._text) > MAX_TEXT:
                raise too_much_text()

    def _begin(self, number: str | None) -> None:
        if self._cells is not None:
            raise damaged()
        self._numbered = number is not None
        self._advance(self._row + 1 if number is None else int(number))
        self._cells, self._column = {}, -1

    def _advance(self, row: int) -> None:
        if row > MAX_ROWS:
            raise too_many_rows()
        if row <= self._row:
            raise Unusable(f"工作簿已损坏：第{row}行次序有误", f"is a damaged workbook: row {row} is out of order")
        self._row = row

    def _keep(self, attributes: dict[str, str], raw: str) -> None:
        reference = attributes.get("r")
        if reference is None:
            column = self._column + 1
        else:
            known = self._places.get(reference.rstrip("0123456789")) if self._numbered else None
            column = self._place(reference) if known is None else known
        self._column = column
        if not raw and not self._formula:
            return
        self._formula = False
        cells = self._cells
        if cells is None or column in cells or column >= MAX_COLUMNS:
            raise damaged()
        kind = attributes.get("t", "n")
        if kind == "s":
            place = int(raw) if raw.isdecimal() and len(raw) < _DIGITS else len(self._texts)
            cells[column] = self._texts[place] if place < len(self._texts) else Broken("?")
        elif kind == "n" and raw:
            cells[column] = (Dated if attributes.get("s") in self._day_styles else Number)(raw.strip())
        else:
            cells[column] = _other(kind, raw)

    def _place(self, reference: str) -> int:
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise damaged()
        place = 0
        for letter in match[1]:
            place = place * 26 + ord(letter) - 64
        if not self._numbered:  # some writers number the cells alone
            self._numbered = True
            if int(match[2]) != self._row:
                self._advance(int(match[2]))
        self._places[match[1]] = place - 1
        return place - 1


class _Tags(dict[str, str]):
    """The names of elements without their prefixes."""

    def __missing__(self, name: str) -> str:
        return self.setdefault(name, markup.local(name))


def _other(kind: str, raw: str) -> str:
    """What a cell holds that is neither a number nor a shared text."""
    if kind == "e" or (not raw and kind != "str"):
        return Broken(raw)
    if kind == "b":
        return "TRUE" if raw.strip() == "1" else "FALSE"
    return raw.strip() if kind == "d" else unescaped(raw)


def unescaped(text: str) -> str:
    """Control characters stand in a workbook as ``_x000D_``; half a character becomes the sign for what is lost."""
    return _ESCAPED.sub(_characters, text) if "_x" in text else text


def _characters(match: re.Match[str]) -> str:
    units = bytes.fromhex("".join(match[0].split("_x")).replace("_", ""))
    return units.decode("utf-16-be", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def too_much_text() -> Unusable:
    """What is said of a cell that no spreadsheet program could have filled."""
    return Unusable("有单元格文字过长", "has a cell with too much text")


def too_many_rows() -> Unusable:
    """What is said of a sheet that no spreadsheet program could open whole."""
    return Unusable(f"表格超过 {MAX_ROWS} 行", f"has more than {MAX_ROWS} rows")
