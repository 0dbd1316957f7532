"""Spreadsheets in and out: small sheets that people type, and exports that no formula can hide in."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import python_calamine
import xlsxwriter
from xlsxwriter.utility import xl_range

from marketplace.base.errors import Refusal
from marketplace.base.text import N_

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 50_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_AMOUNT = re.compile(r"-?\d+\.\d\d")
_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""What xlsxwriter must not make of a text."""


def read(data: bytes, *, filename: str = "") -> list[list[str]]:
    """Rows of text from an XLSX (first sheet) or a CSV (UTF-8, else GB18030). Refuses what is too large or no sheet."""
    if len(data) > MAX_BYTES:
        raise Refusal("sheet.too_large", N_("文件超过 {limit} MiB。"), field="file", limit=MAX_BYTES // 2**20)
    rows = _xlsx(data) if data[:2] == b"PK" else _csv(data)
    if len(rows) > MAX_ROWS:
        raise Refusal("sheet.too_long", N_("表格超过 {limit} 行。"), field="file", limit=MAX_ROWS)
    return rows


def _xlsx(data: bytes) -> list[list[str]]:
    _check_archive(data)
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        return [[_cell(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    except (python_calamine.CalamineError, OSError, ValueError, IndexError):
        raise Refusal("sheet.unreadable", N_("文件不是可读取的 XLSX 或 CSV 表格。"), field="file") from None


def _check_archive(data: bytes) -> None:
    """An XLSX is a ZIP: refuse one that would expand without bounds."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > 20 * MAX_BYTES:
                raise Refusal("sheet.too_large", N_("文件超过 {limit} MiB。"), field="file", limit=MAX_BYTES // 2**20)
    except zipfile.BadZipFile:
        raise Refusal("sheet.unreadable", N_("文件不是可读取的 XLSX 或 CSV 表格。"), field="file") from None


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, float):
        return format(value, ".15g")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    return "" if value is None else str(value).strip()


def _csv(data: bytes) -> list[list[str]]:
    if b"\x00" in data:
        raise Refusal("sheet.unreadable", N_("文件不是可读取的 XLSX 或 CSV 表格。"), field="file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            raise Refusal("sheet.unreadable", N_("文件不是可读取的 XLSX 或 CSV 表格。"), field="file") from None
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error:
        raise Refusal("sheet.unreadable", N_("文件不是可读取的 XLSX 或 CSV 表格。"), field="file") from None


def safe(value: Any) -> Any:
    """A cell that no spreadsheet program will run: texts that begin like a formula get an apostrophe."""
    return "'" + value if isinstance(value, str) and value.startswith(_DANGEROUS) else value


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Lines of a CSV with a byte order mark, row by row, so that memory does not grow with the list."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header)
    yield "\ufeff" + buffer.getvalue()
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([safe(cell) for cell in row])
        yield buffer.getvalue()


@dataclass(frozen=True)
class Format:
    """How a column of a workbook looks; money comes as a decimal text of yuan and becomes a number with two places."""

    width: int = 18
    money: bool = False


def stream_xlsx(
    file: IO[bytes], name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], formats: Sequence[Format]
) -> None:
    """Write one sheet row by row into `file`: memory does not grow with the list."""
    with xlsxwriter.Workbook(file, _SAFE | {"constant_memory": True}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        yuan = book.add_format({"num_format": "#,##0.00"})
        sheet = book.add_worksheet(_SHEET_NAME.sub(" ", name)[:31])
        sheet.freeze_panes(1, 0)
        for column, format_ in enumerate(formats):
            sheet.set_column(column, column, format_.width)
        sheet.write_row(0, 0, header, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, (date, datetime)):
                    sheet.write_datetime(number, column, cell, day)
                elif formats[column].money and cell not in ("", None) and _AMOUNT.fullmatch(str(cell)):
                    sheet.write_number(number, column, Decimal(cell), yuan)
                else:
                    sheet.write(number, column, cell)


@dataclass(frozen=True)
class Total:
    """The sum of the cells above in its column, as a formula; `value` is what they come to."""

    value: Decimal | int


def write_xlsx(sheets: dict[str, tuple[Sequence[str], Iterable[Sequence[Any]]]]) -> bytes:
    """A workbook of sheets (name → header, rows); texts stay texts, whatever they begin with.

    A Decimal is an amount of yuan and has two places; the only formulas are those of `Total`.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _SAFE | {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        yuan = book.add_format({"num_format": "#,##0.00"})
        for name, (header, rows) in sheets.items():
            sheet = book.add_worksheet(name[:31])
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, max(len(header) - 1, 0), 18)
            sheet.write_row(0, 0, header, bold)
            for number, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell, (date, datetime)):
                        sheet.write_datetime(number, column, cell, day)
                    elif isinstance(cell, Decimal):
                        sheet.write_number(number, column, cell, yuan)
                    elif isinstance(cell, Total):
                        above = xl_range(1, column, number - 1, column)
                        shape = yuan if isinstance(cell.value, Decimal) else None
                        sheet.write_formula(number, column, f"=SUM({above})", shape, cell.value)
                    else:
                        sheet.write(number, column, cell)
    return buffer.getvalue()
