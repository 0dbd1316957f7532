"""A spending sheet from its file: finds the header, understands the cells, names those that nobody can understand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from marketplace.policy.books.model import Book
from marketplace.policy.engine.rows import Row, folded
from marketplace.policy.spending import cells as understood
from marketplace.policy.spending import textfile
from marketplace.policy.spending.cells import Broken
from marketplace.policy.spending.columns import COLUMNS, YUAN, Column, cell_name, named, title_unit
from marketplace.policy.spending.fault import BadCell, CellFault, Unusable, UnusableCells
from marketplace.policy.spending.textfile import Record
from marketplace.policy.spending.workbook import MAX_ROWS, Workbook

MAX_FILE = 256 << 20
TITLE_ROWS = 5
FAULTS_SHOWN = 20


@dataclass(frozen=True)
class Header:
    """Where the columns stand: the row, its texts, the known columns by place, the fen of one in each money column."""

    row: int
    texts: dict[int, str]
    columns: dict[int, Column]
    units: dict[str, int]


@dataclass
class Sheet:
    """What a file says: its rows, how many lines of sums were skipped, and its header (None for an empty file)."""

    header: Header
    rows: list[Row] = field(default_factory=list)
    skipped: int = 0


@dataclass
class Source:
    """An open file: its records, once through, and from which year its days are counted."""

    records: Iterator[Record]
    since_1904: bool = False


@contextmanager
def opened(file: Path, sheet: str | None = None) -> Iterator[Source]:
    """The records of a file: a workbook's first visible sheet, or the one named, else a text. Raises `Unusable`."""
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            start = stream.read(4)
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise Unusable(f"文件无法读取：{reason}", f"cannot be read: {reason}") from None
    if size > MAX_FILE:
        raise Unusable("文件超过 256 MiB", "is larger than 256 MiB")
    if start[:2] != b"PK":
        if sheet is not None:
            raise Unusable("文本文件没有工作表，请去掉 --sheet", "is a text and has no sheets; leave --sheet out")
        yield Source(textfile.records(file))
        return
    with Workbook(file) as book:
        yield Source(book.records(_chosen(book, sheet)), book.since_1904)


def _chosen(book: Workbook, sheet: str | None) -> Any:
    if sheet is None:
        found = [entry for entry in book.sheets if entry.visible]
    else:
        found = [entry for entry in book.sheets if folded(entry.name) == folded(sheet)]
    if found:
        return found[0]
    names = ", ".join(entry.name for entry in book.sheets if entry.visible)
    if sheet is None:
        raise Unusable("工作簿没有可见的工作表", "has no visible sheet")
    raise Unusable(f"没有工作表“{sheet}”，现有：{names}", f'has no sheet "{sheet}"; there are: {names}')


def read(file: Path, book: Book, sheet: str | None = None) -> Sheet:
    """The rows of a spending sheet under a book. Raises `Unusable`, with the cells at fault where it is about cells."""
    with opened(file, sheet) as source:
        header = find_header(source.records)
        found, faults = Sheet(header), _Faults(header)
        readers = _readers(header, book, source.since_1904)
        for number, cells in bounded(source.records):
            if _blank(cells):
                continue
            if is_sums(header, cells):
                found.skipped += 1
                continue
            values = _understood(number, cells, readers, faults)
            if not faults.count:
                found.rows.append(Row(number=number, **values))
            elif found.rows:
                found.rows = []  # there will be no answer: only the faults are still counted
    if faults.count:
        raise UnusableCells(faults.first, faults.count)
    return found


def bounded(records: Iterator[Record]) -> Iterator[Record]:
    """The records, as many as a spreadsheet can have."""
    for record in records:
        if record[0] > MAX_ROWS:
            raise Unusable(f"表格超过 {MAX_ROWS} 行", f"has more than {MAX_ROWS} rows")
        yield record


def find_header(records: Iterator[Record]) -> Header:
    """The first row with every required column; at most five rows with titles stand above it."""
    best: tuple[int, set[str]] = (0, set())
    titles, unit = 0, None
    for number, cells in bounded(records):
        if _blank(cells):
            continue
        texts = {place: understood.text(cell) for place, cell in cells.items() if understood.text(cell)}
        columns = {place: column for place, text in texts.items() if (column := named(text))}
        codes = {column.code for column, _ in columns.values()}
        if not _required() - codes:
            return _header(number, texts, columns, unit)
        if len(codes) > len(best[1]):
            best = (number, codes)
        unit = next((found for text in texts.values() if (found := title_unit(text))), unit)
        titles += 1
        if titles > TITLE_ROWS:
            break
    missing = [column for column in COLUMNS if column.code in _required() - best[1]]
    zh, en = "、".join(column.zh for column in missing), ", ".join(column.code for column in missing)
    where = (f"第{best[0]}行" if best[0] else "前几行", f"row {best[0]}" if best[0] else "the first rows")
    raise Unusable(f"{where[0]}的表头缺少必填列：{zh}", f"the header in {where[1]} lacks required columns: {en}")


