"""The command, the page and the API give one verdict on one sheet; what strangers send is bounded and kept nowhere."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from werkzeug.test import TestResponse

from marketplace.cli import cli
from marketplace.policy.books import shelf
from marketplace.policy.spending import actions, apart
from marketplace.policy.spending.schemas import SpendingAnswerSchema
from tests.policy import sheets
from tests.policy.test_check_command import BAD, FAILED, GOOD, PASSING, WARNED
from tests.support.rest import moved

API = "/api/v1/spending-checks"
FORM = {
    "name": "示范开发区", "kind": "zone/national_zone", "award": "1000.00", "received": "500.00", "batch": "2023",
    "approved_on": "2023-11-01", "as_of": "2024-06-30", "form": "page",
}  # fmt: skip


class Window:
    """A visitor with a sheet, at the page and at the API."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def ask(self, data: bytes, pilot: str = PASSING, **words: str) -> TestResponse:
        files = {"file": (io.BytesIO(data), "sheet.csv"), "pilot": (io.BytesIO(pilot.encode()), "PILOT.toml")}
        return self.client.post(API, data={"book": "jiangxi-2023", **words, **files}, buffered=True)

    def send(self, data: bytes, code: str = "jiangxi-2023", **changes: str) -> TestResponse:
        typed = {**FORM, **changes, "file": (io.BytesIO(data), "sheet.csv")}
        return self.client.post(f"/check/{code}", data=typed, buffered=True)


@pytest.fixture
def window(app: Flask) -> Iterator[Window]:
    app.config["WTF_CSRF_ENABLED"] = False
    yield Window(app)
    app.config["WTF_CSRF_ENABLED"] = True


def commanded(folder: Path, sheet: bytes, *words: str) -> tuple[int, bytes]:
    file, pilot = sheets.written(folder / "s", sheet), sheets.written(folder / "PILOT.toml", PASSING.encode())
    given = ["check", str(file), "--book", "jiangxi-2023", "--pilot", str(pilot), "--format", "json", *words]
    done = CliRunner().invoke(cli, given)
    return done.exit_code, done.stdout_bytes


def workbook(table: Any) -> bytes:
    return sheets.plain(table)


@pytest.mark.parametrize("table", [GOOD, WARNED, FAILED])
@pytest.mark.parametrize("write", [sheets.text, workbook])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_command_and_api_answer_byte_for_byte(
    window: Window, tmp_path: Path, table: Any, write: Any, language: str
) -> None:
    answer = window.ask(write(table), language=language)
    code, printed = commanded(tmp_path, write(table), "--language", language)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.data == printed
    assert (code == 1) == (answer.get_json()["verdict"] == "fail")
    assert SpendingAnswerSchema().validate(answer.get_json()) == {}


@pytest.mark.parametrize(
    ("table", "word"),
    [(GOOD, "没有不符合规定的事项，也没有预警；进行中的目标仍可达到。"), (FAILED, "专项资金不得用于“楼堂馆所”。")],
)
def test_the_page_says_what_the_command_says(window: Window, tmp_path: Path, table: Any, word: str) -> None:
    answer = window.send(sheets.text(table))
    page = answer.get_data(as_text=True)
    _, printed = commanded(tmp_path, sheets.text(table))
    told = json.loads(printed)
    assert answer.status_code == 200 and word in page
    for one in [*told["checks"], *told["findings"]]:
        assert one["message"] in page and one["clause"] in page
    kept = window.send(sheets.text(table), form="json")
    assert kept.data == printed and kept.headers["Content-Disposition"].startswith("attachment; ")


@pytest.mark.parametrize(("form", "start"), [("xlsx", b"PK"), ("pdf", b"%PDF"), ("html", b"<!doctype html>")])
def test_the_answer_can_be_taken_along(window: Window, form: str, start: bytes) -> None:
    answer = window.send(sheets.text(FAILED), form=form)
    assert answer.status_code == 200 and answer.data.startswith(start)


def test_a_sheet_of_a_workbook_by_its_name(window: Window) -> None:
    assert window.ask(sheets.plain(GOOD), sheet="sheet1").status_code == 200
    problem = window.ask(sheets.plain(GOOD), sheet="另一张")
    assert problem.status_code == 422 and "没有工作表“另一张”" in problem.get_json()["errors"]["file"][0]
    assert window.send(sheets.text(GOOD), sheet="Sheet1").status_code == 422


