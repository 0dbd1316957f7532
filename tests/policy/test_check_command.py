"""`marketplace check` as people and programs call it: five forms of one answer, three exit codes, nothing half-written."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from click.testing import CliRunner, Result

from marketplace.cli import cli
from marketplace.policy.books import shelf
from marketplace.policy.spending.columns import COLUMNS
from tests.policy import made, sheets
from tests.policy.sheets import HEAD, ROW, rows_of, sheet
from tests.support import child

PASSING = sheets.PILOT.replace("10000000.00", "1000.00").replace("5000000.00", "500.00")
GOOD = [HEAD, ROW]
WARNED = [(*HEAD, "服务商代码"), (*ROW, "没有代码")]
FAILED = [HEAD, ROW, ("2024-03-02", "支付", "楼堂馆所", "5", "", "HT-2")]
BAD = [HEAD, ("昨天", "付", "x", "1e3", "", "")]
FORMS = ("text", "json", "html", "xlsx", "pdf")


class Desk:
    """A folder with a sheet and a pilot, and the command at hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pilot = self.put("PILOT.toml", PASSING)
        self.sheet = self.put("sheet.csv", sheets.text(GOOD))

    def put(self, name: str, data: str | bytes) -> Path:
        return sheets.written(self.folder / name, data.encode() if isinstance(data, str) else data)

    def table(self, table: Any) -> Path:
        return self.put("sheet.csv", sheets.text(table))

    def __call__(self, *words: Any, book: str = "jiangxi-2023") -> Result:
        given = ["check", self.sheet, "--book", book, "--pilot", self.pilot, *words]
        return CliRunner().invoke(cli, [str(word) for word in given])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def stopped(answer: Result) -> list[str]:
    """The lines on stderr of a call that could do nothing."""
    assert (answer.exit_code, answer.stdout_bytes) == (2, b""), answer.output
    return answer.stderr.splitlines()


# ---------------------------------------------------------------- exit codes, stdout, stderr, -o


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("table", "code"), [(GOOD, 0), (WARNED, 0), (FAILED, 1), (BAD, 2)])
def test_every_form_and_every_end(desk: Desk, form: str, table: Any, code: int) -> None:
    desk.table(table)
    answer, out = desk("--format", form), desk.folder / "answer"
    beside = desk("--format", form, "-o", out)
    assert (answer.exit_code, beside.exit_code) == (code, code)
    assert beside.stdout_bytes == b""
    if code == 2:
        assert answer.stdout_bytes == b""
        assert [line.split()[0] for line in answer.stderr.splitlines()] == ["A2", "B2", "D2"]
        assert answer.stderr == beside.stderr
        assert sorted(desk.folder.iterdir()) == [desk.pilot, desk.sheet]
    else:
        assert answer.stderr == beside.stderr == ""
        assert sorted(desk.folder.iterdir()) == [desk.pilot, out, desk.sheet]
        begins = {"html": b"<!doctype html>", "xlsx": b"PK", "pdf": b"%PDF", "json": b"{\n", "text": "结论".encode()}[
            form
        ]
        assert answer.stdout_bytes.startswith(begins)
        assert out.read_bytes().startswith(begins)
        if form not in ("xlsx", "pdf"):
            assert out.read_bytes() == answer.stdout_bytes


def test_in_a_process_of_its_own(desk: Desk) -> None:
    for table, code in ((GOOD, 0), (FAILED, 1), (BAD, 2)):
        desk.table(table)
        done = child.run("check", desk.sheet, "--book", "jiangxi-2023", "--pilot", desk.pilot, "--format", "json")
        assert done.code == code
        if code == 2:
            assert done.out == b"" and len(done.err.splitlines()) == 3
        else:
            assert json.loads(done.out)["verdict"] == ("fail" if code else "pass") and done.err == ""