def is_sums(header: Header, cells: dict[int, str]) -> bool:
    """Whether a row is a line of sums: no date, and its first text says so."""
    day = next((cells.get(place, "") for place, column in header.columns.items() if column.code == "date"), "")
    if day.strip() and not understood.is_sum(day):
        return False
    first = next((cells[place] for place in sorted(cells) if cells[place].strip()), "")
    return understood.is_sum(first)


def _required() -> set[str]:
    return {column.code for column in COLUMNS if column.required}


def _header(
    number: int, texts: dict[int, str], columns: dict[int, tuple[Column, int | None]], unit: int | None
) -> Header:
    seen: dict[str, int] = {}
    for place, (column, _) in sorted(columns.items()):
        if column.code in seen:
            cells = cell_name(seen[column.code], number), cell_name(place, number)
            raise Unusable(
                f"列“{column.zh}”出现两次：{cells[0]} 和 {cells[1]}",
                f"column {column.code} stands twice: in {cells[0]} and {cells[1]}",
            )
        seen[column.code] = place
    units = {column.code: own or unit or YUAN for column, own in columns.values() if column.money}
    return Header(number, texts, {place: column for place, (column, _) in sorted(columns.items())}, units)


class _Faults:
    """The first cells that cannot be understood, in the order of rows and columns, and how many there are."""

    def __init__(self, header: Header) -> None:
        self.first: list[CellFault] = []
        self.count = 0
        self._header = header

    def add(self, row: int, place: int, words: tuple[str, str]) -> None:
        self.count += 1
        if len(self.first) < FAULTS_SHOWN:
            self.first.append(CellFault(cell_name(place, row), self._header.texts[place], words))


Reader = tuple[int, str, Callable[[str], Any]]
_BROKEN = BadCell("单元格是错误值，或公式没有计算结果", "holds an error, or a formula that was never computed")

_EMPTY = BadCell("未填写", "is empty")


def _readers(header: Header, book: Book, since_1904: bool) -> list[Reader]:
    """What to do with each known column, in the order of the sheet: its place, the field of the row, how to read it."""
    day = understood.remembering(partial(understood.day, since_1904=since_1904))
    plain = understood.remembering(understood.text)
    uses_total = "enterprise.rate" in book.findings_applied
    reading: dict[str, tuple[str, Callable[[str], Any]]] = {
        "date": ("day", partial(_given, day)),
        "kind": ("kind", partial(_given, understood.remembering(understood.kind))),
        "category": ("category", plain),
        "amount": ("amount", partial(_given, partial(understood.fen, unit=header.units.get("amount", YUAN)))),
        "enterprise": ("enterprise", plain),
        "provider": ("provider", plain),
        "contract": ("contract", plain),
        "invoice": ("invoices", understood.invoices),
        "other_support": ("other_support", plain),
        "key_link": ("key_link", understood.remembering(understood.yes)),
        "level": ("level", understood.remembering(partial(understood.level, book=book))),
        "accepted": ("accepted", partial(_optional, day)),
        "total": ("total", partial(_total, unit=header.units.get("total", YUAN), strict=uses_total)),
    }
    return [(place, *reading[column.code]) for place, column in header.columns.items()]


def _given(read: Callable[[str], Any], cell: str) -> Any:
    if not cell.strip():
        raise _EMPTY
    return read(cell)


def _optional(read: Callable[[str], Any], cell: str) -> date | None:
    found: date | None = read(cell) if cell.strip() else None
    return found


def _total(cell: str, *, unit: int, strict: bool) -> int | None:
    """A contract's whole amount; where no rule of the book asks for it, a note in its place does no harm."""
    if not cell.strip():
        return None
    try:
        return understood.fen(cell, unit)
    except BadCell:
        if strict:
            raise
        return None


def _understood(number: int, cells: dict[int, str], readers: list[Reader], faults: _Faults) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for place, name, read_cell in readers:
        cell = cells.get(place, "")
        try:
            if isinstance(cell, Broken):
                raise _BROKEN
            values[name] = read_cell(cell)
        except BadCell as fault:
            faults.add(number, place, fault.words)
    if "invoices" in values:
        values["invoices"], values["invoice_lost"] = values["invoices"]
    return values


def _blank(cells: dict[int, str]) -> bool:
    return not any(cell.strip() or isinstance(cell, Broken) for cell in cells.values())
