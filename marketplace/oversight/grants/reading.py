"""A list from its file: the columns that offices use, in Chinese or English, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from marketplace.base import uscc as codes
from marketplace.oversight.grants.rules import Granted
from marketplace.policy.engine.uscc import fits
from marketplace.policy.spending import cells, reading
from marketplace.policy.spending.columns import YUAN, Column, Layout, cell_name
from marketplace.policy.spending.fault import BadCell, CellFault, Unusable, UnusableCells, one_line
from marketplace.policy.spending.upload import uploaded

MAX_ROWS = 50_000
LONGEST = 200

LAYOUT = Layout(
    (
        Column("uscc", "统一社会信用代码", True, aliases=(
            "企业代码", "信用代码", "社会信用代码", "credit code", "unified social credit code", "enterprise code",
        )),
        Column("name", "企业名称", aliases=(
            "单位名称", "企业", "承担单位", "实施单位", "enterprise", "enterprise name", "company", "company name",
        )),
        Column("project", "项目名称", aliases=("项目", "project name")),
        Column("contract", "合同编号", aliases=("合同号", "合同", "contract number", "contract no", "contract no.")),
        Column("programme", "资金名称", aliases=(
            "专项名称", "资金来源", "扶持政策", "资金渠道", "program", "fund", "source of money",
        )),
        Column("amount", "金额", money=True, aliases=(
            "补助金额", "奖补金额", "资助金额", "扶持金额", "拨付金额", "amount granted",
        )),
        Column("date", "日期", aliases=("拨付日期", "批准日期", "下达日期", "date granted", "granted on")),
    )
)  # fmt: skip
NAMES = tuple(column.zh for column in LAYOUT.columns)


def read(content: BinaryIO, programme: str, admitted: Collection[str]) -> list[tuple[int, Granted]]:
    """The rows of a list with their numbers; `programme` is whose money it was where a row does not say.

    `admitted` are credit codes that do not fit and are real. Raises `Invalid` (``grants.unusable``) with one line for
    each cell at fault, the first twenty named as the spreadsheet names them, or with the reason why it is no list.
    """
    with uploaded(content, "grants.unusable") as path:
        return _rows(path, programme, admitted)


def _rows(path: Path, programme: str, admitted: Collection[str]) -> list[tuple[int, Granted]]:
    found: list[tuple[int, Granted]] = []
    nameless: list[CellFault] = []
    with reading.opened(path) as source:
        header = reading.find_header(source.records, LAYOUT)
        sheet = reading.Sheet(header, width=0)
        place = header.place("uscc") or 0
        readers = _readers(header, source.since_1904, admitted)
        for number, values in reading.understood_rows(source.records, sheet, readers, most=MAX_ROWS):
            row = Granted(**_EMPTY | values)
            if not row.uscc and not row.name:
                nameless.append(CellFault(cell_name(place, number), header.texts[place], _NOBODY))
            found.append((number, row if row.programme else _of(programme, row)))
    if nameless:
        raise UnusableCells(nameless[: reading.FAULTS_SHOWN], len(nameless))
    if not found:
        raise Unusable("表格中没有数据行", "has no rows of data")
    return found


_EMPTY: dict[str, Any] = {
    "uscc": "", "name": "", "project": "", "contract": "", "programme": "", "amount_fen": None, "granted_on": None,
}  # fmt: skip
_NOBODY = ("信用代码和企业名称至少填一项", "neither the credit code nor the enterprise is filled in")


def _of(programme: str, row: Granted) -> Granted:
    return Granted(row.uscc, row.name, row.project, row.contract, programme, row.amount_fen, row.granted_on)


def _readers(header: reading.Header, since_1904: bool, admitted: Collection[str]) -> list[reading.Reader]:
    day = cells.remembering(partial(cells.day, since_1904=since_1904))
    fen = partial(cells.fen, unit=header.units.get("amount", YUAN))
    fields: dict[str, tuple[str, Callable[[str], Any]]] = {
        "uscc": ("uscc", partial(_code, admitted=admitted)),
        "name": ("name", _text),
        "project": ("project", _text),
        "contract": ("contract", _text),
        "programme": ("programme", cells.remembering(_text)),
        "amount": ("amount_fen", partial(reading.optional, fen)),
        "date": ("granted_on", partial(reading.optional, day)),
    }
    return [(place, *fields[column.code]) for place, column in header.columns.items()]


def _code(cell: str, *, admitted: Collection[str]) -> str:
    code = codes.normal(cells.text(cell))
    if code and not fits(code) and code not in admitted:
        raise BadCell(f"“{code[:24]}”不是有效的统一社会信用代码", f'"{code[:24]}" is no unified social credit code')
    return code


def _text(cell: str) -> str:
    text = " ".join(one_line(cells.text(cell)).split())
    if len(text) > LONGEST:
        raise BadCell(f"超过 {LONGEST} 个字符", f"has more than {LONGEST} characters")
    return text
