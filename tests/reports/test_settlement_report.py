"""The settlement report as page, JSON and workbook: the same numbers three times, for whoever may read them."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import python_calamine
from flask.testing import FlaskClient

from marketplace.base.roles import Role
from marketplace.pilots.programmes import queries as pilots
from marketplace.policy.books.model import Book
from marketplace.policy.findings.models import Finding
from tests.support.html import PageClient, parse, unmarked
from tests.support.people import OTHER_CITY, client_as, make_actor, sign_in, token_for
from tests.support.purse import Purse
from vouchers.reports import queries, sheets
from vouchers.reports.words import Words

ENGLISH = {"Accept-Language": "en"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
AMOUNTS = ("allotted", "unissued", "granted", "committed", "paid", "recalled", "clawed")


@pytest.fixture
def client(purse: Purse, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A strict browser of the city's officer."""
    monkeypatch.setattr(purse.town.app, "test_client_class", PageClient)
    return sign_in(purse.town.app.test_client(), purse.town.persons["city"])


@pytest.fixture
def said(purse: Purse) -> Any:
    """The report as a program reads it."""
    return purse.town.app.test_client().get(api(purse), headers=token_for(purse.town.app, purse.town.city)).json


def address(purse: Purse) -> str:
    return f"/reports/settlement/{purse.town.pilot.id}"


def api(purse: Purse) -> str:
    return f"/api/v1/reports/settlement/{purse.town.pilot.id}"


def book_of(purse: Purse) -> Book:
    return purse.act(lambda ctx: pilots.book(ctx, purse.town.pilot.id))


def rows_of(data: bytes) -> list[list[list[Any]]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def test_the_numbers_add_up(said: Any) -> None:
    assert (said["awarded"]["amount"], said["received"]["amount"]) == ("10000000.00", "5000000.00")
    found = {row["code"]: [row[name]["amount"] for name in AMOUNTS] for row in said["categories"]}
    assert found["renovation"] == ["1000000.00", "880000.00", "80000.00", "40000.00", "0.00", "0.00", "0.00"]
    assert found["saas"] == ["300000.07", "300000.07", "0.00", "0.00", "0.00", "0.00", "0.00"]
    assert said["answer"]["totals"]["arranged"] == "40000.00"
    for row in said["categories"]:
        parts = sum(Decimal(row[name]["amount"]) for name in ("unissued", "granted", "committed", "clawed"))
        assert parts == Decimal(row["allotted"]["amount"]), "nothing lapsed: every fen is in one place"


def test_every_rule_of_the_book_that_applies_is_answered_with_its_clause(purse: Purse, said: Any) -> None:
    checks = said["answer"]["checks"]
    assert {check["code"] for check in checks} <= set(book_of(purse).checks)
    assert {"share.renovation.floor", "share.other.ceiling", "committed.total"} <= {check["code"] for check in checks}
    assert all(check["clause"] and check["message"] for check in checks)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_what_the_api_says(purse: Purse, client: FlaskClient, said: Any, language: str) -> None:
    page = unmarked(client.get(address(purse), headers={"Accept-Language": language}).text)
    for row in said["categories"]:
        for name in AMOUNTS:
            assert f"¥{Decimal(row[name]['amount']):,.2f}" in page
    shown = "".join(parse(page).itertext())
    kind = book_of(purse).types[purse.town.pilot.type]
    place = "name_en" if language == "en" else "name_zh"
    assert all(getattr(category, place) in shown for category in kind.categories.values())
    main = page.split("<main", 1)[1].split("</main>", 1)[0].replace(purse.town.pilot.name, "")
    clauses = {check["clause"] for check in said["answer"]["checks"]}
    assert all(clause in main for clause in clauses)
    if language == "en":
        for clause in sorted(clauses, key=len, reverse=True):
            main = main.replace(clause, "")
        assert not CHINESE.search(main), main[CHINESE.search(main).start() - 60 :][:160]


def test_cases_about_the_pilot_stand_beside_its_checks(purse: Purse, client: FlaskClient) -> None:
    """Sums may be in order while single lines are not: the report says how many cases wait, the gravest first."""
    assert "起待核查" not in client.get(address(purse)).text
    pilot = purse.town.pilot
    for place, days in enumerate((9, 3)):
        purse.act(
            lambda ctx, place=place, days=days: ctx.add(
                Finding(
                    detector="price.split", subject_kind="organisation", subject_id=str(uuid.uuid4()), city=pilot.city,
                    pilot_id=pilot.id, template="疑似拆分订单", evidence={}, clause="四(二)", severity="warn",
                    fingerprint=str(place), owner_role="city", due=ctx.today + timedelta(days=days), due_provisional=False,
                )
            )
        )  # fmt: skip
    page = client.get(address(purse)).text
    assert "本试点现有 2 起待核查" in page and page.count("疑似拆分订单") == 2
    other = client_as(purse.town.app, Role.FINANCE, pilot_id=pilot.id, region=pilot.region)
    assert "本试点现有 2 起待核查" in other.get(address(purse)).text


def test_the_list_leads_there(purse: Purse, client: FlaskClient) -> None:
    page = client.get("/reports/settlement").text
    assert address(purse) in page and "¥10,000,000.00" in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_workbook_holds_the_numbers_of_the_api(purse: Purse, client: FlaskClient, said: Any, language: str) -> None:
    answer = client.get(f"{address(purse)}.xlsx", headers={"Accept-Language": language})
    assert answer.mimetype.endswith("spreadsheetml.sheet") and "attachment" in answer.headers["Content-Disposition"]
    _, money, sources, rules, months, arrivals, projected = rows_of(answer.data)
    assert all(len(sheet) > 1 for sheet in (sources, months, projected)) and len(arrivals) == 1
    assert sources[1][2] == float(said["received"]["amount"]) == months[-1][1]
    place = "name_en" if language == "en" else "name_zh"
    expected = [[row[place], *(float(row[name]["amount"]) for name in AMOUNTS)] for row in said["categories"]]
    assert money[1:-1] == expected
    sums = [sum(column) for column in zip(*(row[1:] for row in expected), strict=True)]
    assert money[-1][1:] == pytest.approx(sums, abs=0.001) and money[-1][0] == ("Total" if language == "en" else "合计")
    checks = said["answer"]["checks"]
    assert [row[1] for row in rules[1:]] == [check["clause"] for check in checks]
    for row, check in zip(rules[1:], checks, strict=True):
        assert row[4] == float(check["limit"]) and row[5] == float(check["actual"]), "numbers, not texts"
        assert row[3] == ("" if check["amount"] is None else float(check["amount"]))
    if language == "en":
        headings = [*money[0], *rules[0], *(row[0] for row in (*money[1:], *rules[1:])), *(row[6] for row in rules[1:])]
        assert not CHINESE.search(" ".join(headings))


def test_no_text_of_the_workbook_is_a_formula(purse: Purse) -> None:
    """Names come from rule books that officers publish: what begins like a formula stays a text."""
    whole = purse.act(lambda ctx: queries.whole(ctx, purse.town.pilot.id), purse.town.city)
    report = whole.report
    evil = '=HYPERLINK("http://evil.example","x")'
    rows = [queries.Row(row.code, evil, evil, row.bucket, row.money) for row in report.rows]
    made = replace(whole, report=replace(report, rows=rows))
    data = purse.act(
        lambda ctx: sheets.workbook(sheets.of_pilot(made, Words(str, "zh"))),
        purse.town.city,
    )
    assert rows_of(data)[1][1][0] == evil
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets_of = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets_of) == 7
    formulas = [formula for sheet in sheets_of for formula in re.findall(rb"<f[ >].*?</f>", sheet)]
    assert formulas and all(re.fullmatch(rb"<f>SUM\([A-Z]2(:[A-Z]\d+)?\)</f>", formula) for formula in formulas)
    assert not any(b"<hyperlink" in sheet for sheet in sheets_of)


