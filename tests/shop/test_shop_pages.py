"""The pages: who sees what, one next step each, and the same form sent twice orders once."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from marketplace.shop.acceptance.models import Acceptance
from marketplace.shop.catalogue import actions as catalogue
from marketplace.shop.catalogue.models import Listing, Product
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import OrderState
from tests.support.people import post, sign_in
from tests.support.shop import PDF, Town, list_product, place_order


@pytest.fixture
def listing(town: Town) -> Listing:
    return list_product(town)


def browser(town: Town, who: str) -> FlaskClient:
    return sign_in(town.app.test_client(), town.persons[who])


def primaries(html: str) -> list[str]:
    main = html.split("<main", 1)[1].split("</main>", 1)[0]
    return re.findall(r'class="btn btn-primary"[^>]*>([^<]+)<', main)


def test_a_visitor_reads_the_catalogue_in_both_languages(app: Flask, listing: Listing) -> None:
    client = app.test_client()
    for language, word in (("zh", "小型化"), ("en", "Small")):
        page = client.get(f"/catalogue/{listing.id}", headers={"Accept-Language": language})
        assert page.status_code == 200 and word in page.text and "16,800.00" in page.text
    found = client.get("/catalogue?q=质检").text
    assert "轻质检" in found and primaries(found) == ["搜索"]
    assert "没有找到" in client.get("/catalogue?q=没有这个").text
    narrowed = client.get("/catalogue?scenario=07&sort=cheapest").text
    assert "质量管理" in narrowed and "/catalogue?sort=cheapest" in narrowed, "the chip takes its filter away"


def test_foreign_words_in_the_address_do_no_harm(app: Flask, listing: Listing) -> None:
    client = app.test_client()
    for query in ("scenario=<script>", "sort=x", "city=000000", "q=%25", "industry=Z99", "deployment=%27"):
        assert client.get(f"/catalogue?{query}").status_code == 200, query


def test_the_same_form_orders_once(town: Town, listing: Listing) -> None:
    client = browser(town, "enterprise")
    page = client.get(f"/catalogue/{listing.id}").text
    once = re.search(r'name="once" value="([^"]+)"', page)
    assert once is not None and primaries(page) == ["提交订单"]
    form = {"once": once[1], "quantity1": "1", "quantity2": "2"}
    answers = [post(client, f"/orders/new/{listing.id}", form) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303] and answers[0].location == answers[1].location
    orders_ = town.act(lambda ctx: ctx.session.scalars(select(Order)).all())
    assert [o.total_fen for o in orders_] == [2_080_000]


def test_an_empty_order_says_what_is_missing(town: Town, listing: Listing) -> None:
    client = browser(town, "enterprise")
    answer = post(client, f"/orders/new/{listing.id}", {"once": "abcdefgh", "quantity1": "0", "quantity2": ""})
    assert answer.status_code == 422 and "请至少选择一个报价" in answer.text


def test_each_side_sees_its_own_next_step(town: Town, listing: Listing, today: date) -> None:
    provider, enterprise, city = (browser(town, who) for who in ("provider", "enterprise", "city"))
    order = place_order(town, listing)
    address = f"/orders/{order.id}"

    def steps() -> list[list[str]]:
        return [primaries(client.get(address).text) for client in (provider, enterprise, city)]

    assert steps() == [["接单"], [], []]
    assert post(provider, f"{address}/accept").status_code == 303
    assert steps() == [["备案合同"], [], []]
    form = provider.get(f"{address}/contract").text
    assert 'value="16800.00"' in form
    contract: dict[str, Any] = {
        "number": "HT-1",
        "signed_on": today.isoformat(),
        "document": (io.BytesIO(PDF), "合同.pdf"),
        "line1_name": "年度订阅",
        "line1_cost_type": "software",
        "line1_quantity": "1",
        "line1_unit_price": "16800",
        "line1_gross": "16,800.00",
        "line1_tax": "",
    }
    wrong = post(provider, f"{address}/contract", contract)
    assert wrong.status_code == 422 and 'href="#f-line1_tax"' in wrong.text
    contract |= {"line1_tax": "950.94", "document": (io.BytesIO(PDF), "合同.pdf")}
    assert post(provider, f"{address}/contract", contract).status_code == 303
    assert steps() == [["提交交付"], [], []]
    assert post(provider, f"{address}/deliver", {"text": "已上线"}).status_code == 303
    assert steps() == [[], ["确认交付"], []]
    assert "1 个订单已交付，请您确认" in enterprise.get("/").text
    assert post(enterprise, f"{address}/confirm").status_code == 303
    invoice, *rest = steps()
    assert "提交发票" in invoice[0] and rest == [[], ["组织验收"]]


def test_what_was_ordered_is_ordered_again_while_it_is_on_offer(town: Town, listing: Listing) -> None:
    order = place_order(town, listing)
    client, again = browser(town, "enterprise"), f'href="/orders/new/{listing.id}"'
    assert again not in client.get(f"/orders/{order.id}").text, "this one is still running"
    town.act(lambda ctx: orders.cancel(ctx, order.id, reason="数量有误"), town.enterprise)
    assert again in client.get(f"/orders/{order.id}").text
    assert again not in browser(town, "provider").get(f"/orders/{order.id}").text
    page = client.get(f"/orders/new/{listing.id}")
    assert page.status_code == 200 and primaries(page.text) == ["提交订单"]
    town.act(lambda ctx: catalogue.withdraw_listing(ctx, listing.id, reason="停止供应"), town.provider)
    assert again not in client.get(f"/orders/{order.id}").text


def test_the_city_judges_on_a_page(town: Town, listing: Listing, today: date) -> None:
    test_each_side_sees_its_own_next_step(town, listing, today)
    city = browser(town, "city")
    order_id = town.act(lambda ctx: ctx.session.scalar(select(Order.id)))
    address = f"/acceptances/orders/{order_id}"
    form = {f"score_{angle}": "80" for angle in ("effect", "data_flow", "return", "management")}
    form |= {"level_after": "L5", "result": "passed", "finance_clean": "true", "reason": "达到要求"}
    low = post(city, address, form)
    assert low.status_code == 409 and "二(二)" in low.text and "L6" in low.text
    assert post(city, address, {**form, "level_after": "L6"}).status_code == 303
    acceptance = town.act(lambda ctx: ctx.session.scalar(select(Acceptance.id)))
    for who in ("city", "enterprise", "provider", "office"):
        assert browser(town, who).get(f"/acceptances/{acceptance}").status_code == 200
    assert "通过" in browser(town, "enterprise").get(f"/orders/{order_id}").text


def test_reasons_are_asked_for(town: Town, listing: Listing) -> None:
    order = place_order(town, listing)
    enterprise, city = browser(town, "enterprise"), browser(town, "city")
    assert post(enterprise, f"/orders/{order.id}/why/dispute", {"reason": ""}).status_code == 422
    assert post(enterprise, f"/orders/{order.id}/why/dispute", {"reason": "不是我订的"}).status_code == 303
    assert "1 个订单争议待裁定" in city.get("/").text
    told = city.get(f"/orders/{order.id}/rule").text
    assert "提出异议时的状态" in told and "待服务商接单" in told and "服务券随即解冻" in told
    assert post(city, f"/orders/{order.id}/rule", {"ruling": "uphold", "reason": "查实"}).status_code == 303
    state = town.act(lambda ctx: ctx.session.scalar(select(Order.state)))
    assert state is OrderState.CANCELLED
    assert enterprise.get(f"/orders/{order.id}/why/nonsense").status_code == 404


def test_a_provider_writes_a_product_on_a_page(town: Town) -> None:
    provider, city = browser(town, "provider"), browser(town, "city")
    made = post(provider, "/products/new", {"name": "轻排程"})
    assert made.status_code == 303
    product_id = town.act(lambda ctx: ctx.session.scalar(select(Product.id)))
    page = provider.get(f"/products/{product_id}").text
    assert primaries(page) == ["补全草稿"] and "至少需要一个报价" in page
    form = {
        "name": "轻排程", "klass": "product", "summary": "按订单排产", "scenarios": ["05"], "industries": ["C34"],
        "deployment": "saas", "delivery_days": "20", "small": "三个人就能用起来无机房", "fast": "二十天上线近五个项目",
        "light": "按年订阅不改造现有设备", "precise": "面向通用设备行业的排程", "cases": "恒达", "exit_terms": "导出",
        "package1_name": "年费", "package1_unit": "年", "package1_cost_type": "cloud", "package1_price": "9,900",
    }  # fmt: skip
    partial = post(provider, f"/products/{product_id}/edit", {**form, "package2_name": "没有价格"})
    assert partial.status_code == 422 and 'href="#f-package2_price"' in partial.text
    assert post(provider, f"/products/{product_id}/edit", form).status_code == 303
    assert "发布第 1 版" in provider.get(f"/products/{product_id}").text
    assert post(provider, f"/products/{product_id}/publish").status_code == 303
    assert primaries(provider.get(f"/products/{product_id}").text) == ["提交上架审核"]
    assert post(provider, f"/products/{product_id}", {"city": town.pilot.city}).status_code == 303
    assert "1 个产品待审核上架" in city.get("/").text
    listing_id = town.act(lambda ctx: ctx.session.scalar(select(Listing.id)))
    assert post(city, f"/listings/{listing_id}", {"decision": "reject"}).status_code == 422
    decided = post(city, f"/listings/{listing_id}", {"decision": "list", "category_county": "renovation"})
    assert decided.status_code == 303
    assert "轻排程" in town.app.test_client().get("/catalogue").text


def test_orders_are_not_for_strangers(town: Town, listing: Listing) -> None:
    order = place_order(town, listing)
    visitor = town.app.test_client().get(f"/orders/{order.id}")
    assert visitor.status_code == 302 and "/account/sign-in" in visitor.location
    assert browser(town, "provider").get(f"/orders/{order.id}").status_code == 200
    assert post(browser(town, "enterprise"), f"/orders/{order.id}/accept").status_code == 403
    assert town.act(lambda ctx: ctx.session.scalar(select(func.count()).where(Order.state == OrderState.PLACED))) == 1
    town.act(lambda ctx: orders.accept(ctx, order.id), town.provider)