def test_a_call_that_cannot_be_used_leaves_what_was_there(desk: Desk) -> None:
    out = desk.put("answer.json", "{}")
    desk.table(BAD)
    assert len(stopped(desk("--format", "json", "-o", out))) == 3
    assert out.read_text() == "{}"


def test_an_answer_replaces_an_older_one_and_keeps_its_rights(desk: Desk) -> None:
    out = desk.put("answer.json", "{}")
    out.chmod(0o640)
    link = desk.folder / "link.json"
    link.symlink_to(out)
    assert desk("--format", "json", "-o", link).exit_code == 0
    assert json.loads(out.read_text())["verdict"] == "pass"
    assert link.is_symlink() and stat.S_IMODE(out.stat().st_mode) == 0o640
    assert len(list(desk.folder.iterdir())) == 4


def test_a_pipe_and_a_device_are_written_to_and_never_replaced(desk: Desk) -> None:
    pipe = desk.folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert desk("--format", "json", "-o", pipe).exit_code == 0
        assert json.loads(os.read(reader, 1 << 16))["verdict"] == "pass"
    finally:
        os.close(reader)
    assert desk("-o", "/dev/null").exit_code == 0
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode) and stat.S_ISFIFO(pipe.stat().st_mode)


def test_an_answer_never_replaces_what_it_was_made_from(desk: Desk) -> None:
    before = desk.sheet.read_bytes()
    (desk.folder / "link").symlink_to(desk.sheet)
    for name in ("sheet.csv", "PILOT.toml", "link"):
        (line,) = stopped(desk("-o", desk.folder / name))
        assert line.endswith("would be overwritten")
    assert desk.sheet.read_bytes() == before


@pytest.mark.parametrize("place", ["none/answer", "sheet.csv/answer"])
def test_a_place_that_cannot_be_written(desk: Desk, place: str) -> None:
    (line,) = stopped(desk("-o", desk.folder / place))
    assert place in line


def test_a_reader_who_has_seen_enough(desk: Desk) -> None:
    command = f'{child.COMMAND[0]} -m marketplace.cli check "$0" --book jiangxi-2023 --pilot "$1" | head -c 1'
    done = child.run("-c", command, desk.sheet, desk.pilot, command=["/bin/sh"])
    assert (done.code, done.err) == (0, "")


# ---------------------------------------------------------------- what cannot be used


def test_more_faults_than_are_shown(desk: Desk) -> None:
    desk.table([HEAD, *[BAD[1]] * 30])
    lines = stopped(desk("--format", "json"))
    assert lines[:4] == [
        "A2 日期: “昨天”不是有效日期，请填写如 2024-03-01",
        "B2 类型: “付”不是类型，可用：承诺、核减、支付、退回",
        "D2 金额: “1e3”不是有效金额，请填写如 1234.50",
        "A3 日期: “昨天”不是有效日期，请填写如 2024-03-01",
    ]
    assert lines[20:] == ["… and 70 more（另有 70 处）"]
    assert stopped(desk("--language", "en"))[20:] == ["… and 70 more"]
    desk.table([HEAD, *[("昨天", *ROW[1:])] * 20])
    assert len(stopped(desk())) == 20


