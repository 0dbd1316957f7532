"""A provider fails after the voucher is set aside: the hold goes to another provider, told to all, counted once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marketplace.base.roles import Role
from tests.support.payday import open_account
from tests.support.people import COUNTY, make_actor, make_organisation
from tests.support.shop import enlist, list_product
from tests.support.street import Street, buttons
from vouchers.ledger.jobs import sweep

WHY = "原服务商停业，无法交付。"


def another(town: Street) -> Any:
    """A second provider of the city with a product of its own; gives the listing."""
    payday = town.payday
    firm = make_organisation(payday.act, capacity="provider", region=COUNTY)
    actor, payday.persons["other"] = make_actor(payday.act, Role.PROVIDER, organisation=firm)
    enlist(payday.town, firm.id, payday.today)
    first, payday.town.provider = payday.town.provider, actor
    listing = list_product(payday.town, name="慧质检")
    payday.town.provider = first
    open_account(payday, firm.id, "6222021502010000025")
    return listing


def suspended(town: Street) -> None:
    name = town.payday.town.provider.organisation_name
    page = town.who("city").get("/standing").follow(name)
    page.press("作出处理", kind="suspend", reason="停业，联系不上。", clause="二(四)")


def test_the_hold_goes_to_another_provider(street: Callable[..., Street]) -> None:
    town = street()
    another(town)
    town.issue()
    order = town.order()
    town.contracted(order)
    assert not buttons(town.who("enterprise").get(order + "/replace"), "更换服务商"), "this one still works"
    suspended(town)
    town.wait(200)  # the voucher's last day is over, its hold's is not
    town.payday.act(sweep)
    page = town.who("enterprise").get(order).follow("更换服务商").follow("慧质检")
    page.press("更换服务商", status=422, quantity1="1", why="")
    page.press("更换服务商", quantity1="1", why=WHY)
    taken = page.address
    assert taken.startswith("/orders/") and taken != order
    first = town.payday.town.provider.organisation_name

    words = page.words()
    assert f"锁定的 ¥6,720.00 从服务商 {first} 的订单" in words and WHY in words, words
    words = town.who("enterprise").get(order).words()
    assert "已取消" in words and "锁定的 ¥6,720.00 已转给服务商" in words and WHY in words, words
    assert "锁定的 ¥6,720.00 已转给服务商" in town.who("auditor").get(order).words()
    words = town.who("provider").get(order).words()
    assert "已取消" in words and WHY in words, "the first one is told why"
    town.who("provider").get(taken, status=404)
    assert f"从服务商 {first} 的订单" in town.who("other").get(taken).words()
    words = town.who("enterprise").get("/vouchers").follow("查看与出示").words()
    assert "从原服务商转出" in words and "转给新服务商锁定" in words, words

    town.delivered(taken, "other")
    town.invoiced(taken, "other")
    claim = town.paid(taken, "other", reference="JS-9")
    assert "已付款" in town.who("other").get(claim).words()
    [balances] = town.balances()
    assert balances == dict(available=0, reserved=0, payable=0, paid=633_328, recalled=366_672, clawed=0)
    assert town.fund("pay") == 633_328
