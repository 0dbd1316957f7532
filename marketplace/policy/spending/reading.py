"""A spending sheet from its file: finds the header, understands the cells, names those that nobody can understand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from marketplace.policy.books.model import Book
from marketplace.policy.engine.rows import Row, folded
from marketplace.policy.spending import cells as understood
from marketplace.policy.spending import textfile
from marketplace.policy.spending.cells import Broken
from marketplace.policy.spending.columns import SPENDING, YUAN, Column, Layout, cell_name, title_unit
from marketplace.policy.spending.fault import BadCell, CellFault, Unusable, UnusableCells
from marketplace.policy.spending.sheetrows import MAX_ROWS, too_many_rows
from marketplace.policy.spending.textfile import Record
from marketplace.policy.spending.workbook import SheetName, Workbook

MAX_FILE = 256 << 20
TITLE_ROWS = 5
FAULTS_SHOWN = 20
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How old workbooks begin, and encrypted ones of any kind."""
_NUMERIC = re.compile(r"\s*[\d.,]+\s*", re.ASCII)
"""A number before the words of a line of sums is the number of the line, and no text."""


@dataclass(frozen=True)
class Header:
    """Where the columns stand: the row, its texts, the known columns by place, the fen of one in each money column."""

    row: int
    texts: dict[int, str]
    columns: dict[int, Column]
    units: dict[str, int]

    def place(self, code: str) -> int | None:
        """Where a column stands."""
        return next((place for place, column in self.columns.items() if column.code == code), None)


@dataclass
class Sheet:
    """What a file says: its rows, how many lines of sums were skipped, its header, and how wide its widest row is."""

    header: Header
    rows: list[Row] = field(default_factory=list)
    skipped: int = 0
    width: int = 0


@dataclass
class Source:
    """An open file: its records, once through, and from which year its days are counted."""

    records: Iterator[Record]
    since_1904: bool = False


@contextmanager
def opened(file: Path, sheet: str | None = None, *, days: bool = False) -> Iterator[Source]:
    """The records of a file: a workbook's first visible sheet, or the one named, else a text. Raises `Unusable`.

    With `days`, the numbers that a workbook shows as days are told from others.
    """
    try:
        if not file.is_file():
            raise Unusable("不是文件", "is no file") if file.exists() else Unusable("文件不存在", "does not exist")
        size = file.stat().st_size
        with file.open("rb") as stream:
            start = stream.read(8)
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise Unusable(f"文件无法读取：{reason}", f"cannot be read: {reason}") from None
    if size > MAX_FILE:
        raise Unusable("文件超过 256 MiB", "is larger than 256 MiB")
    if start == _COMPOUND:
        raise Unusable(
            "是旧的 .xls 文件或已加密的工作簿，请另存为未加密的 .xlsx",
            "is an old .xls or an encrypted workbook; save it as .xlsx without a password",
        )
    if not start.startswith(_ZIP):
        if sheet is not None:
            raise Unusable("文本文件没有工作表，请去掉 --sheet", "is a text and has no sheets; leave --sheet out")
        yield Source(textfile.records(file))
        return
    with Workbook(file) as book:
        yield Source(book.records(_chosen(book, sheet), days=days), book.since_1904)


def _chosen(book: Workbook, sheet: str | None) -> SheetName:
    visible = [entry for entry in book.sheets if entry.visible]
    if sheet is None:
        if not visible:
            raise Unusable("工作簿没有可见的工作表", "has no visible sheet")
        return visible[0]
    same = [entry for entry in book.sheets if entry.name == sheet]
    found = same or [entry for entry in book.sheets if folded(entry.name) == folded(sheet)]
    if found:
        return found[0]
    names = ", ".join(entry.name for entry in visible)
    raise Unusable(f"没有工作表“{sheet}”，现有：{names}", f'has no sheet "{sheet}"; there are: {names}')


def read(file: Path, book: Book, sheet: str | None = None, *, most: int = MAX_ROWS) -> Sheet:
    """The rows of a spending sheet under a book. Raises `Unusable`, with the cells at fault where it is about cells.

    Beyond `most` rows of data it is refused as well, where somebody wants to keep them and not only to judge them.
    """
    with opened(file, sheet) as source:
        header = find_header(source.records)
        found = Sheet(header, width=max(header.texts) + 1)
        readers = _readers(header, book, source.since_1904)
        for number, values in understood_rows(source.records, found, readers, most=most):
            values["invoices"], values["invoice_lost"] = values.get("invoices", ((), False))
            found.rows.append(Row(number=number, **values))
    return found


