"""How long `marketplace check` takes for a large sheet, and how much memory; beside it a plain pass over the same bytes."""

from __future__ import annotations

import csv
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from tests.bench.figures import Figure
from tests.policy import sheets
from tests.support import child

ROWS = 200_000
LIMITS = {"csv": 8.0, "xlsx": 15.0}
"""Seconds that are promised, on two cores; and MiB."""
MEMORY = 400
_HEAD = (
    "日期", "类型", "资金用途", "金额", "企业代码", "服务商代码", "合同编号", "发票号码", "其他财政支持", "关键环节",
    "改造后水平", "验收日期", "合同金额", "备注",
)  # fmt: skip
_USES = ("企业数字化改造", "企业数字化改造", "企业数字化改造", "平台建设", "SaaS应用", "培训诊断")
_CODES = ("91360900MA00000A1F", "91360900MA00000B2K", "91350100M000100Y43")
_START = date(2023, 11, 1)
_PASSES = {
    "csv": "import csv, sys; [0 for _ in csv.reader(open(sys.argv[1], newline='', encoding='utf-8'))]",
    "xlsx": (
        "import sys, zipfile; from xml.parsers import expat; book = zipfile.ZipFile(sys.argv[1]); "
        "[expat.ParserCreate().ParseFile(book.open(part)) for part in ('xl/sharedStrings.xml', "
        "'xl/worksheets/sheet1.xml')]"
    ),
}


def measure() -> Iterator[Figure]:
    """Both forms of one sheet of `ROWS` rows; each command and each plain pass in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="marketplace-bench-check-") as place:
        folder = Path(place)
        pilot = sheets.written(folder / "PILOT.toml", sheets.PILOT.encode())
        for form, write in (("csv", _text), ("xlsx", _workbook)):
            file = folder / f"sheet.{form}"
            write(file)
            plain = child.run(file, command=(sys.executable, "-c", _PASSES[form]))
            done = child.run("check", file, "--book", "jiangxi-2023", "--pilot", pilot, "--format", "json")
            if plain.code or done.code not in (0, 1):
                raise RuntimeError(f"{form}: {plain.err or done.err}")
            words = f"{ROWS / done.seconds:,.0f} rows/s, {done.cpu:.1f} s of work; limit {LIMITS[form]:.0f} s"
            yield Figure(
                f"{ROWS:,} rows, {file.stat().st_size >> 20} MiB {form.upper()}",
                f"{done.seconds:.1f} s",
                words,
                done.seconds <= LIMITS[form],
            )
            yield Figure("  against a plain pass", f"{done.cpu / plain.cpu:.1f} ×", f"{plain.cpu:.1f} s of work")
            yield Figure("  peak memory", f"{done.peak:.0f} MiB", f"limit {MEMORY} MiB", done.peak <= MEMORY)


def _rows() -> Iterator[tuple[str, ...]]:
    """Contracts of one commitment and four payments, with all columns filled; every seventh has something wrong."""
    for place in range(ROWS):
        contract, step = divmod(place, 5)
        day = _START + timedelta(days=(contract * 7 + step * 30) % 240)
        renovated = step == 4 and not contract % 3
        enterprise = (
            f"{_CODES[contract % 3][:8]}MA{contract % 4000:07d}X" if contract % 7 == 0 else _CODES[contract % 2]
        )
        yield (
            day.isoformat(), "承诺" if not step else "支付", _USES[contract % 6], f"{400 if not step else 100}.50",
            enterprise, _CODES[2], f"HT-{contract:06d}", f"24362000000{place:09d}" if step else "", "无",
            "是" if contract % 10 == 0 else "否", "L7" if renovated else "", day.isoformat() if renovated else "",
            "900.00", f"第{place}笔",
        )  # fmt: skip


def _text(file: Path) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([_HEAD, *_rows()])


def _workbook(file: Path) -> None:
    """As spreadsheets write it: texts apart, days and amounts as numbers."""
    texts: dict[str, int] = {}
    letters = [sheets.letters(place) for place in range(len(_HEAD))]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, part in sheets.parts("", shared="").items():
            if name not in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
                book.writestr(name, part)
        with book.open("xl/worksheets/sheet1.xml", "w") as out:
            before, after = sheets.sheet("|").split("|")
            out.write(before.encode())
            for number, row in enumerate([_HEAD, *_rows()], start=1):
                cells = (_cell(f"{letters[place]}{number}", text, texts) for place, text in enumerate(row) if text)
                out.write(f'<row r="{number}">{"".join(cells)}</row>'.encode())
            out.write(after.encode())
        with book.open("xl/sharedStrings.xml", "w") as out:
            out.write(sheets.shared(*(f"<t>{escape(text)}</t>" for text in texts)).encode())


def _cell(reference: str, text: str, texts: dict[str, int]) -> str:
    column = reference.rstrip("0123456789")
    if column in ("A", "L") and text[:1] == "2":
        return f'<c r="{reference}" s="1"><v>{(date.fromisoformat(text) - date(1899, 12, 30)).days}</v></c>'
    if column in ("D", "M") and text[-1:].isdigit():
        return f'<c r="{reference}"><v>{text}</v></c>'
    return f'<c r="{reference}" t="s"><v>{texts.setdefault(text, len(texts))}</v></c>'
