"""One voucher, several orders of several providers: part by part, frozen and thawed, given back, and expired."""

from __future__ import annotations

from collections.abc import Callable

from tests.stories.test_failed_provider import another
from tests.support.street import Street
from vouchers.ledger.jobs import sweep


def test_a_voucher_part_by_part(street: Callable[..., Street]) -> None:
    town = street()
    listing = another(town)
    town.wait(7)  # a new account is paid only after its pause
    wallet = town.issue("20000.00").follow("查看与出示").address
    first = town.order()
    second = town.order(listing=listing)
    third = town.order()
    page = town.who("enterprise").get(third)
    assert "服务券补贴 ¥6,560.00" in page.words(), "what was left, not what forty per cent would give"
    page.follow("取消订单").press("取消订单", reason="计划有变。")
    assert "占用的券额已退回" in page.get(third).words()
    town.delivered(first)
    town.delivered(second, "other")
    town.invoiced(first)
    town.invoiced(second, "other")
    town.paid(first, reference="JS-1")
    town.paid(second, "other", reference="JS-2")
    words = town.who("enterprise").get(wallet).words()
    for told in (
        "可用 下单时可以使用 ¥7,333.44",
        "已兑付 财政已付款 ¥12,666.56",
        "合计（面额） ¥20,000.00",
        "下单锁定",
        "释放",
    ):
        assert told in words, (told, words)
    [balances] = town.balances()
    assert balances == dict(available=733_344, reserved=0, payable=0, paid=1_266_656, recalled=0, clawed=0)

    office = town.who("office").get(wallet)
    office.press("冻结", status=422, reason="")
    office.press("冻结", reason="核查中。")
    enterprise = town.who("enterprise").get(wallet)
    assert "这张券已冻结" in enterprise.words()
    assert "¥7,333.44" not in enterprise.get(f"/catalogue/{listing.id}").words(), "a frozen voucher is not offered"
    town.who("office").get(wallet).press("解冻", reason="已核实。")
    assert "这张券已冻结" not in town.who("enterprise").get(wallet).words()

    office = town.who("office").get(wallet)
    office.press("收回", status=409, amount="7333.45", why="企业退出改造。")
    assert "可用 ¥7,333.44" in office.words(), office.words()
    office.press("收回", amount="333.44", why="企业退出改造。")
    words = town.who("enterprise").get(wallet).words()
    assert "收回 ¥333.44" in words and "企业退出改造。" in words and "核查中。" in words and "已核实。" in words, words
    assert "企业退出改造。" in town.who("enterprise").get("/notices").words(), "and is told of it"
    assert town.fund("recall") == 33_344

    town.wait(200)
    town.payday.act(sweep)
    words = town.who("enterprise").get(wallet).words()
    assert "没有用完的额度退回资金池" in words and "过期收回" in words and "已收回" in words and "¥7,000.00" in words
    [balances] = town.balances()
    assert balances == dict(available=0, reserved=0, payable=0, paid=1_266_656, recalled=733_344, clawed=0)
    assert town.fund("pay") == 1_266_656 and town.fund("recall") + town.fund("lapse") == 733_344