def understood_rows(
    records: Iterator[Record], found: Sheet, readers: list[Reader], *, most: int = MAX_ROWS
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows below the header of `found`, as the readers understand them: the row's number and its values by name.

    Skips what is empty and, counting them in `found`, lines of sums. After the first cell that cannot be understood
    nothing more is given: the faults are counted to the end, then `UnusableCells` is raised. `Unusable` beyond `most`.
    """
    header, faults, taken = found.header, _Faults(found.header), 0
    day = header.place("date")
    for number, cells in bounded(records):
        if _nothing(cells, header):
            continue
        found.width = max(found.width, max(cells) + 1)
        if is_sums(cells, day):
            found.skipped += 1
            continue
        values = _understood(number, cells, readers, faults)
        if taken >= most:
            raise Unusable(f"超过{most}行数据，请拆分后分别导入", f"has more than {most} rows of data; split it")
        taken += 1
        if not faults.count:
            yield number, values
        elif found.rows:
            found.rows = []  # there will be no answer: only the faults are still counted
    if faults.count:
        raise UnusableCells(faults.first, faults.count)


def bounded(records: Iterator[Record]) -> Iterator[Record]:
    """The records, as many as a spreadsheet can have."""
    for record in records:
        if record[0] > MAX_ROWS:
            raise too_many_rows()
        yield record


def find_header(records: Iterator[Record], layout: Layout = SPENDING) -> Header:
    """The first row with every required column of the layout; at most five rows with titles stand above it."""
    best: tuple[int, set[str]] = (0, set())
    titles, unit = 0, None
    for number, cells in bounded(records):
        if _blank(cells):
            continue
        texts = {place: trimmed for place, cell in sorted(cells.items()) if (trimmed := understood.text(cell))}
        columns = {place: column for place, text in texts.items() if (column := layout.named(text))}
        codes = {column.code for column, _ in columns.values()}
        if not layout.required - codes:
            return _header(number, texts, columns, unit)
        if len(codes) > len(best[1]):
            best = (number, codes)
        titles += 1
        if titles > TITLE_ROWS:
            break
        # The unit may stand in a cell of its own beside the word.
        unit = title_unit(" ".join(texts.values())) or unit
    missing = [column for column in layout.columns if column.code in layout.required - best[1]]
    zh, en = "、".join(column.zh for column in missing), ", ".join(column.code for column in missing)
    where = (f"第{best[0]}行" if best[0] else "前几行", f"row {best[0]}" if best[0] else "the first rows")
    raise Unusable(f"{where[0]}的表头缺少必填列：{zh}", f"the header in {where[1]} lacks required columns: {en}")


def is_sums(cells: dict[int, str], day: int | None) -> bool:
    """Whether a row is a line of sums: its date (at the place `day`) is empty or says so, and its first text does."""
    dated = cells.get(day, "") if day is not None else ""
    if dated.strip() and not understood.is_sum(dated):
        return False
    texts = (cells[place] for place in sorted(cells) if cells[place].strip())
    return understood.is_sum(next((text for text in texts if not _NUMERIC.fullmatch(text)), ""))


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
        "date": ("day", partial(given, day)),
        "kind": ("kind", partial(given, understood.remembering(understood.kind))),
        "category": ("category", plain),
        "amount": ("amount", partial(given, partial(understood.fen, unit=header.units.get("amount", YUAN)))),
        "enterprise": ("enterprise", plain),
        "provider": ("provider", plain),
        "contract": ("contract", plain),
        "invoice": ("invoices", understood.invoices),
        "other_support": ("other_support", plain),
        "key_link": ("key_link", understood.remembering(understood.yes)),
        "level": ("level", understood.remembering(partial(understood.level, book=book))),
        "accepted": ("accepted", partial(optional, day)),
        "total": ("total", partial(_total, unit=header.units.get("total", YUAN), strict=uses_total)),
    }
    return [(place, *reading[column.code]) for place, column in header.columns.items()]


def given(read: Callable[[str], Any], cell: str) -> Any:
    """What a cell says that must not be empty."""
    if not cell.strip():
        raise _EMPTY
    return read(cell)


def optional(read: Callable[[str], Any], cell: str) -> Any:
    """What a cell says, None for an empty one."""
    return read(cell) if cell.strip() else None


def _total(cell: str, *, unit: int, strict: bool) -> int | None:
    """A contract's whole amount; where no rule of the book asks for it, a note in its place does no harm."""
    if not cell.strip() and not isinstance(cell, Broken):
        return None
    try:
        return understood.fen(_sound(cell), unit)
    except BadCell:
        if strict:
            raise
        return None


def _understood(number: int, cells: dict[int, str], readers: list[Reader], faults: _Faults) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for place, name, read_cell in readers:
        cell = cells.get(place, "")
        try:
            values[name] = read_cell(cell if name == "total" else _sound(cell))
        except BadCell as fault:
            faults.add(number, place, fault.words)
    return values


def _sound(cell: str) -> str:
    if isinstance(cell, Broken):
        raise _BROKEN
    return cell


def _nothing(cells: dict[int, str], header: Header) -> bool:
    """Whether a row holds nothing: formulas that were never computed count where they stand in for what is read."""
    return not any(
        cell.strip() or (isinstance(cell, Broken) and place in header.columns) for place, cell in cells.items()
    )


def _blank(cells: dict[int, str]) -> bool:
    return not any(cell.strip() or isinstance(cell, Broken) for cell in cells.values())
