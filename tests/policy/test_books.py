"""Books: what the founding one says, and what a writer is told about a draft."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.policy.books import lines, shelf
from marketplace.policy.books.shelf import Mistake, UnknownBook, UnusableBook

SOURCE = (shelf.FOLDER / "jiangxi-2023.toml").read_text("utf-8")
BOOK = shelf.load("jiangxi-2023")


def told(tmp_path: Path, text: str, name: str = "draft.toml") -> list[Mistake]:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    return shelf.validate(file)


def line_of(text: str, start: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), start=1) if line.startswith(start))


def test_the_founding_book_is_on_the_shelf_and_sound() -> None:
    assert "jiangxi-2023" in shelf.available()
    assert shelf.validate(shelf.FOLDER / "jiangxi-2023.toml") == []
    assert (BOOK.code, BOOK.effective_from) == ("jiangxi-2023", date(2023, 8, 23))
    assert re.fullmatch(r"[0-9a-f]{64}", BOOK.content_hash)


def test_the_numbers_of_the_notice() -> None:
    caps = {code: entry.award_cap for kind in BOOK.types.values() for code, entry in kind.classes.items()}
    wan = 10_000 * 100
    assert caps == {
        "national_zone": 1000 * wan, "provincial_zone": 800 * wan,
        "county_1": 1000 * wan, "county_2": 1000 * wan, "county_3": 800 * wan,
    }  # fmt: skip
    least = {code: entry.minimum_enterprises for kind in BOOK.types.values() for code, entry in kind.classes.items()}
    assert least == {"national_zone": 40, "provincial_zone": 40, "county_1": 40, "county_2": 40, "county_3": 30}
    split = {code: (kind.renovation_floor_bps, kind.other_ceiling_bps) for code, kind in BOOK.types.items()}
    assert split == {"zone": (7000, 3000), "county": (8000, 2000)}
    assert [dict(kind.quota) for kind in BOOK.types.values()] == [{"first": 1, "second": 1}, {"first": 2, "second": 1}]
    assert (BOOK.batches["2023"].year1_end, BOOK.batches["2023"].year2_end) == (date(2024, 10, 31), date(2025, 10, 31))
    assert [tranche.share_bps for tranche in BOOK.tranches.values()] == [5000, 5000]
    assert (BOOK.targets.key_link_level, BOOK.targets.other_level) == ("L7", "L6")
    assert BOOK.targets.key_link_share_bps == 1000
    assert BOOK.sanctions["ban"].years == 3
    assert BOOK.reports["solutions"].every_months == 3
    assert list(BOOK.acceptance.angles) == ["effect", "data_flow", "return", "management"]
    assert len(BOOK.application.conditions) == 15
    assert set(BOOK.prohibited) == {"welfare", "office", "operating", "construction", "balancing"}


NATIONAL, PROVINCIAL = (f"types.zone.classes.{name}_zone" for name in ("national", "provincial"))
NETWORK, FLOOR = "types.zone.categories.network", 'checks."share.renovation.floor"'
FORBIDS = "专项资金不得用于“{category}"
BASES = 'bases = ["award", "received", "committed", "paid"]'


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ("pilot_years = 2", "pilot_years = 2.5", "pilot_years", "whole number"),
        (
            "pilot_years = 2",
            "pilot_year = 2",
            "pilot_year",
            'is not a key of a rule book here; did you mean "pilot_years"',
        ),
        ('code = "jiangxi-2023"', 'code = "Jiangxi 2023"', "code", "small letters"),
        ('version = "1.1.0"', 'version = "first one"', "version", "such as 1.0.0"),
        ("ceiling_bps = 2000", "ceiling_bps = 0.2", "types.county.other_ceiling_bps", "7000 is 70 %"),
        ("ceiling_bps = 2000", 'ceiling_bps = "20%"', "types.county.other_ceiling_bps", "7000 is 70 %"),
        ('"category.unknown",', '"category.unknwon",', "findings_applied.0", 'did you mean "category.unknown"'),
        ('bucket = "renovation"', 'bucket = "renovations"', "types.zone.categories.renovation.bucket", "did you mean"),
        ('award_cap = "8000000.00"', "award_cap = 8000000", f"{PROVINCIAL}.award_cap", "as a text"),
        ('award_cap = "8000000.00"', 'award_cap = "8e6"', f"{PROVINCIAL}.award_cap", "no amount"),
        ("ceiling_bps = 2000", "ceiling_bps = 2500", "types.county.other_ceiling_bps", "sum to 10000"),
        ("ceiling_bps = 2000", "ceiling_bps = 20000", "types.county.other_ceiling_bps", "ten-thousandths"),
        ("year2_end = 2025-10-31", "year2_end = 2023-10-31", "batches.2023.year2_end", "later than"),
        ("year2_end = 2025-10-31", 'year2_end = "2025-10-31"', "batches.2023.year2_end", "must be a date"),
        ('key_link_level = "L7"', 'key_link_level = "L11"', "targets.key_link_level", "no step"),
        ('    "paid.total",', '    "paid.all",', "checks_applied.3", "not defined"),
        ('    "paid.total",', '    "award.cap",', "checks_applied.3", "twice"),
        ('bucket = "renovation"', 'bucket = "rest"', "types.zone.categories.renovation.bucket", "one of"),
        ('name_zh = "园区网络"', 'name_zh = "平台建设"', f"{NETWORK}.name_zh", "already"),
        (f"[{NETWORK}]", "[types.zone.categories.welfare]", "types.zone.categories.welfare", "prohibited"),
        (f"[{NETWORK}]", "[types.zone.categories.unknown]", "types.zone.categories.unknown", "reserved"),
        (f"[{NETWORK}]", "[types.zone.categories.Net]", "types.zone.categories.Net", "no code"),
        ("quota = { first = 2, second", "quota = { first = 2, third", "types.county.quota.third", "city_classes"),
        ('severity = "warn"', 'severity = "note"', 'findings."uscc.invalid".severity', "one of"),
        (FORBIDS, "“{catgory}", 'findings."use.prohibited".zh', "{catgory}"),
        (FORBIDS, "“{category.x}", 'findings."use.prohibited".zh', "category.x"),
        (FORBIDS, "“{category!r}", 'findings."use.prohibited".zh', "{category}"),
        (FORBIDS, "“{category", 'findings."use.prohibited".zh', "no usable sentence"),
        ('[findings."plan.change_unapproved"]', '[findings."plan.new"]', 'findings."plan.new"', "no finding"),
        ('[checks."paid.total"]', '[checks."paid.all"]', 'checks."paid.all"', "no check"),
        (BASES, 'bases = ["award", "spent"]', f"{FLOOR}.bases.1", "not under [bases]"),
        ("advice_zh.empty", "advice_zh.never", f"{FLOOR}.advice_zh.never", "no status"),
        ("[bases.paid]", "[bases.spent]", "bases.spent", "no base"),
        ('clause = "四(一)"', 'clause = " "', f"{NATIONAL}.clause", "must not be empty"),
        ('types = ["county"]', 'types = ["town"]', "application.conditions.county_mechanism.types.0", "no pilot type"),
        ("public = true", 'public = "yes"', "selection.public", "true or false"),
        ('levels = ["L1", "L2",', 'levels = ["L1", 2,', "level_scale.levels.1", "must be a text"),
        ("pilot_years = 2", "pilot_years = 2\nsteps = 1\n[unused]", "steps", "must be a table"),
        ("issuers_en = [", "issuers_en = [ 'Another',", "issuers_en", "as many"),
        ('    "paid.total",', '    "paid.total", "gone",', "checks_applied.4", "not defined"),
        ('    "paid.before_acceptance",', '    "award.above_cap",', "findings_applied.13", "can be applied"),
        ('    "paid.before_acceptance",', '    "enterprise.cap",', "findings_applied.13", "not defined"),
    ],
)
def test_mistakes_are_named_with_line_and_key(tmp_path: Path, old: str, new: str, key: str, message: str) -> None:
    at = SOURCE.index(old)
    text = SOURCE[:at] + new + SOURCE[at + len(old) :]
    if "[unused]" in new:
        text = re.sub(r"(?m)^\[steps\.", "[unused.", text)
    mistakes = told(tmp_path, text)
    matching = [mistake for mistake in mistakes if mistake.key == key and message in mistake.message]
    assert matching, mistakes
    assert matching[0].line == SOURCE[:at].count("\n") + 1 + ("\nsteps" in new)
    assert mistakes == sorted(mistakes)


@pytest.mark.parametrize(
    ("old", "new", "table", "key", "message"),
    [
        ("years = 3", "", "sanctions.ban", "sanctions.ban.years", "every ban"),
        ("share_bps = 5000", "share_bps = 4000", "tranches.first", "tranches", "10000"),
        ('led_by = "city"', "", "acceptance", "acceptance.led_by", "is missing"),
        ('name_zh = "园区网络"', 'name_zh = "楼堂馆所"', NETWORK, NETWORK, "prohibited"),
    ],
)
def test_what_is_missing_or_does_not_sum_is_told_at_its_table(
    tmp_path: Path, old: str, new: str, table: str, key: str, message: str
) -> None:
    text = SOURCE.replace(old, new, 1)
    (mistake,) = told(tmp_path, text)
    assert (mistake.line, mistake.key) == (line_of(text, f"[{table}]"), key)
    assert message in mistake.message


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = SOURCE.replace("pilot_years = 2", "pilot_years = -2", 1).replace("public = true", "public = 1", 1)
    assert [mistake.key for mistake in told(tmp_path, text)] == ["pilot_years", "selection.public"]


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"code = \n", 1, "a text stands between straight quotes"),
        ("code = “draft”\n".encode(), 1, "a text stands between straight quotes"),
        (b"a = 1\nb = [1,\n", 2, "is not TOML"),
        (b"a = 1\na = 2\n", 2, 'the key "a" stands here a second time'),
        (b'["b.c"]\n[d]\n["b.c"]\n', 3, "[b.c] stands here a second time"),
        (b"a = 1\n\xff\n", 2, "is not UTF-8"),
        (b"a = " + b"[" * 5000, 1, "nested too deeply"),
    ],
)
def test_what_is_no_toml(tmp_path: Path, data: bytes, line: int, message: str) -> None:
    file = tmp_path / "draft.toml"
    file.write_bytes(data)
    (mistake,) = shelf.validate(file)
    assert mistake.line == line and message in mistake.message


def test_missing_file(tmp_path: Path) -> None:
    assert "cannot be read" in shelf.validate(tmp_path / "none.toml")[0].message
    with pytest.raises(UnusableBook):
        shelf.read(tmp_path / "none.toml")


def test_unknown_books_and_versions() -> None:
    for name in ("nowhere", "../jiangxi-2023", "", "Jiangxi-2023"):
        with pytest.raises(UnknownBook):
            shelf.load(name)
    with pytest.raises(UnknownBook):
        shelf.load("jiangxi-2023", "0.1")
    assert shelf.load("jiangxi-2023", BOOK.version) is not None


def test_an_older_version_stays_on_the_shelf(tmp_path: Path) -> None:
    (tmp_path / "city@1.toml").write_text('extends = "jiangxi-2023"\ncode = "city"\nversion = "1"\n', "utf-8")
    (tmp_path / "city.toml").write_text('extends = "jiangxi-2023"\ncode = "city"\nversion = "2"\n', "utf-8")
    assert shelf.available(tmp_path) == ("city",)
    assert shelf.load("city", None, tmp_path).version == "2"
    assert shelf.load("city", "1", tmp_path).version == "1"


def test_extending_lays_tables_over_each_other(tmp_path: Path) -> None:
    (tmp_path / "city.toml").write_text(
        """
        extends = "jiangxi-2023"
        code = "city"
        version = "1"
        checks_applied = ["paid.total", "award.cap"]
        [types.county]
        renovation_floor_bps = 9000
        other_ceiling_bps = 1000
        """,
        "utf-8",
    )
    city = shelf.read(tmp_path / "city.toml")
    assert city.types["county"].renovation_floor_bps == 9000
    assert city.types["county"].classes == BOOK.types["county"].classes
    assert city.types["zone"] == BOOK.types["zone"]
    assert city.checks_applied == ("paid.total", "award.cap")
    assert city.content_hash != BOOK.content_hash
    assert city.extends == "jiangxi-2023"


HEIR = 'code = "x"\nextends = "jiangxi-2023"\n'


@pytest.mark.parametrize(
    ("text", "line", "key", "message"),
    [
        ('# a city\nextends = "nowhere"\n', 2, "extends", "no book"),
        ('extends = "draft"\n', 1, "extends", "in turn"),
        ('extends = "../jiangxi-2023"\n', 1, "extends", "no book"),
        (HEIR + "[types.county]\n\nother_ceiling_bps = 1\n", 5, "types.county.other_ceiling_bps", "sum"),
        (HEIR + '[targets]\nother_level = "M1"\n', 4, "targets.other_level", "no step"),
        (HEIR + '[level_scale]\nlevels = ["M1"]\n', 2, "targets.other_level", "no step"),
        ('extends = "jiangxi-2023"\ncode = 7\n', 2, "code", "must be a text"),
        (HEIR + '[batches.2023]\nenterprise_cap = "1.00"\n', 4, "batches.2023.enterprise_cap", 'add "enterprise.cap"'),
        (
            HEIR + "[types.county.classes.county_1]\nenterprise_rate_bps = 1\n",
            4, "types.county.classes.county_1.enterprise_rate_bps", 'add "enterprise.rate"',
        ),
    ],
)  # fmt: skip
def test_mistakes_of_an_extending_book(tmp_path: Path, text: str, line: int, key: str, message: str) -> None:
    mistakes = told(tmp_path, text)
    assert any((m.line, m.key) == (line, key) and message in m.message for m in mistakes), mistakes


def test_books_that_extend_each_other(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text('extends = "two"\n', "utf-8")
    mistakes = told(tmp_path, 'extends = "one"\n', "two.toml")
    assert [(mistake.line, mistake.key) for mistake in mistakes] == [(1, "extends")]


def test_the_hash_is_of_the_content(tmp_path: Path) -> None:
    file = tmp_path / "same.toml"
    file.write_text("# a remark\n" + SOURCE.replace("pilot_years = 2", "pilot_years   =   2"), "utf-8")
    assert shelf.read(file).content_hash == BOOK.content_hash
    file.write_text(SOURCE.replace("pilot_years = 2", "pilot_years = 3"), "utf-8")
    assert shelf.read(file).content_hash != BOOK.content_hash


def test_books_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        BOOK.types["zone"] = None  # type: ignore[index]


TRICKY = """a = 1 # x = 2
"quoted.key" . 'b' = \"\"\"
[not.a.table]
c = 3 \\\"\"\" still text\"\"\"\"
[t.u] # comment with ]
k = [ # one
  { x = 1, "y z" = [2, 3] },
  "it] is",
]
[[list]]
n = '''
[[list]]
'''
[[list.sub]]
m = 1979-05-27 07:32:00
[[list]]
n = 2.5
"""


def test_lines_of_a_tricky_file() -> None:
    tomllib.loads(TRICKY)
    found = {lines.shown(path): line for path, line in lines.positions(TRICKY).items()}
    assert found == {
        "a": 1, '"quoted.key"': 2, '"quoted.key".b': 2, "t": 5, "t.u": 5, "t.u.k": 6, "t.u.k.0": 7, "t.u.k.0.x": 7,
        't.u.k.0."y z"': 7, 't.u.k.0."y z".0': 7, 't.u.k.0."y z".1': 7, "t.u.k.1": 8, "list": 10, "list.0": 10,
        "list.0.n": 11, "list.0.sub": 14, "list.0.sub.0": 14, "list.0.sub.0.m": 15, "list.1": 16, "list.1.n": 17,
    }  # fmt: skip


def paths(value: Any, path: lines.Path = ()) -> set[lines.Path]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {path} if path else set()
    for key, entry in entries:
        found |= paths(entry, (*path, str(key)))
    return found


def test_every_key_of_the_founding_book_has_its_line() -> None:
    found = lines.positions(SOURCE)
    assert set(found) == paths(tomllib.loads(SOURCE))
    rows = SOURCE.split("\n")
    for path, line in found.items():
        if not path[-1].isdigit():
            assert path[-1] in rows[line - 1]


values = st.recursive(
    st.integers(0, 9) | st.booleans() | st.text("ab]#\"'=[{},.\\ \n", max_size=6),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


def toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, list):
        return "[\n" + ",\n".join(toml(entry) for entry in value) + " # ]\n]"
    return str(value)


@given(st.dictionaries(st.text('ab.]"= #', max_size=4), values, max_size=5))
def test_lines_of_any_assignments(table: dict[str, Any]) -> None:
    text = "".join(f"{toml(key)} = {toml(value)}\n" for key, value in table.items())
    assert tomllib.loads(text) == table
    assert set(lines.positions(text)) == paths(table)
