"""What changed between two books, in words; which version was in force on a day; every key explained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from click.testing import CliRunner, Result

from marketplace.policy.books import page, shelf
from marketplace.policy.books.difference import EN, ZH, changes
from marketplace.policy.books.keys import meaning
from marketplace.policy.books.model import Book
from marketplace.policy.books.words import WORDS
from marketplace.policy.commands import policy

SOURCE = (shelf.FOLDER / "jiangxi-2023.toml").read_text("utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(policy, arguments)


def between(tmp_path: Path, old: str, new: str) -> tuple[list[str], list[str]]:
    """The changes in Chinese and in English after one replacement in the founding book."""
    assert old in SOURCE
    file = tmp_path / "draft.toml"
    file.write_text(SOURCE.replace(old, new, 1), "utf-8")
    found = changes(shelf.load("jiangxi-2023"), shelf.read(file))
    return [each.sentence(ZH) for each in found], [each.sentence(EN) for each in found]


COUNTY3 = (
    "试点类型“中小企业数字化转型试点” › 类别“三类县” › ",
    "types “SME pilot (county)” › classes “County of the third class” › ",
)


@pytest.mark.parametrize(
    ("old", "new", "zh", "en"),
    [
        (
            'award_cap = "8000000.00"\nminimum_enterprises = 30',
            'award_cap = "8500000.50"\nminimum_enterprises = 30',
            f"{COUNTY3[0]}奖补资金上限：由8,000,000.00元改为8,500,000.50元（四(一)）",
            f"{COUNTY3[1]}award cap: from 8,000,000.00 yuan to 8,500,000.50 yuan (四(一))",
        ),
        (
            "minimum_enterprises = 30",
            "minimum_enterprises = 31",
            f"{COUNTY3[0]}改造企业最少户数：由30改为31（二(二)）",
            f"{COUNTY3[1]}minimum enterprises: from 30 to 31 (二(二))",
        ),
        (
            "key_link_share_bps = 1000",
            "key_link_share_bps = 1250",
            "目标 › 关键环节企业占比下限：由10%改为12.5%（二(一)）",
            "targets › key link share: from 10% to 12.5% (二(一))",
        ),
        (
            'quota = { first = 2, second = 1 }',
            'quota = { first = 3, second = 1 }',
            "试点类型“中小企业数字化转型试点” › 推荐名额“first”：由2改为3（五(一)）",
            "types “SME pilot (county)” › quota “first”: from 2 to 3 (五(一))",
        ),
        (
            "year2_end = 2025-10-31",
            "year2_end = 2025-12-31",
            "批次“首批（2023年）” › 实施期第二年最后一天：由2025-10-31改为2025-12-31（四(一)）",
            "batches “First batch (2023)” › year2 end: from 2025-10-31 to 2025-12-31 (四(一))",
        ),
        (
            'severity = "fail"',
            'severity = "warn"',
            "疑点规则“category.unknown” › 程度：由“违反”改为“预警”（四(二)）",
            "findings “category.unknown” › severity: from “fails” to “warns” (四(二))",
        ),
        (
            "evaluation = true",
            "evaluation = false",
            "分期“剩余50%” › 须先评估：由是改为否（四(一)）",
            "tranches “Second half” › evaluation: from yes to no (四(一))",
        ),
        (
            'led_by = "city"',
            'led_by = "province"',
            "验收 › 牵头验收：由“设区市”改为“省”（二(五)）",
            "acceptance › led by: from “city” to “province” (二(五))",
        ),
        (
            '"银行贷款",',
            '"社会捐赠",',
            "重复支持 › 不算重复支持的资金：新增，“社会捐赠”（四(二)）",
            "other support › permitted: added, “社会捐赠” (四(二))",
        ),
        (
            "every_months = 3\n",
            "",
            "报送“数字化解决方案报送” › 每几个月：删除，3（六(四)）",
            "reports “Report of solutions” › every months: removed, 3 (六(四))",
        ),
        (
            "applications_until = 2023-08-31\n",
            "",
            "批次“首批（2023年）” › 申报截止日：删除，2023-08-31（四(一)）",
            "batches “First batch (2023)” › applications until: removed, 2023-08-31 (四(一))",
        ),
        (
            '[prohibited.operating]\nclause = "四(二)"\nname_zh = "机构运转经费"\nname_en = "Running costs of institutions"\n',
            "",
            "禁止用途“机构运转经费”：删除（四(二)）",
            "prohibited “Running costs of institutions”: removed (四(二))",
        ),
        (
            '    "award.cap",\n    "received.tranche",',
            '    "received.tranche",\n    "award.cap",',
            "核查项目：由award.cap、received.tranche、committed.total",
            "checks applied: from award.cap, received.tranche, committed.total",
        ),
    ],
)  # fmt: skip
def test_a_change_is_said_in_words(tmp_path: Path, old: str, new: str, zh: str, en: str) -> None:
    chinese, english = between(tmp_path, old, new)
    assert any(line.startswith(zh) for line in chinese), chinese
    assert any(line.startswith(en) for line in english), english
    assert len(chinese) <= 2  # the permitted money loses one thing and gains another


def test_nothing_changed() -> None:
    book = shelf.load("jiangxi-2023")
    assert changes(book, book) == []
    answer = run("diff", "jiangxi-2023", str(shelf.FOLDER / "jiangxi-2023.toml"))
    assert (answer.exit_code, answer.stdout) == (0, "内容相同。\n")


def test_two_versions_and_two_books() -> None:
    answer = run("diff", "jiangxi-2023@1.0.0", "jiangxi-2023", "--language", "en")
    assert answer.exit_code == 1
    assert "duties “Supervision of projects and their progress”: added (六(三))\n" in answer.stdout
    answer = run("diff", "national-2023", "nanchang-2024")
    assert answer.exit_code == 1
    assert "批次“第三批改造企业”：新增，单个企业补助比例上限40%，单个企业补助上限250,000.00元" in answer.stdout
    assert not re.search(r"Fen|bps|None|mappingproxy", answer.stdout)


@pytest.mark.parametrize("names", [("nowhere", "jiangxi-2023"), ("jiangxi-2023", "jiangxi-2023@9"), ("x.toml", "x")])
def test_what_cannot_be_compared(names: tuple[str, str]) -> None:
    answer = run("diff", *names)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.startswith("no rule book ")


def test_an_unusable_draft_is_not_compared(tmp_path: Path) -> None:
    (tmp_path / "draft.toml").write_text("code = 7\n", "utf-8")
    answer = run("diff", "jiangxi-2023", str(tmp_path / "draft.toml"))
    assert (answer.exit_code, answer.stdout) == (2, "")


def write(folder: Path, name: str, version: str, start: str, end: str = "") -> None:
    until = f"effective_until = {end}\n" if end else ""
    text = f'extends = "jiangxi-2023"\ncode = "city"\nversion = "{version}"\neffective_from = {start}\n{until}'
    (folder / f"{name}.toml").write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2023, 12, 31), None), (date(2024, 1, 1), "1"), (date(2024, 6, 30), "1"), (date(2024, 7, 1), "2.10"),
        (date(2024, 12, 31), "2.10"), (date(2025, 1, 1), "3"), (date(2026, 12, 31), "3"), (date(2027, 1, 1), None),
    ],
)  # fmt: skip
def test_the_version_in_force_on_a_day(tmp_path: Path, day: date, version: str | None) -> None:
    write(tmp_path, "city@1", "1", "2024-01-01", "2024-12-31")
    write(tmp_path, "city@2.9", "2.9", "2024-07-01", "2024-12-31")
    write(tmp_path, "city@2.10", "2.10", "2024-07-01", "2024-12-31")
    write(tmp_path, "city", "3", "2025-01-01", "2026-12-31")
    if version is None:
        with pytest.raises(shelf.UnknownBook, match=day.isoformat()):
            shelf.in_force("city", day, tmp_path)
    else:
        assert shelf.in_force("city", day, tmp_path).version == version


def test_a_correction_counts_from_the_day_of_the_policy() -> None:
    """Both versions of the notice's book are in force from the same day: the one in use is meant."""
    kept = shelf.versions("jiangxi-2023")
    assert [book.version for book in kept] == ["1.1.0", "1.0.0"]
    assert shelf.in_force("jiangxi-2023", date(2023, 8, 23)) == kept[0]
    assert run("show", "jiangxi-2023", "--on", "2023-08-23").exit_code == 0
    assert run("show", "jiangxi-2023", "--on", "2023-08-22").exit_code == 2
    assert "jiangxi-2023  1.0.0" in run("list", "--versions").stdout