def test_who_reads_it(purse: Purse) -> None:
    app = purse.town.app
    inside = (
        purse.town.office, purse.town.city, purse.finance, make_actor(purse.act, Role.PROVINCE)[0],
        make_actor(purse.act, Role.AUDITOR, region=purse.town.pilot.city)[0],
    )  # fmt: skip
    for actor in inside:
        assert app.test_client().get(api(purse), headers=token_for(app, actor)).status_code == 200, actor.role
    for actor in (purse.town.enterprise, purse.town.provider):
        headers = {"Authorization": token_for(app, actor)["Authorization"]}
        assert app.test_client().get(api(purse), headers=headers).status_code == 403
    assert app.test_client().get(api(purse)).status_code == 401


def test_another_city_finds_nothing(purse: Purse) -> None:
    app = purse.town.app
    stranger = client_as(app, Role.CITY, region=OTHER_CITY)
    for path in (address(purse), f"{address(purse)}.xlsx", f"/reports/settlement/{uuid.uuid4()}"):
        assert stranger.get(path).status_code == 404
    assert address(purse) not in stranger.get("/reports/settlement").text
    headers = token_for(app, stranger.actor)  # type: ignore[attr-defined]
    assert app.test_client().get(api(purse), headers=headers).status_code == 404
    elsewhere = client_as(app, Role.PILOT, pilot_id=uuid.uuid4())
    assert elsewhere.get(address(purse)).status_code == 404


def test_the_months_end_where_the_report_stands(purse: Purse) -> None:
    """Every month from the first movement on, the last one up to the day of the report."""
    report = purse.act(lambda ctx: queries.settlement(ctx, purse.town.pilot.id), purse.town.city)
    months = purse.act(lambda ctx: queries.trend(ctx, report), purse.town.city)
    assert months[-1].day == report.as_of
    last = (months[-1].received, months[-1].committed, months[-1].paid)
    assert last == (report.received, report.total.committed, report.total.paid) == (5_000_000_00, 40_000_00, 0)
    later = replace(report, as_of=report.as_of + timedelta(days=62))
    grown = purse.act(lambda ctx: queries.trend(ctx, later), purse.town.city)
    assert len(grown) - len(months) == 2 and grown[0].day.month != grown[1].day.month
    assert (grown[-1].day, grown[-1].committed) == (later.as_of, 40_000_00)
