"""Claims on pages: both lists with their filters, orders and files, the sums of every cut, two persons for two reviews."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
import python_calamine
from flask.testing import FlaskClient

from marketplace.people.organisations.models import Organisation
from marketplace.shop.orders.models import Order
from tests.support.html import PageClient
from tests.support.payday import Payday
from tests.support.people import OTHER_CITY, client_as, make_actor, post, sign_in
from vouchers.claims.queries import Filed
from vouchers.claims.rules import Cut
from vouchers.claims.states import CutCode, Decision

CUT = Cut(1, 33_28, CutCode.EVIDENCE, "缺签到表")


@pytest.fixture(autouse=True)
def strict(payday: Payday, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page of these tests is read as strictly as `PageClient` reads."""
    monkeypatch.setattr(payday.town.app, "test_client_class", PageClient)


def browser(payday: Payday, who: str) -> FlaskClient:
    return sign_in(payday.town.app.test_client(), payday.persons[who])


@pytest.fixture
def claims(payday: Payday) -> dict[str, Filed]:
    """A claim of each state on a desk, a day apart: the first is late today."""
    found = {"submitted": payday.claim(payday.claimable())}
    payday.clock.advance(days=8)
    found["returned"] = payday.claim(payday.claimable())
    payday.review(found["returned"], Decision.RETURNED, reason="不清", notes={"statement": "请写明上线日期"})
    payday.clock.advance(days=1)
    found["reviewed"] = payday.claim(payday.claimable())
    payday.review(found["reviewed"], cuts=[CUT])
    payday.clock.advance(days=1)
    found["approved"] = payday.approved(cuts=[CUT])
    return found


ALL = {"submitted", "returned", "reviewed", "approved"}


def rows(page: str, claims: dict[str, Filed]) -> list[str]:
    """Which claims stand in the list, in its order."""
    body = page.partition("<tbody")[2].partition("</tbody>")[0]
    places = {name: body.find(claim.form.number) for name, claim in claims.items()}
    return sorted((name for name, place in places.items() if place >= 0), key=places.__getitem__)


def ask(payday: Payday, who: str, address: str, query: str, claims: dict[str, Filed]) -> list[str]:
    """The rows under an address, the same on the page and in both files."""
    client = browser(payday, who)
    found = rows(client.get(f"{address}?{query}").text, claims)
    told = list(csv.reader(io.StringIO(client.get(f"{address}?{query}&format=csv").data.decode("utf-8-sig"))))[1:]
    numbers = {claim.form.number: name for name, claim in claims.items()}
    assert [numbers[line[0]] for line in told] == found
    with client.get(f"{address}?{query}&format=xlsx") as file:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.data)).get_sheet_by_index(0)
    assert [numbers[line[0]] for line in sheet.to_python()[1:]] == found
    return found


def filled(payday: Payday, claims: dict[str, Filed], query: str) -> str:
    one, day = claims["reviewed"], payday.today
    return query.format(
        number=one.form.number.lower(),
        order=payday.see(Order, one.form.order_id).number.lower(),
        provider=payday.see(Organisation, one.form.provider_id).name,
        pilot=payday.town.pilot.id,
        today=day,
        tomorrow=day + timedelta(days=1),
        yesterday=day - timedelta(days=1),
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ALL),
        *((f"state={state}", {state}) for state in sorted(ALL)),
        ("state=paid", set()),
        ("state=lost", ALL),
        ("overdue=1", {"submitted"}),
        ("q={number}", {"reviewed"}),
        ("q={order}", {"reviewed"}),
        ("q={provider}", ALL),
        ("q=_", set()),
        ("since={today}", {"approved"}),
        ("since={tomorrow}", set()),
        ("until={yesterday}", ALL - {"approved"}),
        ("pilot={pilot}&state=reviewed", {"reviewed"}),
    ],
)
def test_each_filter_of_the_list(payday: Payday, claims: dict[str, Filed], query: str, found: set[str]) -> None:
    assert set(ask(payday, "city", "/claims", filled(payday, claims, query), claims)) == found


@pytest.mark.parametrize(
    ("who", "query", "found"),
    [
        ("office", "", ["submitted", "second"]),
        ("office", "sort=newest", ["second", "submitted"]),
        ("office", "sort=oldest", ["submitted", "second"]),
        ("office", "overdue=1", ["submitted"]),
        ("office", "q={number}", []),
        ("city", "", ["reviewed"]),
        ("city", "q={order}&pilot={pilot}", ["reviewed"]),
        ("city", "overdue=1", []),
    ],
)
def test_each_desk_holds_its_own_the_first_due_first(
    payday: Payday, claims: dict[str, Filed], who: str, query: str, found: list[str]
) -> None:
    claims = claims | {"second": payday.claim(payday.claimable())}
    assert ask(payday, who, "/claims/review", filled(payday, claims, query), claims) == found


