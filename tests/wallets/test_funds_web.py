"""A pilot's money on pages and over REST: where it stands, and dividing it under the ceiling (四(二))."""

from __future__ import annotations

import io
import re
import uuid
from typing import Any

import pytest
import python_calamine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from marketplace.base.roles import Role
from marketplace.record.audit.models import AuditRow
from tests.support.html import PageClient
from tests.support.people import OTHER_CITY, client_as, make_actor, post, sign_in, token_for
from tests.support.purse import Purse
from vouchers.funds import actions
from vouchers.funds import queries as funds

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def strict(purse: Purse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purse.town.app, "test_client_class", PageClient)


@pytest.fixture
def finance(purse: Purse) -> FlaskClient:
    """A browser of the city's finance bureau."""
    return client_as(purse.town.app, Role.FINANCE, region=purse.town.pilot.city)


def allotted(purse: Purse) -> dict[str, int]:
    return purse.act(lambda ctx: {s.line.category: s.allotted for s in funds.lines(ctx, purse.town.pilot.id)})


def form(category: str, amount: str, key: str = "") -> dict[str, str]:
    return {"category": category, "amount": amount, "key": key or str(uuid.uuid4())}


def dividings(purse: Purse) -> int:
    count = select(func.count()).select_from(AuditRow).where(AuditRow.verb == "line.allotted")
    return purse.act(lambda ctx: ctx.session.scalar(count))


class TestOnPages:
    def test_the_list_leads_to_the_pilot(self, purse: Purse, finance: FlaskClient) -> None:
        page = finance.get("/funds").text
        assert "¥10,000,000.00" in page and "¥5,000,000.00" in page and f"/funds/{purse.town.pilot.id}" in page
        assert "试点批复后" in client_as(purse.town.app, Role.CITY, region=OTHER_CITY).get("/funds").text

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", True),
            ("q={name}", True),
            ("q=%25", False),
            ("city={city}", True),
            ("city=360700", True),  # a city's officer has one city: no filter
            ("unallotted=1", True),
            ("column=pilot&column=source", True),
        ],
    )
    def test_each_filter_of_the_list(self, purse: Purse, finance: FlaskClient, query: str, found: bool) -> None:
        page = finance.get("/funds?" + query.format(name=purse.town.pilot.name, city=purse.town.pilot.city)).text
        assert (f"/funds/{purse.town.pilot.id}" in page) == found

    def test_a_province_narrows_by_city_and_a_divided_award_leaves_nothing(self, purse: Purse) -> None:
        province = client_as(purse.town.app, Role.PROVINCE)
        address = f"/funds/{purse.town.pilot.id}"
        assert address in province.get(f"/funds?city={purse.town.pilot.city}").text
        assert address not in province.get("/funds?city=360700").text
        assert address in province.get("/funds?unallotted=1").text
        purse.act(
            lambda ctx: actions.allot(
                ctx, purse.town.pilot.id, category="renovation", amount_fen=9_000_000_00, key="the rest"
            ),
            purse.finance,
        )
        assert address not in province.get("/funds?unallotted=1").text

    def test_the_files_of_the_list(self, purse: Purse, finance: FlaskClient) -> None:
        head, line = finance.get("/funds?format=csv").data.decode("utf-8-sig").splitlines()
        assert head == "试点,核定（元）,已到位（元）,企业改造额度（元）,其他用途额度（元）,未安排（元）,已支付（元）"
        assert line.endswith("10000000.00,5000000.00,1000000.00,0.00,9000000.00,0.00")
        with finance.get("/funds?format=xlsx&column=left") as file:
            sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.data)).get_sheet_by_index(0)
        assert sheet.to_python() == [["未安排（元）"], [9_000_000]]

    def test_says_how_much_more_each_use_may_get(self, purse: Purse, finance: FlaskClient) -> None:
        page = finance.get(f"/funds/{purse.town.pilot.id}").text
        assert "尚可安排 ¥9,000,000.00" in page and "尚可安排 ¥2,000,000.00" in page

    def test_the_pilot_in_both_languages(self, purse: Purse, finance: FlaskClient) -> None:
        address = f"/funds/{purse.town.pilot.id}"
        assert "¥2,000,000.00" in finance.get(address).text, "the ceiling of the other uses"
        english = finance.get(address, headers={"Accept-Language": "en"}).text
        middle = english.split("<main", 1)[1].split("</main>", 1)[0]
        middle = middle.replace(purse.town.pilot.name, "").replace("四(二)", "")
        assert not CHINESE.search(re.sub(r"<option.*?</option>", "", middle)), CHINESE.search(middle)
        assert "Allot" in english

    def test_dividing_twice_by_a_double_click_divides_once(self, purse: Purse, finance: FlaskClient) -> None:
        address, wanted = f"/funds/{purse.town.pilot.id}", form("saas", "1,500,000.00")
        for _ in range(2):  # the second time there would be no room for another 1,500,000.00
            answer = post(finance, address, wanted)
            assert answer.status_code == 303
        assert allotted(purse) == {"renovation": 1_000_000_00, "saas": 1_500_000_00}
        assert dividings(purse) == 2, "the fixture's and this one"

    def test_the_ceiling_is_refused_with_clause_and_typed_value(self, purse: Purse, finance: FlaskClient) -> None:
        refused = post(finance, f"/funds/{purse.town.pilot.id}", form("platform", "2,000,000.01"))
        assert refused.status_code == 409
        assert "四(二)" in refused.text and "2,000,000.00" in refused.text
        assert 'value="2,000,000.01"' in refused.text and '<option value="platform" selected' in refused.text
        assert allotted(purse) == {"renovation": 1_000_000_00}
        assert post(finance, f"/funds/{purse.town.pilot.id}", form("platform", "2,000,000.00")).status_code == 303

    @pytest.mark.parametrize("amount", ["", "0", "-1", "1.001", "1e6", "一百"])
    def test_what_is_no_amount(self, purse: Purse, finance: FlaskClient, amount: str) -> None:
        refused = post(finance, f"/funds/{purse.town.pilot.id}", form("saas", amount))
        assert refused.status_code == 422 and 'href="#f-amount"' in refused.text

    def test_only_finance_divides(self, purse: Purse) -> None:
        address = f"/funds/{purse.town.pilot.id}"
        for who in ("office", "city"):
            client = sign_in(purse.town.app.test_client(), purse.town.persons[who])
            assert "安排额度" not in client.get(address).text.split("<main")[1].split("各用途的额度")[-1]
            assert post(client, address, form("saas", "1.00")).status_code == 403
        for role in (Role.ENTERPRISE, Role.PROVIDER):
            assert client_as(purse.town.app, role).get(address).status_code == 403
        elsewhere = client_as(purse.town.app, Role.FINANCE, region=OTHER_CITY)
        assert elsewhere.get(address).status_code == 404
        assert post(elsewhere, address, form("saas", "1.00")).status_code == 404
        assert allotted(purse) == {"renovation": 1_000_000_00}