def kinds(kind: Any = Book) -> Iterator[Any]:
    """Every table of the schema."""
    yield kind
    for hint in get_type_hints(kind).values():
        for inner in (hint, *get_args(hint)):
            if is_dataclass(inner):
                yield from kinds(inner)


def test_every_key_is_explained_in_both_languages() -> None:
    text = page.page()
    for kind in set(kinds()):
        for entry in fields(kind):
            zh, en = meaning(entry)
            assert re.search("[一-鿿]", zh) and en.isascii(), entry.name
            assert set(entry.metadata["choice"]) <= set(WORDS), entry.name
            if not (entry.metadata["made"] or entry.metadata["key"]):
                assert f"| `{entry.name}` |" in text and f"| {en} | {zh} |" in text
    assert "## `[types.*.classes.*]`" in text


def test_removed_parts_of_the_parent(tmp_path: Path) -> None:
    def draft(removes: str, extends: str = 'extends = "jiangxi-2023"\n') -> Path:
        (tmp_path / "city.toml").write_text(f'code = "city"\n{extends}removes = {removes}\n', "utf-8")
        return tmp_path / "city.toml"

    book = shelf.read(draft("['silent.area_classes', 'findings.\"area.banned\"', 'batches']"))
    assert "area_classes" not in book.silent and "area.banned" not in book.findings and not book.batches
    told = shelf.validate(draft('["silent.none", "targets.key_link_level.x", "a b"]'))
    assert [(each.line, each.key) for each in told] == [(3, "removes.0"), (3, "removes.1"), (3, "removes.2")]
    told = shelf.validate(draft('["checks"]', ""))
    assert told and all(each.message for each in told)