def test_cells_at_fault_are_named_one_by_one(window: Window) -> None:
    problem = window.ask(sheets.text(BAD))
    assert (problem.status_code, problem.mimetype) == (422, "application/problem+json")
    body = problem.get_json()
    assert body["code"] == "check.unusable"
    assert [line.split()[0] for line in body["errors"]["file"]] == ["A2", "B2", "D2"]
    page = window.send(sheets.text(BAD))
    assert page.status_code == 422
    assert all(line in page.get_data(as_text=True) for line in body["errors"]["file"])


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"book": "../../../etc/passwd"}, "book"),
        ({"book": "/etc/hostname"}, "book"),
        ({"book": "x.toml"}, "book"),
        ({"book": "nowhere-2020"}, "book"),
        ({"book": "jiangxi-2023@9.9.9"}, "book"),
        ({"pilot": "name = "}, "pilot"),
        ({"pilot": PASSING.replace("zone", "town")}, "pilot"),
        ({"language": "fr"}, "language"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_asked(window: Window, words: dict[str, str], field: str) -> None:
    answer = window.ask(sheets.text(GOOD), **words)
    assert answer.status_code == 422 and list(answer.get_json()["errors"]) == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "zone/county_1"}, "kind"),
        ({"kind": "town"}, "kind"),
        ({"award": "viel"}, "award"),
        ({"as_of": "soon"}, "as_of"),
        ({"batch": "2031"}, "year1_end"),
        ({"year2_end": "2025-11-01"}, "year2_end"),
        ({"batch": "2031", "year1_end": "2032-10-31", "year2_end": "2032-10-31"}, "year2_end"),
        ({"form": "docx"}, "form"),
        ({"name": ""}, "name"),
    ],
)
def test_a_field_of_the_form_at_fault(window: Window, changes: dict[str, str], field: str) -> None:
    page = window.send(sheets.text(GOOD), **changes)
    assert page.status_code == 422 and f'id="e-{field}"' in page.get_data(as_text=True)


def test_a_name_made_to_break_out_of_its_quotes(window: Window) -> None:
    name = 'A"\\\n\x7f\u202ebatch = 1\n</p><script>'
    page = window.send(sheets.text(GOOD), name=name)
    assert page.status_code == 200 and "<script>" not in page.get_data(as_text=True).split("<main")[1]


def test_another_book_and_an_older_version(window: Window) -> None:
    assert window.ask(sheets.text(GOOD), book="jiangxi-2023@1.0.0").get_json()["book_version"] == "1.0.0"
    made = {"kind": "city/other", "batch": "1", "year1_end": "2024-12-31", "year2_end": "2025-12-31"}
    page = window.send(sheets.text(GOOD), "nanchang-2024", **made)
    assert page.status_code == 200 and "nanchang-2024" in page.get_data(as_text=True)
    assert window.client.get("/check/nowhere").status_code == 404


def test_nothing_is_kept(window: Window, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart.tempfile, "tempdir", str(tmp_path))
    before = moved(app)
    window.ask(sheets.text(FAILED)).close()
    window.send(sheets.text(FAILED), form="xlsx").close()
    window.send(sheets.text(BAD)).close()
    assert moved(app) == before and not list(tmp_path.iterdir())


def test_the_process_knows_no_secret(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    run = apart.subprocess.run
    monkeypatch.setenv("MARKETPLACE_SECRET_KEY", "hidden")
    monkeypatch.setattr(apart.subprocess, "run", lambda *words, **more: seen.append(more["env"]) or run(*words, **more))
    assert window.ask(sheets.text(GOOD)).status_code == 200
    assert seen and not any(name.startswith("MARKETPLACE") or value == "hidden" for name, value in seen[0].items())


@pytest.mark.parametrize("bound", ["SECONDS", "_MEMORY", "_WAITING"])
def test_a_sheet_that_takes_too_much_ends_in_words(
    window: Window, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bound: str
) -> None:
    """The bounds hold in the process, whatever the sheet: here they are made so tight that any sheet breaks them."""
    tight = {"SECONDS": 0, "_MEMORY": 40 << 20, "_WAITING": 0.01}[bound]
    if bound == "_WAITING":
        monkeypatch.setattr(apart, bound, tight)
    else:
        program = f"import sys; from marketplace.policy.spending import apart; apart.{bound} = {tight}; apart._bound();"
        program += "from pathlib import Path; apart._work(Path(sys.argv[1]))"
        run = apart.subprocess.run
        monkeypatch.setattr(
            apart.subprocess,
            "run",
            lambda words, **more: run([words[0], "-c", program, words[-1]], **more),
        )
    problem = window.ask(sheets.text(GOOD))
    assert (problem.status_code, problem.get_json()["code"]) == (409, "check.exhausted")
    assert window.send(sheets.text(GOOD)).status_code == 409


def test_two_at_a_time(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_PATIENCE", 0.01)
    with apart._AT_ONCE, apart._AT_ONCE:
        answer, page = window.ask(sheets.text(GOOD)), window.send(sheets.text(GOOD))
    assert (answer.status_code, answer.get_json()["code"], page.status_code) == (503, "check.occupied", 503)
    assert answer.headers["Retry-After"] == page.headers["Retry-After"] == "10"
    assert window.ask(sheets.text(GOOD)).status_code == 200


def test_a_machine_is_slowed_down(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "VISITOR", actions.Limit(2, actions.VISITOR.window))
    assert [window.ask(sheets.text(GOOD)).status_code for _ in range(3)] == [200, 200, 429]
    page = window.send(sheets.text(GOOD))
    assert page.status_code == 429 and int(page.headers["Retry-After"]) > 0


@pytest.mark.parametrize("code", shelf.available())
def test_every_book_has_its_template_and_its_example(window: Window, code: str) -> None:
    assert window.client.get(f"/check/{code}/template").data.startswith(b"PK")
    page = window.client.get(f"/check/{code}/example").get_data(as_text=True)
    assert "invoice.duplicate" in page and code in page
    sheet = window.client.get(f"/check/{code}/example/sheet")
    assert sheet.data.startswith("\ufeff日期,类型".encode())
    english = window.client.get(f"/check/{code}/example?lang=en").get_data(as_text=True)
    assert english.count('class="code">') == page.count('class="code">')
