"""Each cell of a spending sheet alone: what is understood, to the day and the fen, and what is refused by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marketplace.policy.books import shelf
from marketplace.policy.books.model import NO_SCALE
from marketplace.policy.engine.rows import Kind
from marketplace.policy.spending import cells, columns
from marketplace.policy.spending.cells import Broken, Number
from marketplace.policy.spending.fault import BadCell, Unusable, one_line
from tests.policy import made

AUGUST = date(2023, 8, 31)
YUAN, WAN = columns.YUAN, columns.WAN


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2023-08-31", AUGUST),
        ("2023-8-31", AUGUST),
        ("2023/8/31", AUGUST),
        ("2023/08/31", AUGUST),
        ("2023.8.31", AUGUST),
        ("2023.08.31", AUGUST),
        ("2023年8月31日", AUGUST),
        ("2023年08月31日", AUGUST),
        ("20230831", AUGUST),
        ("２０２３－０８－３１", AUGUST),
        ("　2023／8／31 ", AUGUST),
        ("2023-08-31 00:00:00", AUGUST),
        ("2023-08-31T14:30:00", AUGUST),
        ("2023-08-31T14:30:00.000Z", AUGUST),
        ("2023/8/31 9:05", AUGUST),
        ("45169", AUGUST),
        ("45169.75", AUGUST),
        (Number("45169"), AUGUST),
        (Number("45169.0"), AUGUST),
        (Number("4.5169E4"), AUGUST),
        (Number("45169.999988"), AUGUST),
        (Number("20230831"), AUGUST),
        (Number("1"), date(1900, 1, 1)),
        (Number("59"), date(1900, 2, 28)),
        (Number("61"), date(1900, 3, 1)),
        (Number("2958465"), date(9999, 12, 31)),
        ("2024-02-29", date(2024, 2, 29)),
        ("1900-01-01", date(1900, 1, 1)),
        ("9999-12-31", date(9999, 12, 31)),
    ],
)
def test_a_day_in_any_form(cell: str, day: date) -> None:
    assert cells.day(cell) == day


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (Number("0"), date(1904, 1, 1)),
        (Number("43707"), AUGUST),
        (Number("43707.5"), AUGUST),
        ("43707", AUGUST),
        (Number("2957003"), date(9999, 12, 31)),
        (Number("20230831"), AUGUST),
        ("2023-08-31", AUGUST),
    ],
)
def test_a_day_of_a_workbook_that_counts_from_1904(cell: str, day: date) -> None:
    assert cells.day(cell, since_1904=True) == day


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "昨天",
        "2023-02-29",
        "2023-13-01",
        "2023-00-10",
        "2023-08-32",
        "20230832",
        "1899-12-31",
        "0001-01-01",
        "23-08-31",
        "31-08-2023",
        "08/31/2023",
        "2023-08/31",
        "2023-8",
        "2023年8月",
        "2023",
        "202308",
        "2023-08-31 25:00",
        "2023-08-31 10:60",
        "-45169",
        "0",
        "1",
        "45169,5",
        "合计",
        "2023-08-31、2023-09-01",
        Number("0"),
        Number("0.5"),
        Number("-1"),
        Number("60"),
        Number("2958466"),
        Number("1E99"),
        Number("NaN"),
        Number(""),
    ],
)
def test_what_is_no_day(cell: str) -> None:
    with pytest.raises(BadCell):
        cells.day(cell)
    if cell not in ("0", "0.5"):
        with pytest.raises(BadCell):
            cells.day(cell, since_1904=not isinstance(cell, Number))


@given(st.dates(date(1900, 3, 1), date(9999, 12, 31)))
def test_a_serial_is_the_day_that_spreadsheets_show(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert cells.day(Number(str(serial))) == day
    if day >= date(1904, 1, 1):
        assert cells.day(Number(str(serial - cells.EPOCHS_APART)), since_1904=True) == day


@pytest.mark.parametrize(
    ("cell", "unit", "fen"),
    [
        ("1234.5", YUAN, 123450),
        ("1,234.50", YUAN, 123450),
        ("1，234.50", YUAN, 123450),
        ("¥1234.5", YUAN, 123450),
        ("￥ 1,234.5", YUAN, 123450),
        ("1234.5元", YUAN, 123450),
        ("1234.5 元", YUAN, 123450),
        ("12.3456万元", YUAN, 12345600),
        ("12.345678万元", YUAN, 12345678),
        ("１２.３４５６万元", YUAN, 12345600),
        ("0.01", YUAN, 1),
        ("0.000001万元", YUAN, 1),
        ("1234.500", YUAN, 123450),
        ("12.3450000万元", YUAN, 12345000),
        (" 1234.5 ", YUAN, 123450),
        ("1,234,567.89", YUAN, 123456789),
        ("10000000000000.00", YUAN, 10**15),
        ("12.3456", WAN, 12345600),
        ("12.3456元", WAN, None),
        ("12.34元", WAN, 1234),
        ("12.34万元", WAN, 12340000),
        (Number("1234.5"), YUAN, 123450),
        (Number("1234.5"), WAN, 1234500000),
        (Number("0.30000000000000004"), YUAN, 30),
        (Number("1.0049999999999999"), YUAN, None),
        (Number("1.00499999999999989"), WAN, 1005000),
        (Number("4.35"), YUAN, 435),
        (Number("1.15E+3"), YUAN, 115000),
        (Number("12.345600000000001"), WAN, 12345600),
        (Number("9999999999999.99"), YUAN, 999999999999999),
        (Number("1e-2"), YUAN, 1),
        ("", YUAN, None),
        ("0", YUAN, None),
        ("0.00", YUAN, None),
        ("-5", YUAN, None),
        ("+5", YUAN, None),
        ("(5.00)", YUAN, None),
        ("（5.00）", YUAN, None),
        ("1e3", YUAN, None),
        ("1E+3", YUAN, None),
        ("12,34.50", YUAN, None),
        ("1234,567", YUAN, None),
        ("1,2345", YUAN, None),
        (",123", YUAN, None),
        ("1,234,", YUAN, None),
        ("1 234.50", YUAN, None),
        ("1.234,50", YUAN, None),
        (".5", YUAN, None),
        ("5.", YUAN, None),
        ("1.2.3", YUAN, None),
        ("1234.555", YUAN, None),
        ("12.3456789万元", YUAN, None),
        ("0.001", YUAN, None),
        ("1.0000000000000000000000000000001", YUAN, None),
        ("5千元", YUAN, None),
        ("5亿元", YUAN, None),
        ("5万", YUAN, None),
        ("$5", YUAN, None),
        ("五百元", YUAN, None),
        ("٣", YUAN, None),
        ("10000000000000.01", YUAN, None),
        ("9" * 39, YUAN, None),
        ("9" * 5000, YUAN, None),
        ("TRUE", YUAN, None),
        (Number("0"), YUAN, None),
        (Number("-5"), YUAN, None),
        (Number("1E+300"), YUAN, None),
        (Number("1E+99999999999"), YUAN, None),
        (Number("Infinity"), YUAN, None),
        (Number("sNaN"), YUAN, None),
        (Number("0x10"), YUAN, None),
        (Number("1.005"), YUAN, None),
    ],
)
def test_an_amount_to_the_fen(cell: str, unit: int, fen: int | None) -> None:
    if fen is None:
        with pytest.raises(BadCell) as refused:
            cells.fen(cell, unit)
        assert all(refused.value.words) and all(len(words) < 120 for words in refused.value.words)
    else:
        assert cells.fen(cell, unit) == fen


@given(st.integers(1, 10**15), st.booleans(), st.booleans(), st.sampled_from(["", "元", "万元"]))
@example(1, False, False, "万元")
def test_every_amount_comes_back(fen: int, grouped: bool, signed: bool, unit: str) -> None:
    value = Fraction(fen, WAN if unit == "万元" else YUAN)
    whole, rest = divmod(value, 1)
    decimals = f"{int(rest * 10**6):06d}".rstrip("0")
    written = f"{'¥' if signed else ''}{f'{whole:,}' if grouped else whole}{'.' if decimals else ''}{decimals}{unit}"
    assert cells.fen(written) == fen


@given(st.integers(1, 10**13 - 1))
def test_a_number_of_a_spreadsheet_comes_back_whatever_its_last_bits(fen: int) -> None:
    # What a file holds is the nearest binary number, written with 17 digits.
    assert cells.fen(Number(f"{fen / 100:.17g}")) == fen
    assert cells.fen(Number(repr(fen / 100))) == fen


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("committed", Kind.COMMITTED),
        ("承诺", Kind.COMMITTED),
        (" Committed ", Kind.COMMITTED),
        ("ＰＡＩＤ", Kind.PAID),
        ("支付", Kind.PAID),
        ("核减", Kind.RELEASED),
        ("released", Kind.RELEASED),
        ("退回", Kind.REFUND),
        ("refund", Kind.REFUND),
    ],
)
def test_kinds(cell: str, kind: Kind) -> None:
    assert cells.kind(cell) is kind


@pytest.mark.parametrize("cell", ["", "pay", "已支付", "承诺支付", "1", Number("1")])
def test_what_is_no_kind(cell: str) -> None:
    with pytest.raises(BadCell):
        cells.kind(cell)


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("yes", True),
        ("YES", True),
        ("是", True),
        ("1", True),
        (Number("1"), True),
        (Number("1.0"), True),
        ("TRUE", True),
        ("", False),
        ("  ", False),
        ("no", False),
        ("否", False),
        ("0", False),
        (Number("0"), False),
        ("FALSE", False),
        ("ｎｏ", False),
        ("2", None),
        ("y", None),
        ("√", None),
        ("无", None),
        ("是的", None),
    ],
)
def test_key_links(cell: str, answer: bool | None) -> None:
    if answer is None:
        with pytest.raises(BadCell):
            cells.yes(cell)
    else:
        assert cells.yes(cell) is answer


@pytest.mark.parametrize(
    ("book", "cell", "rank"),
    [
        ("jiangxi-2023", "L6", 6),
        ("jiangxi-2023", "l10", 10),
        ("jiangxi-2023", "Ｌ７", 7),
        ("jiangxi-2023", "6", 6),
        ("jiangxi-2023", Number("6"), 6),
        ("jiangxi-2023", Number("10"), 10),
        ("jiangxi-2023", " L1 ", 1),
        ("jiangxi-2023", "", None),
        ("jiangxi-2023", "L0", "refused"),
        ("jiangxi-2023", "L11", "refused"),
        ("jiangxi-2023", "6.5", "refused"),
        ("jiangxi-2023", Number("6.5"), "refused"),
        ("jiangxi-2023", "-6", "refused"),
        ("jiangxi-2023", "二级", "refused"),
        ("jiangxi-2023", "无", "refused"),
        ("national-2023", "一级", 1),
        ("national-2023", "四级", 4),
        ("national-2023", "2", 2),
        ("national-2023", Number("3"), 3),
        ("national-2023", "五级", "refused"),
        ("national-2023", "L2", "refused"),
        ("national-2023", "5", "refused"),
    ],
)
def test_levels_on_the_scale_of_the_book(book: str, cell: str, rank: int | str | None) -> None:
    if rank == "refused":
        with pytest.raises(BadCell):
            cells.level(cell, shelf.load(book))
    else:
        assert cells.level(cell, shelf.load(book)) == rank


def test_a_book_without_a_scale_reads_over_levels() -> None:
    assert cells.level("银牌", replace(made.BOOK, level_scale=NO_SCALE)) is None


NEW = "24312000000136634917"


@pytest.mark.parametrize(
    ("cell", "numbers", "lost"),
    [
        ("", (), False),
        ("  ", (), False),
        (NEW, (NEW,), False),
        (f" {NEW}\t", (NEW,), False),
        (f"{NEW}、12345678", (NEW, "12345678"), False),
        ("1,2;3、4\n5\r\n6，7；8､9", tuple("123456789"), False),
        ("1、、2,", ("1", "2"), False),
        ("发票 12", ("发票 12",), False),
        (Number("12345678"), ("12345678",), False),
        (Number("1.2345678E7"), ("12345678",), False),
        (Number("123456789012345"), ("123456789012345",), False),
        (Number("1234567890123456"), ("1234567890123460",), True),
        (Number("24312000000136634917"), ("24312000000136600000",), True),
        (Number("2.4312000000136635E+19"), ("24312000000136600000",), True),
        (Number("1E+40"), ("1E+40",), True),
        (Number("-24312000000136634917"), ("-24312000000136600000",), True),
        ("2.4312E+19", ("2.4312E+19",), True),
        ("2.4312E+19、12345678", ("2.4312E+19", "12345678"), False),
    ],
)
def test_invoice_numbers(cell: str, numbers: tuple[str, ...], lost: bool) -> None:
    assert cells.invoices(cell) == (numbers, lost)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("5", "5"),
        ("5.0", "5"),
        ("-0.50", "-0.5"),
        ("0.1", "0.1"),
        ("0.30000000000000004", "0.3"),
        ("1E3", "1000"),
        ("1.5e-3", "0.0015"),
        ("123456789012345678", "123456789012346000"),
        ("1E400", "1E400"),
        ("text", "text"),
    ],
)
def test_a_number_is_taken_as_it_is_shown(number: str, shown: str) -> None:
    assert cells.shown(Number(number)) == shown


def test_texts_are_trimmed_and_numbers_shown() -> None:
    assert cells.text("　HT-1 \n") == "HT-1"
    assert cells.text(Number("2024001.0")) == "2024001"
    assert cells.text(Broken("#N/A")) == "#N/A"


@pytest.mark.parametrize(
    ("text", "code", "unit"),
    [
        ("日期", "date", None),
        ("date", "date", None),
        (" Date ", "date", None),
        ("日 期", "date", None),
        ("资金\n用途", "category", None),
        ("ＫＥＹ_ＬＩＮＫ", "key_link", None),
        ("金额", "amount", None),
        ("金额(万元)", "amount", WAN),
        ("金额（万元）", "amount", WAN),
        ("金额（单位：万元）", "amount", WAN),
        ("金额【元】", "amount", YUAN),
        ("金额/万元", "amount", WAN),
        ("金额 万元", "amount", WAN),
        ("金额（人民币 万元）", "amount", WAN),
        ("amount (yuan)", "amount", YUAN),
        ("合同金额(万元)", "total", WAN),
        ("total", "total", None),
        ("改造后水平", "level", None),
        ("验收日期", "accepted", None),
    ],
)
def test_header_cells(text: str, code: str, unit: int | None) -> None:
    found = columns.SPENDING.named(text)
    assert found is not None
    assert (found[0].code, found[1]) == (code, unit)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "备注",
        "金额(千元)",
        "金额(亿元)",
        "金额(美元)",
        "日期(万元)",
        "支付金额",
        "金额(万元)合计",
        "金额" + " (" * 90_000,
    ],
)
def test_header_cells_that_nobody_knows(text: str) -> None:
    assert columns.SPENDING.named(text) is None


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("单位:万元", WAN),
        ("单位：万元", WAN),
        ("金额单位: 人民币万元", WAN),
        ("金额单位：人民币 万元", WAN),
        ("填报单位：某市工信局 单位：万元", WAN),
        ("（单位：元）", YUAN),
        ("单位： 万元", WAN),
        ("单位:万元 2024年3月", WAN),
        ("单位：元氏县工信局", None),
        ("单位：万元村合作社", None),
        ("某开发区支出明细", None),
        ("单位：", None),
    ],
)
def test_title_rows(text: str, unit: int | None) -> None:
    assert columns.title_unit(text) == unit


@pytest.mark.parametrize("text", ["单位：千元", "单位:亿元", "单位：万", "金额单位：百万元", "单位：美元", "单位:角"])
def test_a_title_row_with_a_unit_that_we_do_not_compute_in_stops(text: str) -> None:
    with pytest.raises(Unusable):
        columns.title_unit(text)


@pytest.mark.parametrize(
    ("place", "row", "name"),
    [
        (0, 1, "A1"),
        (2, 7, "C7"),
        (25, 2, "Z2"),
        (26, 2, "AA2"),
        (701, 2, "ZZ2"),
        (702, 2, "AAA2"),
        (16383, 1048576, "XFD1048576"),
    ],
)
def test_names_of_cells(place: int, row: int, name: str) -> None:
    assert columns.cell_name(place, row) == name


@pytest.mark.parametrize(
    ("cell", "sums"),
    [("合计", True), (" 小 计 ", True), ("总计", True), ("合计:", False), ("本页小计", False), ("", False)],
)
def test_names_of_sums(cell: str, sums: bool) -> None:
    assert cells.is_sum(cell) is sums


def test_a_value_that_comes_again_is_understood_once_and_a_number_is_no_text() -> None:
    asked: list[str] = []

    def read(cell: str) -> object:
        asked.append(cell)
        return type(cell)

    reading = cells.remembering(read)
    assert [reading("1"), reading(Number("1")), reading("1"), reading(Number("1"))] == [str, Number, str, Number]
    assert asked == ["1", "1"]


def test_a_line_for_a_terminal_holds_one_line() -> None:
    assert one_line("金额（万元）") == "金额（万元）"
    assert one_line("a\n b\x1b[2J\u202e\u2028c") == "a b�[2J� c"