@pytest.mark.parametrize(
    ("line", "key"),
    [(None, key) for key in ("name", "type", "class", "award", "received", "batch", "approved_on", "as_of")]
    + [
        ("award = 10000000.0", "award"),
        ("award = 1e7", "award"),
        ("received = 0.1", "received"),
        ("award = true", "award"),
        ('award = "-1"', "award"),
        ('award = "1.234"', "award"),
        ('class = "county_1"', "class"),
        ('class = ""', "class"),
        ('class = "two\\nlines"', "class"),
        ('type = "city"', "type"),
        ("type = 5", "type"),
        ("name = 5", "name"),
        ('as_of = "2024-06-31"', "as_of"),
        ("as_of = 2024-06-30T00:00:00", "as_of"),
        ("as_of = 20240630", "as_of"),
        ("batch = 2023.0", "batch"),
        ('batch = "2024"', "year1_end"),
        ('batch = "2023"\nyear1_end = "2024-10-30"', "year1_end"),
        ('batch = "2023"\nyear2_end = 2025-10-30', "year2_end"),
        ('batch = "2030"\nyear1_end = "2031-10-31"\nyear2_end = "2031-10-31"', "year2_end"),
        ('batch = "2030"\nyear1_end = 2031.5\nyear2_end = "2031-10-31"', "year1_end"),
    ],
)
def test_a_pilot_that_cannot_be_used(desk: Desk, line: str | None, key: str) -> None:
    name = line.partition(" =")[0] if line else key
    kept = [one for one in PASSING.splitlines() if not one.startswith(f"{name} =")]
    desk.put("PILOT.toml", "\n".join([*kept, line or ""]))
    (said,) = stopped(desk("--format", "json"))
    assert said.startswith(f"PILOT.toml: {key}: ")


@pytest.mark.parametrize(
    "data", [b"name = ", b"\xff\xfe", b"name = 'a'\nname = 'b'", b"[" * 5000, b"x = 1\n" * 400_000, b"\x00"]
)
def test_a_pilot_that_is_no_toml(desk: Desk, data: bytes) -> None:
    desk.put("PILOT.toml", data)
    (said,) = stopped(desk("--language", "en"))
    assert said.startswith("PILOT.toml: is ")
    assert stopped(desk())[0].startswith(("PILOT.toml: 不是 TOML", "PILOT.toml: 大于"))


def test_days_of_a_pilot_may_be_days_and_numbers_texts(desk: Desk) -> None:
    text = PASSING.replace('"2023-11-01"', "2023-11-01").replace('batch = "2023"', "batch = 2023")
    desk.put("PILOT.toml", "\ufeff" + text.replace('"1000.00"', '"１,000"').replace('"500.00"', "500"))
    pilot = json.loads(desk("--format", "json").stdout)["pilot"]
    assert pilot == {
        "name": "示范开发区", "type": "zone", "class": "national_zone", "award": "1000.00", "received": "500.00",
        "batch": "2023", "approved_on": "2023-11-01", "as_of": "2024-06-30", "year1_end": "2024-10-31",
        "year2_end": "2025-10-31",
    }  # fmt: skip


@pytest.mark.parametrize("book", ["nowhere", "", "../jiangxi-2023", "jiangxi-2023@9.9.9", "/none/x.toml", "two\nlines"])
def test_a_book_that_is_not_there(desk: Desk, book: str) -> None:
    (said,) = stopped(desk(book=book))
    assert said.startswith("--book: no rule book")
    assert "jiangxi-2023" in said


def test_a_draft_of_a_book_and_an_older_version(desk: Desk) -> None:
    draft = desk.put("own.toml", 'extends = "jiangxi-2023"\ncode = "own"\nversion = "0.1"\n')
    answer = json.loads(desk("--format", "json", book=str(draft)).stdout)
    assert (answer["book"], answer["book_version"]) == ("own", "0.1")
    assert json.loads(desk("--format", "json", book="jiangxi-2023@1.0.0").stdout)["book_version"] == "1.0.0"
    desk.put("own.toml", 'extends = "jiangxi-2023"\ncode = "own"\nversion = 5\n')
    (said,) = stopped(desk(book=str(draft)))
    assert said.startswith("--book: own.toml: line 3: version ")


def test_calls_with_something_missing(desk: Desk) -> None:
    for words, said in (
        ([], "missing: FILE, --book, --pilot"),
        ([str(desk.sheet)], "missing: --book, --pilot"),
        ([str(desk.sheet), "--book", "jiangxi-2023"], "missing: --pilot"),
    ):
        assert stopped(CliRunner().invoke(cli, ["check", *words])) == [said]
    for words in (["--format", "doc"], ["--language", "fr"], ["--what"]):
        assert CliRunner().invoke(cli, ["check", str(desk.sheet), *words]).exit_code == 2
    assert CliRunner().invoke(cli, ["check", "--help"]).exit_code == 0


