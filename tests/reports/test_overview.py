"""The report over several pilots: sums over pilots and nothing else, within the reader's own place."""

from __future__ import annotations

import io
import uuid
from decimal import Decimal
from typing import Any

import pytest
import python_calamine

from marketplace.base.clock import SetClock, day_of
from marketplace.base.roles import Role
from marketplace.pilots.programmes.events import PilotApproved
from tests.support.listening import listening
from tests.support.people import OTHER_CITY, OTHER_COUNTY, client_as, make_actor, token_for
from tests.support.purse import Purse
from tests.support.shop import Town, build_town
from vouchers.funds import actions as funds
from vouchers.ledger.actions import funds as ledger
from vouchers.reports import entries

API = "/api/v1/reports/overview"


@pytest.fixture
def neighbour(purse: Purse, clock: SetClock) -> Town:
    """A pilot of another city: 20,000,000.00 awarded, nothing spent; and county money beside the first one's award."""
    town = build_town(purse.town.app, day_of(clock.moment), city=OTHER_CITY, county=OTHER_COUNTY)
    fact = PilotApproved(town.pilot.id, town.pilot.city, town.pilot.edition_id, 20_000_000_00, town.pilot.approved_on)
    town.act(lambda ctx: funds.book_award(ctx, fact))

    def match(ctx: Any) -> None:
        fund = ledger.open_fund(ctx, purse.town.pilot.id, "county", None, city=purse.town.pilot.city)
        ledger.book_award(ctx, fund.id, 700_000_00, key="county")
        ledger.book_receipt(ctx, fund.id, 500_000_00, key="county:1")

    purse.act(match)
    return town


def said(purse: Purse, actor: Any, **query: Any) -> Any:
    answer = purse.town.app.test_client().get(API, query_string=query, headers=token_for(purse.town.app, actor))
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_province_reads_the_sums_over_its_pilots(purse: Purse, neighbour: Town) -> None:
    province = make_actor(purse.act, Role.PROVINCE)[0]
    found = said(purse, province)
    assert {p["pilot_id"] for p in found["pilots"]} == {str(purse.town.pilot.id), str(neighbour.pilot.id)}
    assert found["awarded"]["amount"] == "30000000.00" and found["received"]["amount"] == "5000000.00"
    assert found["committed"]["amount"] == "40000.00"
    for name in ("awarded", "received", "committed", "paid"):
        assert Decimal(found[name]["amount"]) == sum(Decimal(p[name]["amount"]) for p in found["pilots"])
    sources = {source["source"]: source for source in found["sources"]}
    assert list(sources) == ["province", "county"]
    assert sources["county"]["awarded"]["amount"] == "700000.00"
    assert sources["county"]["received"]["amount"] == "500000.00"
    checks = {(check["code"], check["base"]): check for check in found["checks"]}
    assert all(sum(check["pilots"].values()) <= 2 for check in checks.values())
    assert sum(checks["award.cap", None]["pilots"].values()) == 2 and checks["award.cap", None]["reached"] is None
    assert checks["targets.enterprises", None]["wanted"] > 0


def test_a_city_reads_its_own_alone(purse: Purse, neighbour: Town) -> None:
    found = said(purse, purse.town.city)
    assert [p["pilot_id"] for p in found["pilots"]] == [str(purse.town.pilot.id)]
    assert found["awarded"]["amount"] == "10000000.00"
    for query in ({"city": OTHER_CITY}, {"batch_id": str(uuid.uuid4())}, {"city": "'"}):
        answer = purse.town.app.test_client().get(
            API, query_string=query, headers=token_for(purse.town.app, purse.town.city)
        )
        assert answer.status_code == 404, query
    stranger = make_actor(purse.act, Role.CITY, region="360100")[0]
    assert said(purse, stranger)["pilots"] == []
    for actor in (purse.town.enterprise, purse.town.provider):
        headers = {"Authorization": token_for(purse.town.app, actor)["Authorization"]}
        assert purse.town.app.test_client().get(API, headers=headers).status_code == 403


def test_by_city_by_batch_and_by_day(purse: Purse, neighbour: Town) -> None:
    province = make_actor(purse.act, Role.PROVINCE)[0]
    assert [p["city"] for p in said(purse, province, city=OTHER_CITY)["pilots"]] == [OTHER_CITY]
    batch = str(neighbour.pilot.batch_id)
    inside = {p["pilot_id"] for p in said(purse, province, batch_id=batch)["pilots"]}
    assert str(neighbour.pilot.id) in inside
    assert (str(purse.town.pilot.id) in inside) == (purse.town.pilot.batch_id == neighbour.pilot.batch_id)
    assert said(purse, province, as_of="2000-01-01")["pilots"] == []
    answer = purse.town.app.test_client().get(
        API, query_string={"as_of": "2999-01-01"}, headers=token_for(purse.town.app, province)
    )
    assert answer.json["code"] == "report.day_to_come"


def test_lines_of_others_are_not_read(purse: Purse, neighbour: Town) -> None:
    city = make_actor(purse.act, Role.CITY, region=OTHER_CITY)[0]
    assert purse.act(lambda ctx: entries.entries(ctx, pilot_id=purse.town.pilot.id), city).items == []
    assert purse.act(lambda ctx: entries.entries_total(ctx, figure="committed"), city) == 0
    assert purse.act(lambda ctx: entries.entries_total(ctx, figure="committed"), purse.town.city) == 40_000_00
    assert purse.act(lambda ctx: entries.sources(ctx), city) == ["province"]
    whole = purse.act(lambda ctx: entries.bookings(ctx, figure="unissued", source="province"), purse.town.city)
    assert sum(line.amount for line in whole.items) == 1_180_000_07


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_workbook_and_paper_say_the_same(purse: Purse, neighbour: Town, language: str) -> None:
    client = client_as(purse.town.app, Role.PROVINCE)
    headers = {"Accept-Language": language}
    page = client.get("/reports/overview", headers=headers).text
    assert "¥30,000,000.00" in page and neighbour.pilot.name in page
    book = python_calamine.CalamineWorkbook.from_filelike(
        io.BytesIO(client.get("/reports/overview.xlsx", headers=headers).data)
    )
    pilots = book.get_sheet_by_index(0).to_python()
    assert len(book.sheet_names) == 6 and pilots[-1][1] == 30_000_000.0
    assert sum(row[1] for row in pilots[1:-1]) == pilots[-1][1]
    paper = client.get("/reports/overview.pdf", headers=headers)
    assert paper.mimetype == "application/pdf" and paper.data.startswith(b"%PDF-")


def test_as_many_statements_for_many_as_for_one(purse: Purse, clock: SetClock) -> None:
    client = client_as(purse.town.app, Role.PROVINCE)
    client.get("/reports/overview")  # the rule book is read once per process
    with listening(purse.town.app) as alone:
        assert client.get("/reports/overview").status_code == 200
    for _ in range(3):
        town = build_town(purse.town.app, day_of(clock.moment))
        fact = PilotApproved(town.pilot.id, town.pilot.city, town.pilot.edition_id, 1_00, town.pilot.approved_on)
        town.act(lambda ctx, fact=fact: funds.book_award(ctx, fact))
    with listening(purse.town.app) as together:
        page = client.get("/reports/overview").text
    assert page.count('href="/reports/settlement/') == 4 and len(together) == len(alone)
