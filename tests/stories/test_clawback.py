"""Money that was paid and should not have been: taken back in the open, part by part, until nothing is owed."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.street import Street

WHY = "检查发现部分服务未提供。"


def test_a_clawback_that_everybody_finds(street: Callable[..., Street]) -> None:
    town = street()
    town.issue()
    order = town.order()
    town.delivered(order)
    town.invoiced(order)
    town.paid(order)
    office = town.who("office").get("/recoveries").follow("发起追回")
    office.follow("发起追回").press("发起追回", amount="1000.00", ground="inspection", reason=WHY)
    here = office.address
    assert here.startswith("/recoveries/")
    town.who("provider").get(here).follow("作出说明").press("提交", agrees="yes", text="")
    town.who("city").get(here).follow("复核").press("提交", decision="demand", reason="现场核实未提供。")
    [balances] = town.balances()
    assert (balances["paid"], balances["clawed"]) == (533_328, 100_000)
    assert town.fund("recover") == 0, "what is demanded has not arrived"
    for amount, reference in (("400.00", "TK-1"), ("600.00", "TK-2")):
        page = town.who("maker").get(here).follow("登记")
        page.press("登记", amount=amount, bank_reference=reference, received_on=str(town.payday.today))
    assert town.fund("recover") == 100_000

    for who in ("provider", "office", "city", "maker", "auditor"):
        page = town.who(who).get(here).words()
        assert "已全部追回" in page and "TK-1" in page and "TK-2" in page and WHY in page, who
    enterprise = town.who("enterprise")
    page = enterprise.get("/vouchers").follow("查看与出示").words()
    assert "已追回 付款后查实不符，已追回 ¥1,000.00" in page and "已兑付 财政已付款 ¥5,333.28" in page, page
    page = enterprise.get(order).words()
    assert "追回" in page and "¥1,000.00" in page and WHY in page, page
    [balances] = town.balances()
    assert balances == dict(available=366_672, reserved=0, payable=0, paid=533_328, recalled=0, clawed=100_000)
    assert town.fund("pay") - town.fund("unpay") - town.fund("recover") == 533_328