def test_files_that_are_not_there(desk: Desk) -> None:
    desk.pilot.unlink()
    assert stopped(desk()) == ["PILOT.toml: No such file or directory"]
    desk.put("PILOT.toml", PASSING)
    desk.sheet.unlink()
    assert stopped(desk("--language", "en")) == ["sheet.csv: does not exist"]


def test_a_sheet_of_a_text(desk: Desk) -> None:
    assert stopped(desk("--sheet", "x")) == ["sheet.csv: 文本文件没有工作表，请去掉 --sheet"]


# ---------------------------------------------------------------- the answer

KEYS = {"book", "book_version", "pilot", "as_of", "verdict", "totals", "checks", "findings"}
CHECK = {"code", "clause", "base", "amount", "limit", "actual", "limit_share", "actual_share", "status", "message"}
MONEY = r"-?\d+\.\d\d"


def test_json_omits_nothing(desk: Desk) -> None:
    for table in ([HEAD], GOOD, FAILED):
        desk.table(table)
        text = desk("--format", "json").stdout
        answer = json.loads(text)
        assert text == json.dumps(answer, ensure_ascii=False, indent=2) + "\n"
        assert set(answer) == KEYS
        assert set(answer["totals"]) == {
            "award", "received", "arranged", "paid", "refunded", "renovation", "other", "by_category", "enterprises",
            "rows", "skipped_rows",
        }  # fmt: skip
        assert list(answer["totals"]["by_category"])[:5] == ["renovation", "platform", "saas", "network", "training"]
        assert [(check["code"], check["base"]) for check in answer["checks"]] == [
            ("award.cap", None), ("received.tranche", None), ("committed.total", None), ("paid.total", None),
            *[("share.renovation.floor", base) for base in ("award", "received", "committed", "paid")],
            *[("share.other.ceiling", base) for base in ("award", "received", "committed", "paid")],
            ("targets.enterprises", None), ("targets.key_link_share", None), ("targets.levels", None),
        ]  # fmt: skip
        assert all(set(check) == CHECK for check in answer["checks"])
        assert all(set(found) == {"row", "code", "severity", "clause", "message"} for found in answer["findings"])


def test_the_numbers_of_one_answer(desk: Desk) -> None:
    desk.table(
        [
            ("日期", "类型", "资金用途", "金额", "企业代码", "合同编号", "关键环节", "改造后水平", "验收日期"),
            ("2024-03-01", "承诺", "企业数字化改造", "700", made.GOOD[0], "A", "是", "L7", "2024-05-01"),
            ("2024-05-02", "支付", "renovation", "300", made.GOOD[0], "A", "", "", ""),
            ("2024-05-03", "退回", "renovation", "100.01", made.GOOD[0], "A", "", "", ""),
            ("2024-03-02", "承诺", "平台建设", "50", "", "B", "", "", ""),
            ("合计", "", "", "1150.01", "", "", "", "", ""),
        ]
    )
    answer = json.loads(desk("--format", "json").stdout)
    assert answer["verdict"] == "pass" and answer["findings"] == []
    totals = answer["totals"]
    assert (totals["arranged"], totals["paid"], totals["refunded"]) == ("750.00", "199.99", "100.01")
    assert (totals["renovation"], totals["other"]) == (
        {"arranged": "700.00", "paid": "199.99"},
        {"arranged": "50.00", "paid": "0.00"},
    )
    assert totals["by_category"]["platform"] == {"arranged": "50.00", "paid": "0.00"}
    assert totals["enterprises"] == {"selected": 1, "renovated": 1, "key_link": 1}
    assert (totals["rows"], totals["skipped_rows"]) == (4, 1)
    by = {(check["code"], check["base"]): check for check in answer["checks"]}
    floor = by["share.renovation.floor", "received"]
    assert {key: floor[key] for key in ("amount", "limit", "actual", "limit_share", "actual_share", "status")} == {
        "amount": "500.00", "limit": "350.00", "actual": "199.99", "limit_share": "0.7000", "actual_share": "0.3999",
        "status": "open",
    }  # fmt: skip
    key_links = by["targets.key_link_share", None]
    assert (key_links["limit"], key_links["actual"], key_links["limit_share"], key_links["actual_share"]) == (
        1,
        1,
        "0.1000",
        "1.0000",
    )
    assert by["targets.enterprises", None]["limit"] == 40


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_in_english(desk: Desk, form: str) -> None:
    desk.table(FAILED)
    answer = desk("--format", form, "--language", "en").stdout
    words = {"text": "Verdict: not met", "json": "The fund must not be used for 楼堂馆所.", "html": '<html lang="en">'}
    assert words[form] in answer
    assert "检查" not in answer