def test_the_orders_and_the_columns_of_the_list(payday: Payday, claims: dict[str, Filed]) -> None:
    names = list(claims)
    assert ask(payday, "office", "/claims", "", claims) == names[::-1]
    assert ask(payday, "office", "/claims", "sort=oldest", claims) == names
    text = browser(payday, "office").get("/claims?format=csv").data.decode("utf-8-sig")
    table = {row["申请编号"]: row for row in csv.DictReader(io.StringIO(text))}
    approved, reviewed = (table[claims[name].form.number] for name in ("approved", "reviewed"))
    assert (approved["申请金额（元）"], approved["核减（元）"], approved["审定金额（元）"]) == (
        "6333.28",
        "33.28",
        "6300.00",
    )
    assert (reviewed["核减（元）"], reviewed["审定金额（元）"]) == ("33.28", "")
    page = browser(payday, "office").get("/claims").text
    assert "初审拟核减 ¥33.28" in page and "已超期" in page


@pytest.mark.parametrize(
    ("who", "name", "step"),
    [
        ("office", "submitted", "初审"),
        ("office", "reviewed", None),
        ("city", "reviewed", "复审"),
        ("provider", "returned", "按意见补正"),
        ("enterprise", "returned", None),
    ],
)
def test_the_next_step_stands_in_the_row_of_whom_it_waits_for(
    payday: Payday, claims: dict[str, Filed], who: str, name: str, step: str | None
) -> None:
    page = browser(payday, who).get(f"/claims?state={name}").text
    row = page.partition("<tbody")[2].partition("</tbody>")[0]
    assert claims[name].form.number in row
    assert (f">{step}</a>" in row) if step else ("/review" not in row and "/correct" not in row)


def test_the_sums_of_a_cut_stand_on_the_claim(payday: Payday, claims: dict[str, Filed]) -> None:
    page = browser(payday, "provider").get(f"/claims/{claims['approved'].id}").text
    assert "¥6,333.28 − ¥33.28 = ¥6,300.00" in page and "佐证材料不足：缺签到表" in page
    page = browser(payday, "provider").get(f"/claims/{claims['reviewed'].id}").text
    assert "以设区市复审为准" in page and "审定金额" not in page
    assert "请写明上线日期" in browser(payday, "provider").get(f"/claims/{claims['returned'].id}/correct").text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "¥6,333.28"),
        ("cut1_amount=33.28&cut1_code=evidence", "¥6,333.28 − ¥33.28 = ¥6,300.00"),
        ("cut1_amount=33.28&cut1_code=lost&cut1_reason=<b>", "¥6,333.28 − ¥33.28 = ¥6,300.00"),
        ("cut1_amount=much", "¥6,333.28"),
        ("cut1_amount=-5&cut9_amount=1", "¥6,333.28"),
    ],
)
def test_the_sums_follow_what_is_typed(payday: Payday, claims: dict[str, Filed], query: str, said: str) -> None:
    page = browser(payday, "city").get(f"/claims/{claims['reviewed'].id}/review/sums?{query}").text
    assert said in page and "<b>" not in page and (" − " in page) == ("33.28&" in query)
    assert ("二(五)" in page) == ("evidence" in query)


def test_whoever_made_the_first_review_is_told_that_another_makes_the_second(payday: Payday) -> None:
    claim = payday.claim(payday.claimable())
    person = payday.persons["city"]
    hat, _ = make_actor(
        payday.act, "pilot", pilot_id=payday.town.pilot.id, region=payday.town.pilot.region, person=person
    )
    payday.review(claim, actor=hat)
    client = browser(payday, "city")
    page = client.get(f"/claims/{claim.id}/review").text
    assert "复审须由另一人办理" in page and "提交意见" not in page
    assert post(client, f"/claims/{claim.id}/review", {"decision": "approved"}).status_code == 409


def test_a_claim_that_is_not_returned_is_not_withdrawn_on_its_page(payday: Payday, claims: dict[str, Filed]) -> None:
    page = browser(payday, "provider").get(f"/claims/{claims['submitted'].id}/why/withdraw").text
    assert "目前的状态不能这样办理" in page and "<textarea" not in page
    assert "<textarea" in browser(payday, "provider").get(f"/claims/{claims['returned'].id}/why/withdraw").text


def test_others_see_nothing(payday: Payday, claims: dict[str, Filed]) -> None:
    client = client_as(payday.town.app, "city", region=OTHER_CITY)
    assert rows(client.get("/claims").text, claims) == rows(client.get("/claims/review").text, claims) == []
    assert client.get(f"/claims/{claims['submitted'].id}/review/sums").status_code == 404