class TestOverRest:
    @pytest.fixture
    def address(self, purse: Purse) -> str:
        return f"/api/v1/pilots/{purse.town.pilot.id}"

    @pytest.fixture
    def headers(self, purse: Purse) -> dict[str, str]:
        return token_for(purse.town.app, purse.finance)

    def body(self, amount: str, **more: Any) -> dict[str, Any]:
        return {"category": "saas", "amount": {"amount": amount, "currency": "CNY"}, **more}

    def test_reading(self, purse: Purse, address: str, headers: dict[str, str]) -> None:
        said = purse.town.app.test_client().get(f"{address}/funds", headers=headers).json
        assert [fund["award"]["amount"] for fund in said["funds"]] == ["10000000.00"]
        assert [(line["category"], line["available"]["amount"]) for line in said["lines"]] == [
            ("renovation", "1000000.00")
        ]

    def test_dividing(self, purse: Purse, address: str, headers: dict[str, str]) -> None:
        client, keyed = purse.town.app.test_client(), {**headers, "Idempotency-Key": "k1"}
        url = f"{address}/allotments"
        assert client.post(url, json=self.body("1.00"), headers=headers).status_code == 400, "no key"
        first = client.post(url, json=self.body("1500000.00"), headers=keyed)
        assert (first.status_code, first.json["allotted"]["amount"]) == (201, "1500000.00")
        again = client.post(url, json=self.body("1500000.00"), headers=keyed)
        assert again.json == first.json and again.headers["Idempotency-Replayed"] == "true"
        other = client.post(url, json=self.body("1.00"), headers=keyed)
        assert (other.status_code, other.json["code"]) == (422, "idempotency.other_request")
        strange = client.post(url, json=self.body("1.00", colour="red"), headers={**headers, "Idempotency-Key": "k2"})
        assert strange.status_code == 422
        above = client.post(url, json=self.body("500000.01"), headers={**headers, "Idempotency-Key": "k3"})
        assert (above.status_code, above.json["code"]) == (409, "allotment.exceeds_room")
        assert above.json["clause"] == "四(二)" and "amount" in above.json["errors"]
        assert allotted(purse)["saas"] == 1_500_000_00

    def test_of_another_city(self, purse: Purse, address: str) -> None:
        stranger, _ = make_actor(purse.act, Role.FINANCE, region=OTHER_CITY)
        headers = {**token_for(purse.town.app, stranger), "Idempotency-Key": "k"}
        client = purse.town.app.test_client()
        assert client.get(f"{address}/funds", headers=headers).status_code == 404
        assert client.post(f"{address}/allotments", json=self.body("1.00"), headers=headers).status_code == 404
        assert allotted(purse) == {"renovation": 1_000_000_00}
