"""Whole files: what many programs write is read alike; rows, titles, units, sums and faults stand where they are seen."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from marketplace.policy.books import shelf
from marketplace.policy.engine.rows import Kind, Row
from marketplace.policy.spending import reading
from marketplace.policy.spending.fault import Unusable, UnusableCells
from tests.policy import made, sheets
from tests.policy.sheets import HEAD, MAIN, ROW, inline, number, rows_of, sheet

EXPECTED = Row(
    number=2,
    day=date(2024, 3, 1),
    kind=Kind.COMMITTED,
    amount=100_000,
    category="企业数字化改造",
    enterprise="91350100M000100Y43",
    contract="HT-1",
)


def read(tmp_path: Path, data: bytes, name: str = "sheet.csv", **rest: Any) -> reading.Sheet:
    return reading.read(sheets.written(tmp_path / name, data), made.BOOK, **rest)


def refused(tmp_path: Path, data: bytes, **rest: Any) -> str:
    with pytest.raises(Unusable) as found:
        read(tmp_path, data, **rest)
    assert all(found.value.words)
    assert not isinstance(found.value, UnusableCells)
    return found.value.words[1]


def faults(tmp_path: Path, data: bytes, **rest: Any) -> list[str]:
    with pytest.raises(UnusableCells) as found:
        read(tmp_path, data, **rest)
    return [fault.cell for fault in found.value.faults]


# ---------------------------------------------------------------- text

UTF8, MARKED, CHINESE = "utf-8", "utf-8-sig", "gb18030"


@pytest.mark.parametrize("encoding", [UTF8, MARKED, CHINESE])
@pytest.mark.parametrize("ends", [b"\r\n", b"\n", b"\r"])
@pytest.mark.parametrize("name", ["sheet.csv", "sheet.xlsx", "sheet.txt", "sheet"])
def test_text_in_any_encoding_under_any_name(tmp_path: Path, encoding: str, ends: bytes, name: str) -> None:
    data = sheets.text([HEAD, ROW], encoding).replace(b"\r\n", ends)
    assert read(tmp_path, data, name).rows == [EXPECTED]


@pytest.mark.parametrize("encoding", [UTF8, CHINESE])
@pytest.mark.parametrize("quoted", [False, True])
def test_the_mark_of_an_encoding_is_no_text(tmp_path: Path, encoding: str, quoted: bool) -> None:
    text = sheets.text([HEAD, ROW]).decode()
    if quoted:  # every cell, as many programs write it
        text = "".join(",".join(f'"{cell}"' for cell in line.split(",")) + "\r\n" for line in text.splitlines())
    assert read(tmp_path, f"\ufeff{text}".encode(encoding)).rows == [EXPECTED]


def test_a_text_may_begin_as_a_zip_does(tmp_path: Path) -> None:
    data = sheets.text([("PK", *HEAD), ("1", *ROW)])
    assert read(tmp_path, data).rows == [EXPECTED]


def test_every_record_counts_blank_ones_and_broken_lines_too(tmp_path: Path) -> None:
    data = sheets.text(
        [("某开发区\n支出明细",), (), HEAD, ROW, (), ("", "  ", ""), ROW[:-1] + ("第一行\r\n第二行",), ROW]
    )
    found = read(tmp_path, data)
    assert [row.number for row in found.rows] == [4, 7, 8]
    assert found.header.row == 3
    assert found.rows[1].contract == "第一行\r\n第二行"


def test_records_may_be_shorter_and_longer_than_the_header(tmp_path: Path) -> None:
    data = sheets.text([HEAD, ROW[:4], (*ROW, "", "更多", "还有")])
    found = read(tmp_path, data)
    assert [row.enterprise for row in found.rows] == ["", ROW[4]]
    assert found.width == 9


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbf",
        b"\n\n\n",
        sheets.text([HEAD]).replace(b",", b";"),
        sheets.text([HEAD]).replace(b",", b"\t"),
        sheets.text([ROW]),
        "日期,类型,资金用途\n".encode(),
    ],
)
def test_a_text_without_a_header(tmp_path: Path, data: bytes) -> None:
    assert "lacks required columns" in refused(tmp_path, data)


def test_a_header_alone_is_a_sheet_without_rows(tmp_path: Path) -> None:
    found = read(tmp_path, sheets.text([HEAD]))
    assert (found.rows, found.skipped) == ([], 0)


def test_the_header_names_what_is_missing(tmp_path: Path) -> None:
    said = refused(tmp_path, sheets.text([("某某",), ("日期", "金额", "备注"), ROW]))
    assert said == "the header in row 2 lacks required columns: kind, category"


@pytest.mark.parametrize(
    "data",
    [
        b"\x00",
        sheets.text([HEAD, ROW]) + b"\x00",
        sheets.text([HEAD, ROW], "utf-16"),
        sheets.text([HEAD, ROW], "utf-16-le"),
        sheets.text([HEAD, ROW], "utf-16-be"),
        sheets.text([HEAD, ROW], "utf-32"),
        b"\xff\xfe",
        b"\xff\xff\xff",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"%PDF-1.7\n\xff\xff\xff\xff",
    ],
)
def test_what_is_no_text(tmp_path: Path, data: bytes) -> None:
    assert refused(tmp_path, data).startswith("is no sheet")


@pytest.mark.parametrize(
    ("data", "row"),
    [
        (sheets.text([HEAD, ROW]) + b'2024-03-01,"unterminated', 3),
        (sheets.text([HEAD, ROW]) + b'"2024-03-01"x,\n', 3),
        (sheets.text([HEAD]) + b"a" * 200_000, 2),
    ],
)
def test_text_that_cannot_be_told_apart(tmp_path: Path, data: bytes, row: int) -> None:
    assert refused(tmp_path, data).startswith(f"row {row} cannot be read as comma-separated text")


def test_a_text_has_no_sheets(tmp_path: Path) -> None:
    assert (
        refused(tmp_path, sheets.text([HEAD, ROW]), sheet="Sheet1") == "is a text and has no sheets; leave --sheet out"
    )


# ---------------------------------------------------------------- header, titles, units, sums


def test_columns_in_any_order_and_language(tmp_path: Path) -> None:
    head = ("备注", "Amount", "合同编号", "KIND", "资金用途", "", "date", "enterprise")
    row = ("x", "1,000.00", "HT-1", "committed", "renovation", "", "20240301", "91350100M000100Y43")
    (found,) = read(tmp_path, sheets.text([head, row])).rows
    assert (found.day, found.amount, found.kind, found.category) == (
        date(2024, 3, 1),
        100_000,
        Kind.COMMITTED,
        "renovation",
    )


def test_every_column_has_its_two_names(tmp_path: Path) -> None:
    chinese = "日期,类型,资金用途,金额,企业代码,服务商代码,合同编号,发票号码,其他财政支持,关键环节,改造后水平,验收日期,合同金额"
    english = (
        "date,kind,category,amount,enterprise,provider,contract,invoice,other_support,key_link,level,accepted,total"
    )
    line = "2024-03-01,paid,saas,1.00,E,P,C,I、J,无,是,L7,2024-02-01,2万元"
    both = [read(tmp_path, f"{head}\n{line}\n".encode()).rows for head in (chinese, english)]
    assert both[0] == both[1]
    assert both[0] == [
        Row(
            number=2, day=date(2024, 3, 1), kind=Kind.PAID, category="saas", amount=100, enterprise="E", provider="P",
            contract="C", invoices=("I", "J"), other_support="无", key_link=True, level=7, accepted=date(2024, 2, 1),
            total=2_000_000,
        )
    ]  # fmt: skip


@pytest.mark.parametrize("titles", range(7))
def test_five_title_rows_may_stand_above(tmp_path: Path, titles: int) -> None:
    table = [("题目",), ()] * titles + [HEAD, ROW]
    if titles > 5:
        assert "lacks required columns" in refused(tmp_path, sheets.text(table))
    else:
        (found,) = read(tmp_path, sheets.text(table)).rows
        assert found.number == 2 * titles + 2


def test_blank_rows_are_no_titles(tmp_path: Path) -> None:
    (found,) = read(tmp_path, sheets.text([()] * 100 + [("  ", "")] * 20 + [HEAD, ROW])).rows
    assert found.number == 122


@pytest.mark.parametrize(
    ("title", "head", "cell", "fen"),
    [
        ("", "金额", "12.5", 1250),
        ("单位：万元", "金额", "12.5", 12_500_000),
        ("单位：万元", "金额(元)", "12.5", 1250),
        ("单位：元", "金额(万元)", "12.5", 12_500_000),
        ("单位：万元", "金额(万元)", "12.5元", 1250),
        ("单位：元", "金额(元)", "12.5万元", 12_500_000),
        ("", "金额（万元）", "12.3456", 12_345_600),
        ("某区支出表 金额单位:人民币万元", "金额", "0.000001", 1),
    ],
)
def test_the_nearer_unit_counts(tmp_path: Path, title: str, head: str, cell: str, fen: int) -> None:
    table = [(title,), ("日期", "类型", "资金用途", head), (*ROW[:3], cell)]
    assert [row.amount for row in read(tmp_path, sheets.text(table)).rows] == [fen]


def test_the_unit_of_the_title_is_also_that_of_the_total(tmp_path: Path) -> None:
    table = [("单位：", "万元"), (*HEAD, "合同金额"), (*ROW, "3.5")]
    (found,) = read(tmp_path, sheets.text(table)).rows
    assert (found.amount, found.total) == (1_000_000_000, 3_500_000)


def test_a_unit_that_we_do_not_compute_in_stops(tmp_path: Path) -> None:
    assert "千元" in refused(tmp_path, sheets.text([("单位：千元",), HEAD, ROW]))
    assert "amount" in refused(tmp_path, sheets.text([[*HEAD[:3], "金额(千元)"], ROW[:4]]))


@pytest.mark.parametrize(
    "head",
    [
        (*HEAD, "日期"),
        (*HEAD, "date"),
        (*HEAD, "金额(万元)"),
        (*HEAD, "合同编号"),
        (*HEAD, "合 同 编 号"),
        (*HEAD, "level", "改造后水平"),
    ],
)
def test_a_doubled_column_is_unusable(tmp_path: Path, head: tuple[str, ...]) -> None:
    assert "stands twice" in refused(tmp_path, sheets.text([head, ROW]))


def test_unknown_columns_may_be_doubled(tmp_path: Path) -> None:
    assert len(read(tmp_path, sheets.text([(*HEAD, "备注", "备注"), ROW])).rows) == 1


@pytest.mark.parametrize(
    "line",
    [
        ("合计", "", "", "1000"),
        ("小计",),
        (" 总 计 ", "", "", "1000"),
        ("", "合计", "", "1000"),
        ("", "", "小计", "", "", ""),
        ("合计", "合计"),
    ],
)
def test_lines_of_sums_are_skipped_and_counted(tmp_path: Path, line: tuple[str, ...]) -> None:
    found = read(tmp_path, sheets.text([HEAD, ROW, line, ROW, line]))
    assert ([row.number for row in found.rows], found.skipped) == ([2, 4], 2)


def test_a_line_of_sums_may_be_numbered(tmp_path: Path) -> None:
    table = [("序号", *HEAD), ("1", *ROW), ("2", "合计", "", "", "1000"), ("3", "", "小计")]
    assert read(tmp_path, sheets.text(table)).skipped == 2


@pytest.mark.parametrize(
    "line",
    [
        ("2024-03-01", "合计", "", "1000"),
        ("合计数", "", "", "1000"),
        ("", "支付", "合计", "1000"),
        ("", "", "", "1000"),
        ("", "", "", "", "", "HT-1"),
        ("备注：本表由财政局填报",),
    ],
)
def test_what_only_looks_like_a_line_of_sums_is_a_row(tmp_path: Path, line: tuple[str, ...]) -> None:
    assert faults(tmp_path, sheets.text([HEAD, ROW, line]))[0].endswith("3")


def test_text_in_unknown_columns_alone_is_unusable(tmp_path: Path) -> None:
    table = [(*HEAD, "备注"), ROW, ("", "", "", "", "", "", "以上金额已核对")]
    assert faults(tmp_path, sheets.text(table)) == ["A3", "B3", "D3"]


def test_cells_at_fault_come_by_row_then_column_with_the_rest_counted(tmp_path: Path) -> None:
    head = ("备注", "金额", "日期", "类型", "资金用途", "关键环节", "改造后水平", "验收日期")
    bad = ("", "1e3", "昨天", "付", "", "也许", "L11", "未验收")
    with pytest.raises(UnusableCells) as found:
        read(tmp_path, sheets.text([("题目",), (), head] + [bad] * 5))
    cells = [fault.cell for fault in found.value.faults]
    names = ("B", "C", "D", "F", "G", "H")
    assert cells == [f"{letter}{row}" for row in range(4, 9) for letter in names][:20]
    assert found.value.count == 30
    lines = found.value.lines("en")
    assert lines[0] == 'B4 金额: "1e3" is no amount, such as 1234.50'
    assert lines[20:] == ["… and 10 more"]
    assert found.value.lines("zh")[20:] == ["… and 10 more（另有 10 处）"]


def test_optional_cells_are_unusable_only_when_not_empty(tmp_path: Path) -> None:
    head = (*HEAD[:4], "key_link", "level", "accepted", "total", "other_support")
    assert len(read(tmp_path, sheets.text([head, (*ROW[:4], "", " ", "", "", "")])).rows) == 1
    assert faults(tmp_path, sheets.text([head, (*ROW[:4], "?", "?", "?", "?", "?")])) == ["E2", "F2", "G2"]


def test_a_total_must_be_understood_where_a_rule_needs_it(tmp_path: Path) -> None:
    file = sheets.written(
        tmp_path / "a.csv", sheets.text([("日期", "类型", "资金用途", "金额", "合同金额"), (*ROW[:4], "待定")])
    )
    assert reading.read(file, made.BOOK).rows[0].total is None
    with pytest.raises(UnusableCells):
        reading.read(file, shelf.load("nanchang-2024"))


# ---------------------------------------------------------------- workbooks of many writers

STYLES = (
    f'<?xml version="1.0"?><styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="176" '
    'formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="176"/><xf numFmtId="49"/></cellXfs></styleSheet>'
)
SERIAL = "45352"  # 2024-03-01


def by_excel() -> bytes:
    """Shared texts, numbers with styles, spans, extensions of later versions, a reading aid, rich text."""
    shared = sheets.shared(
        *(f"<t>{name}</t>" for name in HEAD),
        '<t>承诺</t><phoneticPr fontId="1"/>',
        '<r><t>企业</t></r><r><rPr><b/></rPr><t xml:space="preserve">数字化改造</t></r><rPh sb="0" eb="2"><t>qǐyè</t></rPh>',
        "<t>91350100M000100Y43</t>",
        "<t>HT-1</t>",
    )
    head = "".join(f'<c r="{letter}1" s="2" t="s"><v>{n}</v></c>' for n, letter in enumerate("ABCDEF"))
    row = (
        f'<c r="A2" s="1"><v>{SERIAL}</v></c><c r="B2" t="s"><v>6</v></c><c r="C2" t="s"><v>7</v></c>'
        '<c r="D2"><v>1000</v></c><c r="E2" t="s"><v>8</v></c><c r="F2" t="s"><v>9</v></c><c r="G2" s="2"/>'
    )
    rows = f'<row r="1" spans="1:6" x14ac:dyDescent="0.15">{head}</row><row r="2" spans="1:6">{row}</row>'
    after = (
        '<phoneticPr fontId="1"/><pageMargins left="0.7"/><drawing r:id="rId1"/><extLst><ext><x14:sparklines><x14:sparkline>'
        "<xm:f>Sheet1!A1:A2</xm:f></x14:sparkline></x14:sparklines><xdr:from><xdr:col>1</xdr:col><xdr:row>9</xdr:row></xdr:from>"
        "<c><v>1</v></c></ext></extLst>"
    )
    spaces = (
        'xmlns:x14ac="urn:a" xmlns:x14="urn:b" xmlns:xm="urn:c" xmlns:xdr="urn:d"><dimension ref="A1:F2"/>'
        '<sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="1"/></sheetView></sheetViews><cols><col min="1" max="6"/></cols'
    )
    part = sheet(rows, after=after).replace("><sheetData", f" {spaces}><sheetData", 1)
    return sheets.book(part, shared=shared, styles=STYLES)


def by_wps() -> bytes:
    """Texts in cells of formulas, absolute links, backslashes in names, part names in other case."""
    row = (
        f'<row r="2"><c r="A2" s="1"><f>DATE(2024,3,1)</f><v>{SERIAL}</v></c><c r="B2" t="str"><f>"承"&amp;"诺"</f><v>承诺</v></c>'
        '<c r="C2" t="str"><v>企业数字化改造</v></c><c r="D2"><f t="shared" ref="D2:D9" si="0">500*2</f><v>1000</v></c>'
        '<c r="E2" t="str"><v>91350100M000100Y43</v></c><c r="F2" t="str"><v>HT-1</v></c></row>'
        '<row r="3"><c r="D3" t="str"><f t="shared" si="0"/><v></v></c></row>'
    )
    found = sheets.parts(sheet(rows_of([HEAD]) + row), styles=STYLES)
    found["xl/_rels/workbook.xml.rels"] = sheets.links(
        {"rId1": ("worksheet", "/xl/worksheets/Sheet1.xml"), "rId9": ("styles", "/xl/styles.xml")}
    )
    return sheets.zipped({name.replace("/", "\\"): part for name, part in found.items()})


def by_libreoffice() -> bytes:
    """Every cell styled, booleans, empty cells to the last column, rows to the last row."""
    row = (
        f'<row r="2"><c r="A2" s="1" t="n"><v>{SERIAL}</v></c><c r="B2" t="inlineStr"><is><t>承诺</t></is></c>'
        '<c r="C2" t="inlineStr"><is><r><t>企业数字化</t></r><r><t>改造</t></r></is></c><c r="D2" t="n"><v>1000.0</v></c>'
        '<c r="E2" t="inlineStr"><is><t>91350100M000100Y43</t></is></c><c r="F2" t="inlineStr"><is><t>HT-1</t></is></c>'
        '<c r="G2" t="b"><v>1</v></c></row><row r="1048576"><c r="A1048576" s="1"/><c r="XFD1048576" s="1"/></row>'
    )
    return sheets.book(
        sheet(rows_of([(*HEAD, "关键环节")]) + row.replace("<v>1</v></c></row>", "<v>0</v></c></row>", 1))
    )


def without_references() -> bytes:
    """Neither rows nor cells say where they stand."""
    head = "".join(inline(name) for name in HEAD)
    row = number(SERIAL) + "".join(inline(cell) for cell in ROW[1:3]) + number("1000") + "".join(map(inline, ROW[4:]))
    return sheets.book(sheet(f"<row>{head}</row><row>{row}</row>"))


def with_references_in_cells_alone() -> bytes:
    head = "".join(inline(name, f"{sheets.letters(n)}1") for n, name in enumerate(HEAD))
    row = "".join(inline(cell, f"{sheets.letters(n)}2") for n, cell in enumerate(ROW))
    return sheets.book(sheet(f"<row>{head}</row><row>{row}</row>"))


def with_prefixes() -> bytes:
    """Every element carries a prefix, as the Open XML SDK writes it."""
    part = sheet(rows_of([HEAD, ROW])).replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?")
    found = sheets.parts(part.replace("xmlns=", "xmlns:x="))
    found["xl/workbook.xml"] = (
        str(found["xl/workbook.xml"])
        .replace("<", "<x:")
        .replace("<x:/", "</x:")
        .replace("<x:?", "<?")
        .replace("xmlns=", "xmlns:x=")
        .replace("xmlns:r=", "xmlns:rel=")
        .replace("r:id", "rel:id")
    )
    return sheets.zipped(found)


def strict() -> bytes:
    """The strict variant: other namespaces, days in letters."""
    rows = rows_of([HEAD]) + (
        '<row r="2"><c r="A2" t="d"><v>2024-03-01T00:00:00</v></c>'
        + "".join(inline(cell, f"{sheets.letters(n)}2") for n, cell in enumerate(ROW) if n)
        + "</row>"
    )
    other = {
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
        "http://schemas.openxmlformats.org/officeDocument/2006": "http://purl.oclc.org/ooxml/officeDocument",
    }
    found = sheets.parts(sheet(rows))
    for name, part in found.items():
        for old, new in other.items():
            part = str(part).replace(old, new)
        found[name] = part
    return sheets.zipped(found)


def elsewhere() -> bytes:
    """The workbook is not where it usually is."""
    found = sheets.parts(sheet(rows_of([HEAD, ROW])))
    return sheets.zipped(
        {
            "_rels/.rels": sheets.links({"a": ("officeDocument", "/book/main.xml")}),
            "book/main.xml": found["xl/workbook.xml"],
            "book/_rels/main.xml.rels": sheets.links({"rId1": ("worksheet", "../pages/one.xml")}),
            "pages/one.xml": found["xl/worksheets/sheet1.xml"],
        }
    )


def by_xlsxwriter(**options: bool) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, options) as book:
        page = book.add_worksheet("支出明细")
        page.write_row(0, 0, HEAD)
        page.write_datetime(1, 0, date(2024, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        page.write_row(1, 1, ROW[1:3])
        page.write_number(1, 3, 1000)
        page.write_row(1, 4, ROW[4:])
    return out.getvalue()


def with_macros() -> bytes:
    """Code inside is carried along and never looked at."""
    found = sheets.parts(sheet(rows_of([HEAD, ROW])))
    return sheets.zipped(found | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(1000)})


def in_utf16() -> bytes:
    part = sheet(rows_of([HEAD, ROW])).replace('encoding="UTF-8"', 'encoding="UTF-16"')
    return sheets.zipped(sheets.parts() | sheets.parts(part) | {"xl/worksheets/sheet1.xml": part.encode("utf-16")})


def with_comments_and_cdata() -> bytes:
    part = (
        sheet(rows_of([HEAD, ROW]))
        .replace("HT-1", "<![CDATA[HT]]><!-- x -->-&#49;")
        .replace("<row", "<!-- <row> --><row")
    )
    return sheets.book(part)


WRITERS = [
    by_excel, by_wps, by_libreoffice, without_references, with_references_in_cells_alone, with_prefixes, strict,
    elsewhere, by_xlsxwriter, with_macros, in_utf16, with_comments_and_cdata,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_workbooks_of_many_writers(tmp_path: Path, write: Any) -> None:
    for name in ("sheet.xlsx", "sheet.csv", "sheet.xls"):
        assert read(tmp_path, write(), name).rows == [EXPECTED]


@pytest.mark.parametrize("options", [{"constant_memory": True}, {"use_zip64": True}, {"date_1904": True}])
def test_other_ways_of_one_writer(tmp_path: Path, options: dict[str, bool]) -> None:
    assert read(tmp_path, by_xlsxwriter(**options)).rows == [EXPECTED]


def test_stored_parts_and_a_comment_behind_the_archive(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.comment = b"x" * 60_000
        for name, part in sheets.parts(sheet(rows_of([HEAD, ROW]))).items():
            archive.writestr(name, part)
    assert read(tmp_path, out.getvalue()).rows == [EXPECTED]


@pytest.mark.parametrize("flag", ["1", "true"])
def test_a_workbook_that_counts_from_1904(tmp_path: Path, flag: str) -> None:
    row = f'<row r="2">{number("43890", "A2")}' + rows_of([ROW], 2).partition("</c>")[2]
    data = sheets.book(sheet(rows_of([HEAD]) + row), properties=f'<workbookPr date1904="{flag}"/>')
    assert read(tmp_path, data).rows == [EXPECTED]


def test_the_first_visible_sheet_or_the_one_named(tmp_path: Path) -> None:
    pages = [sheet(rows_of([HEAD, (*ROW[:5], f"HT-{n}")])) for n in range(1, 5)]
    names = [("底稿", "hidden"), ("更底", "veryHidden"), ("支出 明细", "visible"), ("Ａ", "visible")]
    data = sheets.zipped(sheets.parts(*pages, names=names))
    assert read(tmp_path, data).rows[0].contract == "HT-3"
    for name, contract in (("支出 明细", "HT-3"), ("底稿", "HT-1"), ("a", "HT-4"), ("Ａ", "HT-4")):
        assert read(tmp_path, data, sheet=name).rows[0].contract == contract
    assert refused(tmp_path, data, sheet="没有") == 'has no sheet "没有"; there are: 支出 明细, Ａ'


def test_sheets_without_rows_are_passed_over(tmp_path: Path) -> None:
    found = sheets.parts(sheet(""), sheet(rows_of([HEAD, ROW])))
    found["xl/_rels/workbook.xml.rels"] = sheets.links(
        {"rId1": ("chartsheet", "chartsheets/sheet1.xml"), "rId2": ("worksheet", "worksheets/sheet2.xml")}
    )
    assert read(tmp_path, sheets.zipped(found)).rows == [EXPECTED]


def test_a_workbook_may_hide_all_its_sheets(tmp_path: Path) -> None:
    data = sheets.zipped(sheets.parts(sheet(rows_of([HEAD, ROW])), names=[("x", "hidden")]))
    assert refused(tmp_path, data) == "has no visible sheet"


def test_rows_keep_the_numbers_that_are_shown(tmp_path: Path) -> None:
    rows = rows_of([HEAD], 3) + rows_of([ROW], 7) + '<row r="9"/>' + rows_of([ROW], 1_048_576)
    found = read(tmp_path, sheets.book(sheet(rows)))
    assert (found.header.row, [row.number for row in found.rows]) == (3, [7, 1_048_576])


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ('<c r="D2" t="e"><v>#DIV/0!</v></c>', ["D2"]),
        ('<c r="D2"><f>1+1</f></c>', ["D2"]),
        ('<c r="D2"><f>1+1</f><v></v></c>', ["D2"]),
        ('<c r="D2" t="s"><v>99</v></c>', ["D2"]),
        ('<c r="D2" t="s"><v>-1</v></c>', ["D2"]),
        ('<c r="D2" t="b"><v>1</v></c>', ["D2"]),
        ('<c r="D2" t="d"><v>2024-03-01</v></c>', ["D2"]),
        ('<c r="D2" t="str"><f>""</f><v></v></c>', ["D2"]),
        ('<c r="D2"/>', ["D2"]),
        ('<c r="D2" t="str"><v>1,000.00</v></c>', None),
        ('<c r="D2"><f>500*2</f><v>1000</v></c>', None),
        ('<c r="D2"><v>1E3</v></c>', None),
        ('<c r="D2"><v>1000.0000000000001</v></c>', None),
        ('<c r="D2" t="inlineStr"><is><t>1000</t><rPh sb="0" eb="1"><t>9</t></rPh></is></c>', None),
    ],
)
def test_cells_of_every_kind(tmp_path: Path, cell: str, fault: list[str] | None) -> None:
    inside = "".join(inline(text, f"{sheets.letters(n)}2") for n, text in enumerate(ROW) if n != 3)
    data = sheets.book(sheet(rows_of([HEAD]) + f'<row r="2">{inside}{cell}</row>'))
    if fault is None:
        assert read(tmp_path, data).rows == [EXPECTED]
    else:
        assert faults(tmp_path, data) == fault


@pytest.mark.parametrize("column", ["资金用途", "企业代码", "合同编号", "发票号码", "其他财政支持"])
def test_an_error_in_a_text_that_is_compared_is_no_text(tmp_path: Path, column: str) -> None:
    head = ("日期", "类型", "金额", "资金用途", column) if column != "资金用途" else ("日期", "类型", "金额", column)
    letter = sheets.letters(head.index(column))
    row = "".join(inline(text, f"{'ABC'[n]}2") for n, text in enumerate(("2024-03-01", "支付", "5")))
    for cell in (f'<c r="{letter}2" t="e"><v>#N/A</v></c>', f'<c r="{letter}2"><f>VLOOKUP(A1,B:C,2)</f></c>'):
        assert faults(tmp_path, sheets.book(sheet(rows_of([head]) + f'<row r="2">{row}{cell}</row>'))) == [f"{letter}2"]


def test_prepared_rows_whose_formulas_were_never_computed_are_blank(tmp_path: Path) -> None:
    rows = rows_of([(*HEAD, "余额"), ROW]) + '<row r="3"><c r="G3"><f>D3*2</f></c></row>'
    assert len(read(tmp_path, sheets.book(sheet(rows))).rows) == 1
    rows = rows_of([HEAD, ROW]) + '<row r="3"><c r="D3"><f>D2*2</f></c></row>'
    assert faults(tmp_path, sheets.book(sheet(rows))) == ["A3", "B3", "D3"]


def test_numbers_in_columns_of_text_are_taken_as_shown(tmp_path: Path) -> None:
    head = (*HEAD[:4], "合同编号", "发票号码")
    row = "".join(inline(text, f"{sheets.letters(n)}2") for n, text in enumerate(ROW[:4]))
    row += number("20240001.0", "E2") + number("2.4312000000136635E+19", "F2")
    (found,) = read(tmp_path, sheets.book(sheet(rows_of([head]) + f'<row r="2">{row}</row>'))).rows
    assert (found.contract, found.invoices, found.invoice_lost) == ("20240001", ("24312000000136600000",), True)


def test_half_a_character_and_control_characters_in_a_workbook(tmp_path: Path) -> None:
    row = (*ROW[:5], "_xD83D_a_xD83D__xDE00__x000D__x0000__x005F_x0041_")
    (found,) = read(tmp_path, sheets.plain([HEAD, row])).rows
    assert found.contract == "�a😀\r�_x0041_"
    found.contract.encode()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (rows_of([HEAD], 2) + rows_of([ROW], 1), "is a damaged workbook: row 1 is out of order"),
        (rows_of([HEAD], 2) + rows_of([ROW], 2), "is a damaged workbook: row 2 is out of order"),
        (rows_of([HEAD]) + rows_of([ROW], 1_048_577), "has more than 1048576 rows"),
        (rows_of([HEAD]) + '<row r="x"/>', "is a damaged workbook; save it anew"),
        (rows_of([HEAD]) + '<row r="2"><c r="XFE2"><v>1</v></c></row>', "is a damaged workbook; save it anew"),
        (rows_of([HEAD]) + '<row r="2"><c r="2A"><v>1</v></c></row>', "is a damaged workbook; save it anew"),
        (
            rows_of([HEAD]) + '<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>',
            "is a damaged workbook; save it anew",
        ),
        (rows_of([HEAD]) + '<row r="2"><c r="A2"><c r="B2"/></c></row>', "is a damaged workbook; save it anew"),
        (rows_of([HEAD]) + '<row r="2"><row r="3"/></row>', "is a damaged workbook; save it anew"),
        (rows_of([HEAD]) + '<row r="2"><c r="A2"><v>1<v>2</v></v></c></row>', "is a damaged workbook; save it anew"),
        (rows_of([HEAD]) + "<row>", "is a damaged workbook; save it anew"),
        (rows_of([HEAD]) + "&what;", "is a damaged workbook; save it anew"),
    ],
)
def test_sheets_that_contradict_themselves(tmp_path: Path, rows: str, said: str) -> None:
    assert refused(tmp_path, sheets.book(sheet(rows))) == said


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"])
def test_parts_that_are_missing(tmp_path: Path, part: str) -> None:
    found = sheets.parts(sheet(rows_of([HEAD, ROW])))
    del found[part]
    assert refused(tmp_path, sheets.zipped(found)).startswith("is no XLSX workbook")


def test_other_archives_and_old_workbooks(tmp_path: Path) -> None:
    assert refused(tmp_path, sheets.zipped({"content.xml": "<a/>"})).startswith("is no XLSX workbook")
    assert refused(tmp_path, sheets.zipped({})).startswith("is no XLSX workbook")
    assert "without a password" in refused(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500))


def test_what_is_no_file(tmp_path: Path) -> None:
    for place, said in (
        (tmp_path, "is no file"),
        (tmp_path / "none.csv", "does not exist"),
        (Path("/dev/null"), "is no file"),
    ):
        with pytest.raises(Unusable) as found:
            reading.read(place, made.BOOK)
        assert found.value.words[1] == said
