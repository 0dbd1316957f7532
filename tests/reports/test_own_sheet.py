"""The live report of each pilot of the demo, and `marketplace check` on the entries it exports, say the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from marketplace.cli import cli
from marketplace.web.db import db
from tests.support.city import City
from tests.support.people import token_for


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    made = City(tmp_path_factory.mktemp("own-sheet"))
    yield made
    made.close()


def checked(folder: Path, sheet: bytes, pilot: bytes, book: str) -> dict[str, Any]:
    """What the command says, of the two files that the report gives away."""
    (folder / "rows.csv").write_bytes(sheet)
    (folder / "pilot.toml").write_bytes(pilot)
    asked = ["check", str(folder / "rows.csv"), "--book", book, "--pilot", str(folder / "pilot.toml")]
    answer = CliRunner().invoke(cli, [*asked, "--format", "json"])
    assert answer.exit_code in (0, 1), answer.output
    said: dict[str, Any] = json.loads(answer.stdout)
    return said


def without_counts_of_rows(totals: dict[str, Any]) -> dict[str, Any]:
    """Live books have no rows of a sheet; all else must agree."""
    return {name: value for name, value in totals.items() if name not in ("rows", "skipped_rows")}


def live(city: City) -> list[dict[str, Any]]:
    return [item for item in city.client("visitor", "zh").get("/api/v1/spending?limit=100").get_json()["items"]]


def brought_and_signed(city: City) -> dict[str, list[str]]:
    """Numbers of contracts: those that openings brought along, and those of direct expenditure that are confirmed."""
    asked = {
        "opening": "SELECT DISTINCT contract FROM opening_row r JOIN opening o ON o.id = r.opening_id "
        "WHERE o.state = 'released' AND contract <> ''",
        "direct expenditure": "SELECT number FROM direct_contract",
    }
    with city.app.app_context():
        return {kind: list(db.session.scalars(text(sql))) for kind, sql in asked.items()}


@pytest.mark.parametrize("days_ago", [0, 40, 200])
def test_the_sheet_of_a_pilot_is_judged_like_its_books(city: City, tmp_path: Path, days_ago: int) -> None:
    client, moved = city.client("province", "zh"), 0
    everywhere, shown_pages = (
        "",
        {"fail": "有检查项不符合规则", "warn": "没有不符合项，有预警", "pass": "没有不符合项。"},
    )
    token = token_for(city.app, city.people["province"])
    for item in live(city):
        day = date.fromisoformat(item["as_of"]) - timedelta(days=days_ago)
        if day < date.fromisoformat(item["approved_on"]):
            continue
        address, asked = f"/reports/settlement/{item['pilot_id']}", f"?as_of={day}"
        page = client.get(address + asked)
        assert page.status_code == 200
        sheet, pilot = client.get(f"{address}/rows.csv{asked}"), client.get(f"{address}/pilot.toml{asked}")
        said = checked(tmp_path, sheet.data, pilot.data, item["book"])
        shown = city.app.test_client().get(f"/api/v1{address}{asked}", headers=token).get_json()["answer"]
        assert without_counts_of_rows(shown["totals"]) == without_counts_of_rows(said["totals"]), item["pilot"]
        assert shown["checks"] == said["checks"], item["pilot"]
        assert shown["pilot"] == said["pilot"]
        if not any(finding["severity"] == "fail" for finding in said["findings"]):  # rows that fail are cases of theirs
            assert shown["verdict"] == said["verdict"], item["pilot"]
        assert shown_pages[shown["verdict"]] in page.text, "the page says it in words"
        moved += said["totals"]["rows"]
        everywhere += sheet.text
    assert moved > (20 if days_ago == 0 else 0), "nothing was compared"
    if days_ago == 0:
        for kind, numbers in brought_and_signed(city).items():
            assert any(number in everywhere for number in numbers), f"no {kind} among what was compared"
