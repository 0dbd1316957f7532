"""Whatever is on a sheet and however it is written, `marketplace check` says what a second reading of the rules says."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.policy.spending.command import check
from tests.policy import oracle, sheets
from tests.policy.test_oracle import pilots, rows

NAMES = {
    "date": "日期", "kind": "类型", "category": "资金用途", "amount": "金额", "enterprise": "企业代码",
    "provider": "服务商代码", "contract": "合同编号", "invoice": "发票号码", "other_support": "其他财政支持",
    "key_link": "关键环节", "level": "改造后水平", "accepted": "验收日期", "total": "合同金额",
}  # fmt: skip
KINDS = {"committed": "承诺", "released": "核减", "paid": "支付", "refund": "退回"}
DAYS = (
    "{0:%Y-%m-%d}",
    "{0.year}/{0.month}/{0.day}",
    "{0.year}.{0.month}.{0.day}",
    "{0.year}年{0.month}月{0.day}日",
    "{0:%Y%m%d}",
)
FORMS = ("utf-8", "utf-8-sig", "gb18030", "xlsx")
EPOCH = date(1899, 12, 30)

Cell = str | int | Fraction
Sheet = list[dict[str, Any]]


def in_yuan(fen: int, unit: int = 100) -> str:
    whole, rest = divmod(fen, unit)
    decimals = str(rest + unit)[1:].rstrip("0")
    return f"{whole}.{decimals}" if decimals else str(whole)


class Writer:
    """Writes one sheet in one of the many ways that mean the same."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.form = draw(st.sampled_from(FORMS))
        self.unit = draw(st.sampled_from(["", "", "元", "万元"]))

    def one_of(self, *values: Any) -> Any:
        return self.draw(st.sampled_from(values))

    def day(self, day: date | None) -> str | Fraction:
        if day is None:
            return self.one_of("", " ")
        if self.one_of(True, False):
            serial = (day - EPOCH).days
            return Fraction(serial) if self.form == "xlsx" else str(serial)
        return str(self.one_of(*DAYS)).format(day)

    def amount(self, fen: int) -> str | Fraction:
        header = 1_000_000 if self.unit == "万元" else 100
        plain = in_yuan(fen, header)
        if self.form == "xlsx" and self.one_of(True, False):
            return Fraction(fen, header)
        yuan = in_yuan(fen)
        whole, dot, decimals = yuan.partition(".")
        grouped = f"{int(whole):,}{dot}{decimals}"
        return str(
            self.one_of(plain, f"{yuan}元", f"¥{grouped}元", f"{in_yuan(fen, 1_000_000)}万元", f" {grouped} 元 ")
        )

    def cells(self, row: dict[str, Any]) -> dict[str, str | Fraction]:
        level = row["level"]
        return {
            "date": self.day(row["day"]),
            "kind": self.one_of(row["kind"], KINDS[row["kind"]], row["kind"].upper()),
            "category": row["category"],
            "amount": self.amount(row["amount"]),
            "enterprise": row["enterprise"],
            "provider": row["provider"],
            "contract": row["contract"],
            "invoice": self.one_of("、", ",", ";", "\n", "；").join(row["invoices"]),
            "other_support": row["other_support"],
            "key_link": self.one_of("是", "yes", "1") if row["key_link"] else self.one_of("", "否", "no", "0"),
            "level": "" if level is None else self.one_of(f"L{level}", f"l{level}", str(level)),
            "accepted": self.day(row["accepted"]),
            "total": "" if row["total"] is None else self.amount(row["total"]),
        }

    def table(self, rows: Sheet) -> list[list[str | Fraction]]:
        """The lines of the sheet; each row is told its number."""
        columns = self.draw(st.permutations([*NAMES, "备注", "note"]))
        heads = [self.one_of(name, NAMES.get(name, name), name.upper()) for name in columns]
        if self.unit:
            heads = [
                f"{head}({self.unit})" if name in ("amount", "total") else head
                for name, head in zip(columns, heads, strict=True)
            ]
        lines: list[list[str | Fraction]] = [
            [title] for title in self.draw(st.lists(st.sampled_from(["", "题目"]), max_size=4))
        ]
        lines.append(heads)
        self.skipped = 0
        for row in rows:
            for extra in self.draw(st.lists(st.sampled_from(["", "小计"]), max_size=2)):
                lines.append([extra])
                self.skipped += bool(extra)
            cells = self.cells(row) | {"备注": self.one_of("", "x", "1"), "note": ""}
            lines.append([cells[name] for name in columns])
            row["row"] = len(lines)
        return lines

    def write(self, file: Path, table: list[list[str | Fraction]]) -> None:
        if self.form != "xlsx":
            sheets.written(file, sheets.text([[str(cell) for cell in line] for line in table], self.form))
            return
        rows = []
        for number, line in enumerate(table, start=1):
            inside = ""
            for place, cell in enumerate(line):
                name = f"{sheets.letters(place)}{number}"
                if isinstance(cell, Fraction):
                    inside += sheets.number(f"{cell.numerator / cell.denominator:.17g}", name)
                elif cell:
                    inside += sheets.inline(cell, name)
            rows.append(f'<row r="{number}">{inside}</row>')
        sheets.written(file, sheets.book(sheets.sheet("".join(rows))))


def toml(pilot: dict[str, Any]) -> str:
    values = {
        "name": "示范区", "type": pilot["type"], "class": pilot["class"], "award": in_yuan(pilot["award"]),
        "received": in_yuan(pilot["received"]), "batch": "2023", "approved_on": pilot["approved_on"], "as_of": pilot["as_of"],
    }  # fmt: skip
    return "".join(f'{key} = "{value}"\n' for key, value in values.items())


