"""An empty spending sheet to fill in: the columns, what may stand in them, and the words that a book knows."""

from __future__ import annotations

from typing import IO, Any

import xlsxwriter

from marketplace.base.money import plain
from marketplace.policy.books.model import Book
from marketplace.policy.spending.columns import COLUMNS, KINDS

_LAST = 5_000
"""Rows that offer their choices; more may be filled in."""
_TEXT = frozenset({"enterprise", "provider", "contract", "invoice", "other_support", "level"})
"""Columns that stay text, so that no digit is lost."""
_TEXT_FORMAT = 49
_PILOT = """name = "{name}"
type = "{type}"
class = "{class_}"
award = "{award}"
received = "0.00"
batch = "{batch}"
approved_on = "{start}"
as_of = "{start}"
"""
# For a batch whose calendar the book does not know; to be replaced like the rest.
_YEAR_ENDS = """year1_end = "{year1_end}"
year2_end = "{year2_end}"
"""


def write(out: IO[bytes], book: Book) -> None:
    """Write the workbook: the sheet to fill in, its explanation, the categories of each type, a pilot's description."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as workbook:
        formats = {
            "bold": workbook.add_format({"bold": True, "bottom": 1, "bg_color": "#EAF1FB"}),
            "must": workbook.add_format({"bold": True, "bottom": 1, "bg_color": "#FFF4DB"}),
            "wrap": workbook.add_format({"text_wrap": True, "valign": "top"}),
            "text": workbook.add_format({"num_format": _TEXT_FORMAT}),
            "day": workbook.add_format({"num_format": "yyyy-mm-dd"}),
            "money": workbook.add_format({"num_format": "#,##0.00"}),
        }
        _sheet(workbook.add_worksheet("支出明细"), formats, book)
        _explanation(workbook.add_worksheet("填写说明"), formats, book)
        _categories(workbook.add_worksheet("资金用途"), formats, book)
        _pilot(workbook.add_worksheet("试点信息"), formats, book)


def _sheet(page: Any, formats: dict[str, Any], book: Book) -> None:
    page.freeze_panes(1, 0)
    names = sorted({category.name_zh for kind in book.types.values() for category in kind.categories.values()})
    choices = {"kind": list(KINDS.values()), "key_link": ["是", "否"], "category": names}
    for place, column in enumerate(COLUMNS):
        page.write_string(0, place, column.zh, formats["must" if column.required else "bold"])
        page.write_comment(0, place, f"{column.help_zh}\n{column.help_en}", {"x_scale": 2, "y_scale": 1.5})
        days = column.code in ("date", "accepted")
        kind = "text" if column.code in _TEXT else "money" if column.money else "day" if days else None
        page.set_column(place, place, 20, formats[kind] if kind else None)
        if column.code in choices and sum(len(choice) + 1 for choice in choices[column.code]) < 255:
            page.data_validation(1, place, _LAST, place, {"validate": "list", "source": choices[column.code]})


def _explanation(page: Any, formats: dict[str, Any], book: Book) -> None:
    own = {"category": next(iter(next(iter(book.types.values())).categories.values())).name_zh}
    own["level"] = book.targets.other_level or (book.level_scale.levels or ("",))[-1]
    heads = ("列", "代码", "必填", "说明", "Meaning", "示例")
    for place, (head, width) in enumerate(zip(heads, (16, 16, 8, 70, 70, 26), strict=True)):
        page.set_column(place, place, width)
        page.write_string(0, place, head, formats["bold"])
    for row, column in enumerate(COLUMNS, start=1):
        must = "是" if column.required else ""
        texts = (column.zh, column.code, must, column.help_zh, column.help_en, own.get(column.code, column.example))
        for place, text in enumerate(texts):
            page.write_string(row, place, text, formats["wrap"])


def _categories(page: Any, formats: dict[str, Any], book: Book) -> None:
    heads = ("试点类型", "代码", "资金用途", "English", "条款")
    for place, (head, width) in enumerate(zip(heads, (28, 16, 24, 32, 10), strict=True)):
        page.set_column(place, place, width)
        page.write_string(0, place, head, formats["bold"])
    row = 0
    for kind in book.types.values():
        for category in kind.categories.values():
            row += 1
            texts = (kind.name_zh, category.code, category.name_zh, category.name_en, category.clause)
            for place, text in enumerate(texts):
                page.write_string(row, place, text)
    for use in book.prohibited.values():
        row += 1
        for place, text in enumerate(("不得支出", use.code, use.name_zh, use.name_en, use.clause)):
            page.write_string(row, place, text)


def _pilot(page: Any, formats: dict[str, Any], book: Book) -> None:
    page.set_column(0, 0, 90)
    page.write_string(0, 0, "把下面几行存为 PILOT.toml，改成本试点的情况（金额单位：元）", formats["bold"])
    lines = pilot_text(book).splitlines()
    for row, line in enumerate(lines, start=1):
        page.write_string(row, 0, line)
    row = len(lines) + 3
    page.write_string(row, 0, "检查命令 / Command", formats["bold"])
    page.write_string(row + 1, 0, f"marketplace check FILE --book {book.code} --pilot PILOT.toml")


def pilot_text(book: Book) -> str:
    """A PILOT.toml of the book's first type and class, to be changed by whoever fills it in."""
    kind = next(iter(book.types.values()))
    class_ = next(iter(kind.classes.values()))
    start = book.effective_from
    batch = next(iter(book.batches.values()), None)
    text = _PILOT.format(
        name=kind.name_zh,
        type=kind.code,
        class_=class_.code,
        award=plain(class_.award_cap),
        batch=batch.code if batch else start.year,
        start=start.isoformat(),
    )
    if batch is None or batch.year1_end is None or batch.year2_end is None:
        first, second = (start.replace(start.year + years, 12, 31) for years in (0, 1))
        text += _YEAR_ENDS.format(year1_end=first.isoformat(), year2_end=second.isoformat())
    return text
