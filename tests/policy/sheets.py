"""Spending sheets for tests, as text and as workbooks built part by part, the way many programs write them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

PILOT = """name = "示范开发区"
type = "zone"
class = "national_zone"
award = "10000000.00"
received = "5000000.00"
batch = "2023"
approved_on = "2023-11-01"
as_of = "2024-06-30"
"""
HEAD = ("日期", "类型", "资金用途", "金额", "企业代码", "合同编号")
ROW = ("2024-03-01", "承诺", "企业数字化改造", "1000.00", "91350100M000100Y43", "HT-1")


def text(table: Iterable[Sequence[str]], encoding: str = "utf-8") -> bytes:
    """Comma-separated text."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(table)
    return out.getvalue().encode(encoding)


def written(file: Path, data: bytes) -> Path:
    """A file with these bytes."""
    file.write_bytes(data)
    return file


def letters(place: int) -> str:
    """The letters of a column: 0 is ``A``."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def inline(text: str, reference: str = "") -> str:
    """A cell with its text inside it."""
    return f'<c{_r(reference)} t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def number(value: str, reference: str = "", style: str = "") -> str:
    """A cell with a number as it stands in the file."""
    return f"<c{_r(reference)}{f' s={quoteattr(style)}' if style else ''}><v>{value}</v></c>"


def _r(reference: str) -> str:
    return f' r="{reference}"' if reference else ""


def rows_of(table: Iterable[Sequence[str]], first: int = 1) -> str:
    """Rows of inline texts, each with its number."""
    lines = []
    for row, cells in enumerate(table, start=first):
        inside = "".join(inline(cell, f"{letters(place)}{row}") for place, cell in enumerate(cells) if cell)
        lines.append(f'<row r="{row}">{inside}</row>')
    return "".join(lines)


def sheet(rows: str, before: str = "", after: str = "") -> str:
    """The part of a sheet around its rows."""
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}" xmlns:r="{LINKS}">'
        f"{before}<sheetData>{rows}</sheetData>{after}</worksheet>"
    )


def links(targets: Mapping[str, tuple[str, str]]) -> str:
    """A part of relations: id -> kind and target."""
    inside = "".join(
        f'<Relationship Id="{name}" Type="{LINKS}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{PACKAGE}">{inside}</Relationships>'


def workbook(names: Sequence[tuple[str, str]] = (("Sheet1", "visible"),), properties: str = "") -> str:
    """The part that lists the sheets: name and state."""
    inside = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" state="{state}" r:id="rId{n}"/>'
        for n, (name, state) in enumerate(names, start=1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{properties}'
        f"<sheets>{inside}</sheets></workbook>"
    )


def parts(*sheets: str, names: Sequence[tuple[str, str]] | None = None, **more: str) -> dict[str, str | bytes]:
    """The parts of a plain workbook with these sheets; `shared` and `styles` add their parts, `properties` settings."""
    names = names or [(f"Sheet{n}", "visible") for n in range(1, len(sheets) + 1)]
    targets = {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)}
    found: dict[str, str | bytes] = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": links({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": workbook(names, more.get("properties", "")),
    }
    for name, part in (("shared", "sharedStrings"), ("styles", "styles")):
        if name in more:
            targets[name] = (part, f"{part}.xml")
            found[f"xl/{part}.xml"] = more[name]
    found["xl/_rels/workbook.xml.rels"] = links(targets)
    for n, part in enumerate(sheets, start=1):
        found[f"xl/worksheets/sheet{n}.xml"] = part
    return found


def shared(*items: str) -> str:
    """The part of shared texts, from what stands between ``<si>`` and ``</si>``."""
    return f'<?xml version="1.0"?><sst xmlns="{MAIN}">{"".join(f"<si>{item}</si>" for item in items)}</sst>'


def zipped(found: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The ZIP of parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return out.getvalue()


def book(*sheets: str, **more: str) -> bytes:
    """A whole workbook of these sheets."""
    return zipped(parts(*sheets, **more))


def plain(table: Iterable[Sequence[str]]) -> bytes:
    """A workbook whose cells are all texts."""
    return book(sheet(rows_of(table)))