def answered(pilot: dict[str, Any], file: Path) -> dict[str, Any]:
    place = sheets.written(file.with_name("PILOT.toml"), toml(pilot).encode())
    done = CliRunner().invoke(check, [str(file), "--book", "jiangxi-2023", "--pilot", str(place), "--format", "json"])
    assert done.exit_code in (0, 1), done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == (answer["verdict"] == "fail")
    return answer


def written_and_answered(pilot: dict[str, Any], rows: Sheet, writer: Writer) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sheet"
        writer.write(file, writer.table(rows))
        return answered(pilot, file)


def fen(text: str) -> int:
    sign, bare = (-1, text[1:]) if text.startswith("-") else (1, text)
    whole, _, decimals = bare.partition(".")
    assert len(decimals) == 2 and whole.isdigit() and (whole == "0" or whole[0] != "0")
    return sign * int(whole + decimals)


def number(value: str | int | None) -> int | None:
    return fen(value) if isinstance(value, str) else value


def share(text: str | None) -> Fraction | None:
    assert text is None or len(text.rpartition(".")[2]) == 4
    return None if text is None else Fraction(text)


def checks(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (
            found["code"], found["base"], number(found["amount"]), number(found["limit"]), number(found["actual"]),
            share(found["limit_share"]), share(found["actual_share"]), found["status"],
        )
        for found in answer["checks"]
    ]  # fmt: skip


def money(answer: dict[str, Any]) -> dict[str, Any]:
    totals: dict[str, Any] = answer["totals"]
    return {key: value for key, value in totals.items() if key not in ("rows", "skipped_rows")}


def pair(sums: tuple[int, int]) -> dict[str, str]:
    return dict(zip(("arranged", "paid"), map(exactly, sums), strict=True))


def exactly(amount: int) -> str:
    sign, value = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}{value // 100}.{value % 100:02d}"


def with_totals(cells: Sheet, data: Any) -> Sheet:
    """The rows with contract amounts as well; sometimes one row twice."""
    for row in cells:
        row["total"] = data.draw(st.sampled_from([None, None, 1, 900_000]))
    if cells and data.draw(st.booleans()):
        cells = [*cells, dict(data.draw(st.sampled_from(cells)))]
    return cells


QUIET = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@QUIET
@given(pilots, rows, st.data())
def test_the_answer_is_that_of_the_second_reading(pilot: dict[str, Any], cells: Sheet, data: Any) -> None:
    cells = with_totals(cells, data)
    writer = Writer(data.draw)
    answer = written_and_answered(pilot, cells, writer)
    assert answer["verdict"] == oracle.verdict(pilot, cells)
    assert checks(answer) == oracle.checks(pilot, cells)
    assert [(found["row"], found["code"]) for found in answer["findings"]] == oracle.findings(pilot, cells)
    assert {found["code"] for found in answer["findings"] if found["severity"] == "fail"} <= oracle.FAILS
    totals, by = answer["totals"], oracle.sums(pilot, cells)
    own = list(oracle.CATEGORIES[pilot["type"]])
    assert list(totals["by_category"])[: len(own)] == own
    assert totals["by_category"] == {code: pair(by.get(code, (0, 0))) for code in {*own, *by}}
    others = [sums for code, sums in by.items() if code in own and code != "renovation"]
    assert totals["renovation"] == pair(by.get("renovation", (0, 0)))
    assert totals["other"] == pair((sum(a for a, _ in others), sum(p for _, p in others)))
    assert (totals["arranged"], totals["paid"]) == (
        exactly(sum(a for a, _ in by.values())),
        exactly(sum(p for _, p in by.values())),
    )
    assert totals["refunded"] == exactly(sum(row["amount"] for row in cells if row["kind"] == "refund"))
    found = oracle.enterprises(pilot, cells)
    assert totals["enterprises"] == {
        "selected": len(found),
        "renovated": sum(entry["row"] is not None for entry in found.values()),
        "key_link": sum(entry["key_link"] for entry in found.values()),
    }
    assert (totals["rows"], totals["skipped_rows"]) == (len(cells), writer.skipped)


@QUIET
@given(pilots, rows, st.data())
def test_neither_the_order_of_rows_nor_a_row_in_two_parts_matters(
    pilot: dict[str, Any], cells: Sheet, data: Any
) -> None:
    cells = with_totals(cells, data)
    first = written_and_answered(pilot, cells, Writer(data.draw))
    other = written_and_answered(pilot, data.draw(st.permutations(cells)), Writer(data.draw))
    assert (money(other), other["checks"], other["verdict"]) == (money(first), first["checks"], first["verdict"])
    assert sorted(found["code"] for found in other["findings"] if found["code"] != "invoice.duplicate") == sorted(
        found["code"] for found in first["findings"] if found["code"] != "invoice.duplicate"
    )
    splittable = [place for place, row in enumerate(cells) if row["contract"].strip() and row["amount"] > 1]
    if splittable:
        place = data.draw(st.sampled_from(splittable))
        part = data.draw(st.integers(1, cells[place]["amount"] - 1))
        parts = [{**cells[place], "amount": part}, {**cells[place], "amount": cells[place]["amount"] - part}]
        split = written_and_answered(pilot, [*cells[:place], *parts, *cells[place + 1 :]], Writer(data.draw))
        assert (money(split), split["checks"]) == (money(first), first["checks"])