def test_control_characters_stay_out_of_the_terminal(desk: Desk) -> None:
    desk.table([HEAD, ("2024-03-01", "承诺", "\x1b[2J\n\u202e用途", "5", "", "")])
    answer = desk()
    assert answer.exit_code == 1
    assert not [character for character in answer.stdout if not character.isprintable() and character != "\n"]
    desk.table([HEAD, ("\x1b[2J", "承诺", "x", "5", "", "")])
    assert "\x1b" not in desk().stderr


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "srcset", "action")]
        self.scripts += tag in ("script", "link", "iframe") or any(name.startswith("on") for name, _ in attrs)


def test_the_page_needs_nothing_else_and_reads_nothing_as_markup(desk: Desk) -> None:
    desk.table([HEAD, ("2024-03-01", "承诺", "<script>alert(1)</script>", "5", "", "{{ 7*7 }}")])
    text = desk("--format", "html").stdout
    page = _Page()
    page.feed(text)
    assert (page.links, page.scripts) == ([], 0)
    assert "&lt;script&gt;" in text and "@import" not in text and "url(" not in text


def many(count: int) -> list[tuple[str, ...]]:
    return [HEAD, *[("2024-03-01", "承诺", f"用途{n}", "5", "", f"HT-{n}") for n in range(count)]]


def test_large_answers_show_the_first_thousand_and_count_the_rest(desk: Desk) -> None:
    desk.table(many(1_200))
    page = desk("--format", "html").stdout
    assert page.count('<span class="tag tag-fail">') == 1_000 + 3  # verdict, findings, and two checks
    assert "category.unknown × 200" in page
    assert len(json.loads(desk("--format", "json").stdout)["findings"]) == 1_200
    assert desk().stdout.count("category.unknown") == 1_200
    found = workbook(desk("--format", "xlsx").stdout_bytes)["逐行问题"]
    assert len(found) == 1 + 1_000 + 1
    assert found[-1][2:4] == ["category.unknown", "另有 200 处未列出："]
    assert desk("--format", "pdf").stdout_bytes.startswith(b"%PDF")


