"""`marketplace policy`: exit codes 0, 1 and 2, and what a writer reads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from marketplace.cli import cli
from marketplace.policy.books import shelf
from marketplace.policy.commands import policy

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(policy, arguments)


def test_list() -> None:
    answer = run("list")
    assert answer.exit_code == 0
    assert answer.stdout.startswith("jiangxi-2023  1.")


def test_show() -> None:
    answer = run("show", "jiangxi-2023")
    assert answer.exit_code == 0
    for words in ("国家级开发区", "10,000,000.00 yuan (四(一))", "renovation >= 70 %", "year 2 until 2025-10-31"):
        assert words in answer.stdout


def test_show_what_one_enterprise_gets() -> None:
    answer = run("show", "nanchang-2024")
    assert answer.exit_code == 0
    for words in (
        "batch 2: no calendar, one enterprise at most 50 % of its contracts, at most 350,000.00 yuan",
        "caps.enterprise: 每家补助上限 Most for one enterprise; ",
        "when batch=1, amount 400,000.00 yuan",
        "Does what was really spent include tax",
    ):
        assert words in answer.stdout
    assert "key links" not in answer.stdout and "enterprises ()" not in answer.stdout


def test_show_unknown() -> None:
    answer = run("show", "nowhere")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr == "no rule book nowhere; there are: jiangxi-2023, nanchang-2024, national-2023\n"


def test_validate(tmp_path: Path) -> None:
    source = shelf.FOLDER / "jiangxi-2023.toml"
    assert run("validate", str(source)).exit_code == 0
    draft = tmp_path / "draft.toml"
    draft.write_text(source.read_text("utf-8").replace("pilot_years = 2", "pilot_years = true", 1), "utf-8")
    answer = run("validate", str(draft))
    assert answer.exit_code == 1
    assert answer.stdout == f"{draft}:line 12: pilot_years must be a whole number, is true or false\n"


def test_validate_nothing(tmp_path: Path) -> None:
    assert run("validate", str(tmp_path / "none.toml")).exit_code == 2
    assert run("validate").exit_code == 2


@pytest.mark.parametrize("arguments", [["--help"], ["list", "--help"], ["show", "-h"], ["validate", "--help"]])
def test_help(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 0


def test_starts_alone_and_without_the_web() -> None:
    program = (
        "import sys, runpy; sys.argv = ['policy', 'list']\n"
        "try: runpy.run_module('marketplace.policy.commands', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "import marketplace.policy.engine.acts, marketplace.policy.engine.detect, marketplace.policy.engine.render\n"
        "heavy = {'flask', 'sqlalchemy', 'marshmallow', 'werkzeug'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_the_guide_to_a_check_can_be_followed(tmp_path: Path) -> None:
    """Its PILOT.toml, its command and its codes are the product's."""
    guide = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
    (pilot,) = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    (tmp_path / "PILOT.toml").write_text(pilot, encoding="utf-8")
    sheet = tmp_path / "sheet.xlsx"
    assert CliRunner().invoke(cli, ["check", "--template", str(sheet), "--book", "jiangxi-2023"]).exit_code == 0
    done = CliRunner().invoke(
        cli,
        ["check", str(sheet), "--book", "jiangxi-2023", "--pilot", str(tmp_path / "PILOT.toml"), "--format", "json"],
    )
    assert (done.exit_code, json.loads(done.stdout)["verdict"]) == (0, "pass")
    page = CliRunner().invoke(cli, ["policy", "codes"]).stdout
    book = shelf.load("jiangxi-2023")
    assert all(f"| `{code}` | {book.checks[code].clause} |" in page for code in book.checks_applied)
    assert all(f"`{code}` | {book.findings[code].severity} |" in page for code in book.findings_applied)
