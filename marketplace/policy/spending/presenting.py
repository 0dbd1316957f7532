"""An answer as text, JSON, page, workbook or paper. What is large goes out row by row."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from marketplace.base import papers
from marketplace.policy.engine import render
from marketplace.policy.engine.facts import Sums
from marketplace.policy.engine.finding import Finding
from marketplace.policy.engine.verdict import yuan
from marketplace.policy.spending import cells as understood
from marketplace.policy.spending import reading
from marketplace.policy.spending.answer import Answer, summary
from marketplace.policy.spending.cells import Dated, Number
from marketplace.policy.spending.fault import BadCell, one_line
from marketplace.policy.spending.reading import Header, Sheet
from marketplace.policy.spending.textfile import MAX_COLUMNS

_CELL = 32_767
"""Characters that a cell of a workbook can hold."""
_A4 = 9
_DECIMAL = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


def as_json(answer: Answer) -> Iterator[str]:
    """The answer for other programs, in pieces: as many findings as there are, and memory for one."""
    verdict = answer.verdict
    table = render.to_json(verdict, answer.language, findings=False)
    head = json.dumps(table, ensure_ascii=False, indent=2)
    if not verdict.findings:
        yield head + "\n"
        return
    yield head.removesuffix("[]\n}") + "["
    between, plain = "\n", json.JSONEncoder(ensure_ascii=False).encode
    for finding in verdict.findings:
        row = render.finding_row(finding, answer.language)
        cells = ",\n".join(f'      "{key}": {plain(value)}' for key, value in row.items())
        yield f"{between}    {{\n{cells}\n    }}"
        between = ",\n"
    yield "\n  ]\n}\n"


def as_text(answer: Answer) -> Iterator[str]:
    """The answer for a person at a terminal: verdict first, then what leads to it."""
    verdict = answer.verdict
    yield f"{answer.word('verdict')}: {answer.status(verdict.status)}  {answer.word(verdict.status)}\n\n"
    facts = answer.facts()
    width = max(_width(label) for label, _ in facts)
    for label, value in facts:
        yield f"{_left(label, width)}  {one_line(value)}\n"
    yield f"\n{answer.word('money')}\n"
    lines = [*answer.categories(), (answer.word("sum"), verdict.facts.total)]
    width = max(_width(name) for name, _ in lines)
    heads = [answer.word("arranged"), answer.word("paid"), answer.word("share")]
    yield f"  {' ' * width}" + "".join(_right(head, 20) for head in heads) + "\n"
    for name, sums in lines:
        amounts = (yuan(sums.arranged), yuan(sums.paid), answer.share_of_all(sums))
        yield f"  {_left(name, width)}" + "".join(_right(amount, 20) for amount in amounts) + "\n"
    yield f"\n{answer.word('checks')}\n"
    for check in verdict.checks:
        base = f" [{answer.base(check)}]" if check.base else ""
        yield f"  {_left(answer.status(check.status), 8)}{answer.name(check.rule)}{base} ({check.clause})\n"
        yield f"          {answer.message(check)}\n"
    yield f"\n{answer.word('findings')}: {len(verdict.findings)}\n"
    if not verdict.findings:
        yield f"  {answer.word('none')}\n"
    for finding in verdict.findings:
        row = f"{answer.word('row')} {finding.row}"
        yield f"  {_left(row, 10)}{_left(answer.status(finding.severity), 8)}{one_line(answer.message(finding))}"
        yield f" ({finding.clause}, {finding.code})\n"


def as_page(answer: Answer) -> str:
    """The answer as one HTML file that needs nothing else."""
    return papers.page("spending.html", **summary(answer))


def as_summary(answer: Answer) -> str:
    """What the page shows, as JSON."""
    return json.dumps(summary(answer), ensure_ascii=False)


def as_paper(answer: Answer) -> bytes:
    """The answer as a PDF to be signed and filed."""
    return papers.pdf("spending.typ", summary(answer))


def as_workbook(answer: Answer, out: IO[bytes], found: Sheet, file: Path, sheet: str | None) -> None:
    """The answer as a workbook: verdict, money, checks, findings, and the sheet itself with what was found beside it.

    The sheet is read once more, row by row, so that columns which no rule knows are kept without being held.
    """
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": True,
    }
    with xlsxwriter.Workbook(out, options) as book:
        writer = _Workbook(book, answer)
        writer.overview()
        writer.checks()
        writer.findings()
        writer.rows(found, file, sheet)


class _Workbook:
    def __init__(self, book: xlsxwriter.Workbook, answer: Answer) -> None:
        self.book, self.answer = book, answer
        self.bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top"})
        self.money = book.add_format({"num_format": "#,##0.00", "valign": "top"})
        self.share = book.add_format({"num_format": "0.00%", "valign": "top"})
        tones = {"pass": "#E7F4EC", "open": "#EAF1FB", "warn": "#FFF4DB", "fail": "#FBE6E4"}
        self.tones = {status: book.add_format({"bg_color": tone, "valign": "top"}) for status, tone in tones.items()}

    def overview(self) -> None:
        answer, verdict = self.answer, self.answer.verdict
        page = self._sheet("verdict", (24, 22, 22, 16))
        page.set_paper(_A4)
        page.fit_to_pages(1, 0)
        page.write(0, 0, answer.word("verdict"), self.bold)
        page.write_string(0, 1, answer.status(verdict.status), self.tones[verdict.status])
        page.write_string(0, 2, answer.word(verdict.status))
        row = 2
        for label, value in answer.facts():
            page.write_string(row, 0, label)
            page.write_string(row, 1, value)
            row += 1
        row += 1
        for place, name in enumerate(("category", "arranged", "paid", "share")):
            page.write_string(row, place, answer.word(name), self.bold)
        first, last = row + 1, row + len(answer.categories())
        for name, sums in answer.categories():
            row += 1
            self._sums(page, row, name, sums)
            total = verdict.facts.total.arranged
            share = Decimal(sums.arranged) / total if total > 0 else 0
            part = f"B{row + 1}/SUM(B${first + 1}:B${last + 1})"
            page.write_formula(row, 3, f"=IF(SUM(B${first + 1}:B${last + 1})>0,{part},0)", self.share, share)
        page.write_string(row + 2, 0, answer.word("sum"), self.bold)
        for place, amount in ((1, verdict.facts.total.arranged), (2, verdict.facts.total.paid)):
            letter = "ABC"[place]
            summed = f"=SUM({letter}{first + 1}:{letter}{row + 1})"
            page.write_formula(row + 2, place, summed, self.money, _yuan(amount))

    def _sums(self, page: Any, row: int, name: str, sums: Sums) -> None:
        page.write_string(row, 0, name)
        page.write_number(row, 1, _yuan(sums.arranged), self.money)
        page.write_number(row, 2, _yuan(sums.paid), self.money)

    def checks(self) -> None:
        answer = self.answer
        names = ("check", "result", "base", "amount", "limit", "actual", "limit_share", "actual_share", "message")
        page = self._sheet("checks", (26, 10, 12, 18, 18, 18, 10, 10, 80, 10))
        self._heads(page, (*names, "clause"))
        for row, check in enumerate(answer.verdict.checks, start=1):
            page.write_string(row, 0, answer.name(check.rule), self.wrap)
            page.write_string(row, 1, answer.status(check.status), self.tones[check.status])
            page.write_string(row, 2, answer.base(check))
            if check.amount is not None:
                page.write_number(row, 3, _yuan(check.amount), self.money)
            for place, value in ((4, check.limit), (5, check.actual)):
                if check.counts:
                    page.write_number(row, place, value)
                else:
                    page.write_number(row, place, _yuan(value), self.money)
            for place, bps in ((6, check.limit_share), (7, check.actual_share)):
                if bps is not None:
                    page.write_number(row, place, Decimal(bps).scaleb(-4), self.share)
            page.write_string(row, 8, answer.message(check), self.wrap)
            page.write_string(row, 9, check.clause)

    def findings(self) -> None:
        answer = self.answer
        page = self._sheet("findings", (8, 10, 26, 90, 10))
        self._heads(page, ("row", "result", "code", "message", "clause"))
        listed, rest = answer.findings()
        for row, finding in enumerate(listed, start=1):
            if finding.row is not None:
                page.write_number(row, 0, finding.row)
            page.write_string(row, 1, answer.status(finding.severity), self.tones[finding.severity])
            page.write_string(row, 2, finding.code)
            page.write_string(row, 3, answer.message(finding), self.wrap)
            page.write_string(row, 4, finding.clause)
        for row, (code, severity, number) in enumerate(rest, start=len(listed) + 1):
            page.write_string(row, 1, answer.status(severity), self.tones[severity])
            page.write_string(row, 2, code)
            page.write_string(row, 3, answer.word("more", more=number))

    def rows(self, found: Sheet, file: Path, sheet: str | None) -> None:
        """The sheet as it came, each line of it in its own row, with the findings after its last column."""
        told, header = _by_row(self.answer), found.header
        page = self.book.add_worksheet(self.answer.word("sheet"))
        last = min(found.width, MAX_COLUMNS - 2)
        self._printed(page, header.row)
        page.set_column(0, last - 1, 16)
        page.set_column(last, last, 10)
        page.set_column(last + 1, last + 1, 80)
        with reading.opened(file, sheet, days=True) as source:
            shown = _Cells(self, page, header, source.since_1904)
            for number, cells in source.records:
                heading = self.bold if number == header.row else None
                for place, cell in cells.items():
                    if place < last:
                        shown.write(number - 1, place, cell, heading)
                if heading:
                    page.write_string(number - 1, last, self.answer.word("result"), heading)
                    page.write_string(number - 1, last + 1, self.answer.word("findings"), heading)
                if number in told:
                    status, messages = told[number]
                    page.write_string(number - 1, last, self.answer.status(status), self.tones[status])
                    page.write_string(number - 1, last + 1, _fitting(messages), self.wrap)

    def _sheet(self, name: str, widths: tuple[int, ...]) -> Any:
        page = self.book.add_worksheet(self.answer.word(name))
        for place, width in enumerate(widths):
            page.set_column(place, place, width)
        return page

    def _heads(self, page: Any, names: tuple[str, ...]) -> None:
        self._printed(page, 1)
        for place, name in enumerate(names):
            page.write_string(0, place, self.answer.word(name), self.bold)

    def _printed(self, page: Any, heads: int) -> None:
        """The rows down to the header stay in sight, and stand on every page of paper."""
        page.freeze_panes(heads, 0)
        page.repeat_rows(0, heads - 1)
        page.set_landscape()
        page.set_paper(_A4)
        page.fit_to_pages(1, 0)
        page.set_footer("&C" + self.answer.word("page", page="&P", pages="&N"))


class _Cells:
    """Writes the cells of a sheet as they were: days as days, numbers as numbers, texts as texts."""

    def __init__(self, style: _Workbook, page: Any, header: Header, since_1904: bool) -> None:
        self.style, self.page, self.header, self.since_1904 = style, page, header, since_1904
        self.days = {header.place("date"), header.place("accepted")}

    def write(self, row: int, place: int, cell: str, heading: Any) -> None:
        column = self.header.columns.get(place)
        if heading or not isinstance(cell, Number) and place not in self.days:
            self._text(row, place, understood.text(cell), heading)
        elif place in self.days and row >= self.header.row:
            self._day(row, place, cell)
        elif isinstance(cell, Dated) and column is None:
            self._serial(row, place, cell)
        elif isinstance(cell, Number) and (column is None or column.money):
            self._number(row, place, understood.shown(cell), None)
        else:
            self._text(row, place, understood.text(cell), None)

    def _day(self, row: int, place: int, cell: str) -> None:
        try:
            self.page.write_datetime(row, place, understood.day(cell, since_1904=self.since_1904), self.style.day)
        except BadCell:
            self._text(row, place, understood.text(cell), None)

    def _serial(self, row: int, place: int, cell: Number) -> None:
        """A day of a column that no rule knows: the answer counts from 1900."""
        shown = understood.shown(cell)
        if self.since_1904 and _DECIMAL.fullmatch(shown):
            shown = str(Decimal(shown) + understood.EPOCHS_APART)
        self._number(row, place, shown, self.style.moment if "." in shown else self.style.day)

    def _number(self, row: int, place: int, shown: str, form: Any) -> None:
        """A number of more digits than a spreadsheet keeps stays a text."""
        if _DECIMAL.fullmatch(shown) and len(shown.lstrip("-").replace(".", "")) <= understood.SHOWN_DIGITS:
            self.page.write_number(row, place, Decimal(shown), form)
        else:
            self._text(row, place, shown, None)

    def _text(self, row: int, place: int, text: str, form: Any) -> None:
        if text:
            self.page.write_string(row, place, _fitting(text), form)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def _fitting(text: str) -> str:
    """A text that a cell can hold."""
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _by_row(answer: Answer) -> dict[int, tuple[str, str]]:
    """The worse severity and the sentences of each row; as many rows as findings are listed elsewhere."""
    listed, _ = answer.findings()
    rows: dict[int, list[Finding]] = defaultdict(list)
    for finding in listed:
        if finding.row is not None:
            rows[finding.row].append(finding)
    return {
        row: (
            "fail" if any(finding.severity == "fail" for finding in found) else "warn",
            "\n".join(answer.message(finding) for finding in found),
        )
        for row, found in rows.items()
    }


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _left(text: str, width: int) -> str:
    return text + " " * max(1 if _width(text) >= width else width - _width(text), 0)


def _right(text: str, width: int) -> str:
    return " " * max(width - _width(text), 1) + text
