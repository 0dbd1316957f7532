"""The bank sends a payment back: everybody sees why, the account is mended, and the money leaves a second time once."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.street import Street

SUBSIDY = "¥6,333.28"
WHY = "账户已销户"


def test_a_payment_that_comes_back_is_paid_once(street: Callable[..., Street]) -> None:
    town = street()
    town.issue()
    order = town.order()
    town.delivered(order)
    town.invoiced(order)
    claim = town.claimed(order)
    first = town.batch()
    sent = town.payment(first)
    town.answered(first, sent["端到端编号"], "失败", why=WHY)

    page = first.get(first.address).words()
    assert WHY in page and "1 笔，可另行制单" in page and SUBSIDY in page, page
    page = town.who("provider").get(claim).words()
    assert WHY in page and "银行退回了付款" in page and "不会重复付款" in page and "核对收款账户" in page, page
    [balances] = town.balances()
    assert (balances["payable"], balances["paid"]) == (633_328, 0), "a payment that came back is not paid"
    assert town.fund("pay") - town.fund("unpay") == 0
    number = town.who("provider").get(claim).words().split("兑付申请 ")[1].split(" ")[0]
    assert number in town.who("maker").get("/settlement").follow("制单").words()

    second = town.batch()
    assert second.address != first.address
    again = town.payment(second)
    assert again["金额(元)"] == "6333.28" and again["端到端编号"] != sent["端到端编号"]
    town.answered(second, again["端到端编号"], "成功", "JS-2")
    assert number not in town.who("maker").get("/settlement").words(), "nothing waits to be paid a third time"

    page = town.who("auditor").get(claim).words()
    assert WHY in page and "JS-2" in page and "已付款" in page, page
    page = town.who("provider").get(claim).words()
    assert "已付款" in page and "JS-2" in page and WHY in page, "the first try stays in the story"
    assert "核对收款账户" not in page, "nothing more is to be done"
    assert WHY in first.get(first.address).words() and "JS-2" in second.get(second.address).words()
    [balances] = town.balances()
    assert balances == dict(available=366_672, reserved=0, payable=0, paid=633_328, recalled=0, clawed=0)
    assert town.fund("pay") - town.fund("unpay") == 633_328