def workbook(data: bytes) -> dict[str, list[list[Any]]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def test_the_workbook_keeps_the_sheet_and_writes_beside_it(desk: Desk) -> None:
    table = [
        ("某开发区", "", "", "", "", "", "单位：元"),
        (),
        ("编号", *HEAD, "备注", "签订日期"),
        ("001", *ROW, "=1+1", "2024/3/1", "表外"),
        (),
        ("002", "2024-03-02", "支付", "楼堂馆所", "5", "", "HT-2", "@x", ""),
        ("合计", "", "", "", "1005"),
    ]
    desk.table(table)
    rows = workbook(desk("--format", "xlsx").stdout_bytes)["明细"]
    assert rows[0][0] == "某开发区" and rows[0][6] == "单位：元"
    assert rows[2][:9] == [*table[2]]
    assert rows[2][10:] == ["结果", "逐行问题"]
    assert (rows[3][0], rows[3][7], rows[3][8], rows[3][9]) == ("001", "=1+1", "2024/3/1", "表外")
    assert str(rows[3][1]) == "2024-03-01"
    assert rows[3][10:] == ["", ""]
    assert rows[5][10] == "不符合" and "楼堂馆所" in rows[5][11]
    assert rows[6][:5] == ["合计", "", "", "", "1005"]


def test_on_paper_the_heads_of_the_workbook_come_again_on_every_page(desk: Desk) -> None:
    desk.table([("某开发区",), HEAD, ROW])
    with zipfile.ZipFile(io.BytesIO(desk("--format", "xlsx").stdout_bytes)) as book:
        names = re.findall(r"<definedName[^>]*Print_Titles[^>]*>([^<]*)<", book.read("xl/workbook.xml").decode())
        pages = [book.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (2, 3, 4)]
    assert [name.rpartition("!")[2] for name in names] == ["$1:$2", "$1:$1", "$1:$1"]  # by the names of the sheets
    assert all('fitToHeight="0"' in page and "第 &amp;P 页，共 &amp;N 页" in page for page in pages)


def test_tables_of_the_page_can_be_reached_by_keyboard_and_every_code_is_shown(desk: Desk) -> None:
    desk.table(FAILED)
    text, answer = desk("--format", "html").stdout, json.loads(desk("--format", "json").stdout)
    regions = re.findall(r'<div class="wide" role="region" tabindex="0" aria-labelledby="(\w+)">', text)
    assert len(regions) == text.count('class="wide"') == 3
    assert all(f'id="{name}"' in text for name in regions)
    assert all(f"<code>{one['code']}</code>" in text for one in [*answer["checks"], *answer["findings"]])


def test_the_workbook_keeps_numbers_and_days_of_columns_that_no_rule_knows(desk: Desk) -> None:
    styles = (
        f'<?xml version="1.0"?><styleSheet xmlns="{sheets.MAIN}"><numFmts><numFmt numFmtId="170" formatCode="0.00&quot;day&quot;"/>'
        '</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="170"/></cellXfs></styleSheet>'
    )
    extra = (
        '<c r="G2" s="1"><v>43890</v></c><c r="H2" s="2"><v>43890.5</v></c><c r="I2" s="3"><v>12.5</v></c>'
        '<c r="J2"><v>12345678901234567890</v></c><c r="K2" t="e"><v>#N/A</v></c><c r="L2" t="b"><v>1</v></c>'
    )
    head = (*HEAD, "甲", "乙", "丙", "丁", "戊", "己")
    row = rows_of([("43890", *ROW[1:])], 2).replace(
        't="inlineStr"><is><t xml:space="preserve">43890</t></is>', "><v>43890</v>"
    )
    data = sheets.book(
        sheet(rows_of([head]) + row.replace("</row>", extra + "</row>")),
        styles=styles,
        properties='<workbookPr date1904="1"/>',
    )
    desk.sheet.write_bytes(data)
    answer = desk("--format", "xlsx")
    assert answer.exit_code == 0, answer.output
    cells = workbook(answer.stdout_bytes)["明细"][1]
    assert [str(cell) for cell in cells[6:12]] == [
        "2024-03-01", "2024-03-01 12:00:00", "12.5", "12345678901234600000", "#N/A", "TRUE",
    ]  # fmt: skip
    assert str(cells[0]) == "2024-03-01"


def test_amounts_of_the_workbook_are_exact(desk: Desk) -> None:
    desk.put("PILOT.toml", PASSING.replace("1000.00", "9999999999999.99"))
    desk.table([HEAD, (*ROW[:3], "9999999999999.99", *ROW[4:])])
    with zipfile.ZipFile(io.BytesIO(desk("--format", "xlsx").stdout_bytes)) as archive:
        checks = archive.read("xl/worksheets/sheet2.xml").decode()
        overview = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<v>9999999999999.99</v>" in checks
    assert "<v>9999999999999.99</v>" in overview


def test_a_text_longer_than_a_cell_is_cut_and_kept(desk: Desk) -> None:
    numbers = "、".join(f"X{n:06d}" for n in range(8_000))
    desk.table([(*HEAD, "发票号码", "备注"), (*ROW, numbers, "长" * 40_000)])
    rows = workbook(desk("--format", "xlsx").stdout_bytes)["明细"]
    assert [len(str(cell)) for cell in rows[1][6:10] if len(str(cell)) > 100] == [32_767] * 3


# ---------------------------------------------------------------- the template


@pytest.mark.parametrize("code", ["jiangxi-2023", "national-2023", "nanchang-2024"])
def test_the_template_filled_in_is_accepted(desk: Desk, code: str) -> None:
    empty = desk.folder / "template.xlsx"
    made_ = CliRunner().invoke(cli, ["check", "--template", str(empty), "--book", code])
    assert (made_.exit_code, made_.stderr) == (0, "")
    data = empty.read_bytes()
    pages = workbook(data)
    assert list(pages) == ["支出明细", "填写说明", "资金用途", "试点信息"]
    assert pages["支出明细"] == [[column.zh for column in COLUMNS]]
    book = shelf.load(code)
    known = {str(row[1]) for row in pages["资金用途"][1:]}
    assert known >= {category for kind in book.types.values() for category in kind.categories}
    lines = [str(row[0]) for row in pages["试点信息"] if row and " = " in str(row[0])]
    desk.put("PILOT.toml", "\n".join(lines))
    desk.sheet.write_bytes(data)
    answer = desk("--format", "json", book=code)
    assert answer.exit_code == 0, answer.stderr
    assert json.loads(answer.stdout)["totals"]["rows"] == 0
    desk.sheet.write_bytes(filled(data, [column.example for column in COLUMNS], book.level_scale.levels[-1]))
    answer = desk("--format", "json", book=code)
    assert answer.exit_code in (0, 1), answer.stderr
    totals = json.loads(answer.stdout)["totals"]
    assert (totals["rows"], totals["arranged"], totals["enterprises"]["selected"]) == (1, "300000.00", 1)


def filled(template: bytes, examples: list[str], level: str) -> bytes:
    """The template with its own examples in the second row, and the level of the book."""
    place = [column.code for column in COLUMNS].index("level")
    examples[place] = level
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(template)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = part.replace(b"</sheetData>", rows_of([examples], 2).encode() + b"</sheetData>")
            new.writestr(name, part)
    return out.getvalue()


def test_the_template_never_replaces_a_sheet(desk: Desk) -> None:
    before = desk.sheet.read_bytes()
    (said,) = stopped(CliRunner().invoke(cli, ["check", "--template", str(desk.sheet)]))
    assert said.endswith("File exists")
    assert desk.sheet.read_bytes() == before


def test_the_template_asks_for_texts_where_digits_would_be_lost(desk: Desk) -> None:
    place = desk.folder / "template.xlsx"
    CliRunner().invoke(cli, ["check", "--template", str(place)])
    with zipfile.ZipFile(place) as archive:
        page, styles = (archive.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "styles"))
    formats = styles.partition("<cellXfs")[2].split("<xf ")[1:]
    texts = {str(n) for n, form in enumerate(formats) if form.startswith('numFmtId="49"')}
    kept = set()
    for first, last, style in re.findall(r'<col min="(\d+)" max="(\d+)"[^>]* style="(\d+)"', page):
        if style in texts:
            kept |= {column.code for column in COLUMNS[int(first) - 1 : int(last)]}
    assert kept == {"enterprise", "provider", "contract", "invoice", "other_support", "level"}
