"""The lists of the shop: each filter and each order gives the right rows, and the file holds the same."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from marketplace.base.clock import SetClock
from marketplace.shop.acceptance import actions as acceptance
from marketplace.shop.acceptance.states import Result
from marketplace.shop.catalogue import actions as catalogue
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.rules import LineInput
from tests.support.html import parse
from tests.support.people import sign_in
from tests.support.shop import PDF, Town, content, file_contract, list_product, organisation_of, place_order, publish


def titles(html: str, name: str) -> list[str]:
    """What leads each row of a list."""
    rows = (e for e in parse(html).iter("td") if "cell-first" in str(e.get("class")))
    assert f'id="list-{name}"' in html
    return ["".join((next(cell.iter("a"), cell)).itertext()) for cell in rows]


def ask(town: Town, who: str, address: str, name: str, query: str) -> list[str]:
    """The rows of a list under an address, the same on the page and in both files."""
    client = sign_in(town.app.test_client(), town.persons[who])
    page = client.get(f"{address}?{query}")
    assert page.status_code == 200, query
    lines = list(csv.reader(io.StringIO(client.get(f"{address}?{query}&format=csv").data.decode("utf-8-sig"))))
    found = titles(page.text, name)
    assert [line[0] for line in lines[1:]] == found
    with client.get(f"{address}?{query}&format=xlsx") as book:
        assert book.data[:2] == b"PK"
    return found


@pytest.fixture
def ordered(town: Town, today: date, clock: SetClock) -> dict[str, str]:
    """Two orders, a day apart; the first is accepted."""
    first = place_order(town, list_product(town))
    town.act(lambda ctx: orders.accept(ctx, first.id), town.provider)
    clock.advance(days=1)
    second = place_order(town, list_product(town, name="轻排程"))
    return {
        "first": first.number,
        "second": second.number,
        "today": today.isoformat(),
        "tomorrow": (today + timedelta(days=1)).isoformat(),
        "pilot": str(town.pilot.id),
        "city": town.pilot.city,
        "firm": organisation_of(town, town.provider).name[:8],
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["轻排程", "轻质检"]),
        ("sort=oldest", ["轻质检", "轻排程"]),
        ("state=accepted", ["轻质检"]),
        ("q={second}", ["轻排程"]),
        ("q=质检", ["轻质检"]),
        ("q={firm}", ["轻排程", "轻质检"]),
        ("q=%25", []),
        ("since={tomorrow}", ["轻排程"]),
        ("until={today}", ["轻质检"]),
        ("since={today}&until={today}", ["轻质检"]),
        ("pilot={pilot}&state=placed", ["轻排程"]),
        ("pilot=00000000-0000-0000-0000-000000000000", ["轻排程", "轻质检"]),
        ("until=9999-12-31&since=0001-01-01", ["轻排程", "轻质检"]),
    ],
)
def test_orders_are_narrowed_and_put_in_order(
    town: Town, ordered: dict[str, Any], query: str, found: list[str]
) -> None:
    assert ask(town, "city", "/orders", "orders", query.format(**ordered)) == found


def test_each_side_is_told_what_to_do_next(town: Town, ordered: dict[str, Any]) -> None:
    client = sign_in(town.app.test_client(), town.persons["provider"])
    page = client.get("/orders").text
    assert ">备案合同</a>" in page and ">接单</a>" in page and "所属试点" not in page.split("</form>")[0]
    lines = list(csv.reader(io.StringIO(client.get("/orders?format=csv").data.decode("utf-8-sig"))))
    assert lines[0][:3] == ["产品", "订单编号", "企业"] and lines[1][1] == ordered["second"]
    assert "下一步" not in sign_in(town.app.test_client(), town.persons["city"]).get("/orders").text


@pytest.fixture
def offered(town: Town, today: date, clock: SetClock) -> dict[str, str]:
    """Four products, from listed to a mere draft; the dearer one is submitted a day later and waits."""
    list_product(town)
    town.act(lambda ctx: catalogue.draft_product(ctx, content={"name": "只有名字"}), town.provider)
    rejected = publish(town, name="未通过")
    listing = town.act(lambda ctx: catalogue.submit_listing(ctx, rejected.id, city=town.pilot.city), town.provider)
    town.act(lambda ctx: catalogue.review_listing(ctx, listing.id, approve=False, reason="没有依据"), town.city)
    clock.advance(days=1)
    dear = [{**content()["packages"][0], "price_fen": 9_900_000}]
    waiting = publish(town, name="轻排程", packages=dear)
    town.act(lambda ctx: catalogue.submit_listing(ctx, waiting.id, city=town.pilot.city), town.provider)
    return {
        "today": today.isoformat(),
        "tomorrow": (today + timedelta(days=1)).isoformat(),
        "firm": organisation_of(town, town.provider).name[:8],
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["轻排程"]),
        ("state=listed", ["轻质检"]),
        ("state=", ["轻排程", "未通过", "轻质检"]),
        ("state=&sort=oldest", ["轻质检", "未通过", "轻排程"]),
        ("state=&sort=cheapest&q=轻&until={tomorrow}", ["轻质检", "轻排程"]),
        ("state=&q=质检", ["轻质检"]),
        ("state=&q={firm}", ["轻排程", "未通过", "轻质检"]),
        ("state=&since={tomorrow}", ["轻排程"]),
        ("state=&until={today}", ["未通过", "轻质检"]),
    ],
)
def test_submissions_are_narrowed_and_put_in_order(
    town: Town, offered: dict[str, Any], query: str, found: list[str]
) -> None:
    assert ask(town, "city", "/listings", "submissions", query.format(**offered)) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["轻排程", "未通过", "只有名字", "轻质检"]),
        ("stage=listed", ["轻质检"]),
        ("stage=submitted", ["轻排程"]),
        ("stage=unlisted", ["未通过", "只有名字"]),
        ("q=轻", ["轻排程", "轻质检"]),
    ],
)
def test_products_are_narrowed(town: Town, offered: dict[str, Any], query: str, found: list[str]) -> None:
    assert ask(town, "provider", "/products", "products", query) == found


def test_a_product_says_where_it_stands_and_what_comes_next(town: Town, offered: dict[str, Any]) -> None:
    client = sign_in(town.app.test_client(), town.persons["provider"])
    lines = list(csv.reader(io.StringIO(client.get("/products?format=csv").data.decode("utf-8-sig"))))
    stands = {line[0]: (line[2], line[5]) for line in lines[1:]}
    assert stands == {
        "轻排程": ("待审核", ""),
        "未通过": ("未通过审核", "提交上架"),
        "只有名字": ("尚未提交", "补全草稿"),
        "轻质检": ("已上架", ""),
    }


def test_an_empty_queue_offers_nothing_to_clear(town: Town) -> None:
    client = sign_in(town.app.test_client(), town.persons["city"])
    assert "清除筛选" not in client.get("/listings").text
    assert "清除筛选" in client.get("/listings?q=没有").text


def confirmed(town: Town, name: str, today: date) -> Order:
    """An order whose delivery the enterprise has confirmed."""
    order = place_order(town, list_product(town, name=name))
    town.act(lambda ctx: orders.accept(ctx, order.id), town.provider)
    line = LineInput("年度订阅", CostType.SOFTWARE, Decimal(1), Decimal("16800"), 1_680_000, 95_094)
    file_contract(town, order, [line], signed_on=today, number=name, data=PDF + name.encode())
    town.act(lambda ctx: orders.deliver(ctx, order.id, text="已上线"), town.provider)
    town.act(lambda ctx: orders.confirm(ctx, order.id), town.enterprise)
    return order


@pytest.fixture
def judged(town: Town, today: date, clock: SetClock) -> dict[str, str]:
    """One renovation that passed, one to be mended the day after, one that nobody has looked at."""
    scores = dict.fromkeys(("effect", "data_flow", "return", "management"), 80)
    first, second = confirmed(town, "轻质检", today), confirmed(town, "轻排程", today)
    for order, result in ((first, Result.PASSED), (second, Result.RECTIFY)):
        town.act(
            lambda ctx, order=order, result=result: acceptance.judge(
                ctx, order.id, scores=scores, level_after="L6", result=result, finance_clean=True, reason="已看"
            ),
            town.city,
        )
        clock.advance(days=1)
    third = confirmed(town, "能耗", today)
    clock.advance(days=3)
    return {
        "first": first.number,
        "third": third.number,
        "today": today.isoformat(),
        "tomorrow": (today + timedelta(days=1)).isoformat(),
        "pilot": str(town.pilot.id),
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["轻排程", "轻质检"]),
        ("sort=oldest", ["轻质检", "轻排程"]),
        ("result=rectify", ["轻排程"]),
        ("q={first}", ["轻质检"]),
        ("q=排程", ["轻排程"]),
        ("pilot={pilot}&since={tomorrow}", ["轻排程"]),
        ("until={today}", ["轻质检"]),
    ],
)
def test_judgements_are_narrowed_and_put_in_order(
    town: Town, judged: dict[str, Any], query: str, found: list[str]
) -> None:
    assert ask(town, "city", "/acceptances", "acceptances", query.format(**judged)) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [("", ["轻排程", "能耗"]), ("q={third}", ["能耗"]), ("pilot={pilot}&q=轻", ["轻排程"]), ("q={first}", [])],
)
def test_what_waits_longest_comes_first(town: Town, judged: dict[str, Any], query: str, found: list[str]) -> None:
    assert ask(town, "city", "/acceptances/waiting", "acceptances-waiting", query.format(**judged)) == found


def test_whoever_judges_is_led_to_what_waits(town: Town, judged: dict[str, Any]) -> None:
    city, office = (sign_in(town.app.test_client(), town.persons[who]) for who in ("city", "office"))
    assert 'btn-primary" href="/acceptances/waiting">2 个项目待验收<' in city.get("/acceptances").text
    lines = list(csv.reader(io.StringIO(city.get("/acceptances/waiting?format=csv").data.decode("utf-8-sig"))))
    assert [line[-1] for line in lines] == ["已等待（天）", "5", "3"]
    assert "待验收" not in office.get("/acceptances").text
    assert office.get("/acceptances/waiting").status_code == 403
