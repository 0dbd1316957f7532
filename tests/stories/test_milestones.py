"""An order in three stages on one voucher: each confirmed and redeemed by itself, then claimed and paid together."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.street import Street, pdf


def test_an_order_in_stages(street: Callable[..., Street]) -> None:
    town = street()
    town.wait(7)  # a new account is paid only after its pause
    town.issue("10000.00")
    order = town.order()
    form = town.who("provider").get(order).press("接单").get(order + "/contract")
    wrong = dict(stage1_name="上线", stage1_gross="8400.00", stage2_name="培训", stage2_gross="8399.99")
    typed = dict(
        number="HT-1", signed_on=str(town.payday.today), line1_name="年度订阅", line1_cost_type="software",
        line1_quantity="1", line1_unit_price="16800.00", line1_gross="16800.00", line1_tax="966.80",
    )  # fmt: skip
    form.press("备案合同", status=422, document=pdf("合同"), **typed, **wrong)
    assert "各阶段金额合计 ¥16,799.99，与合同价税合计 ¥16,800.00 不符" in form.words(), form.words()
    right = dict(stage1_gross="5600.00", stage2_gross="5600.00", stage3_name="验收", stage3_gross="5600.00")
    form.press("备案合同", document=pdf("合同"), **typed, **(wrong | right))
    words = form.get(order).words()
    assert "分阶段交付" in words and "现在是第 1 阶段（共 3 阶段）：上线" in words, words
    seen = []
    for stage in (1, 2, 3):
        provider = town.who("provider").get(order + "/deliver")
        assert f"第 {stage} 阶段，共 3 阶段" in provider.words()
        provider.press("提交", text=f"第 {stage} 阶段已完成。")
        enterprise = town.who("enterprise").get(order)
        assert f"现在是第 {stage} 阶段" in enterprise.words()
        enterprise.press("确认交付")
        [balances] = town.balances()
        seen.append((balances["reserved"], balances["payable"]))
    assert seen == [(460_890, 211_110), (249_781, 422_219), (0, 633_328)], "to the fen, and the last one frees the rest"
    assert "订单 " in town.who("provider").get("/notices").words()
    town.invoiced(order)
    claim = town.paid(order)
    words = town.who("provider").get(claim).words()
    assert "¥6,333.28" in words, words
    [balances] = town.balances()
    assert balances == dict(available=366_672, reserved=0, payable=0, paid=633_328, recalled=0, clawed=0)
    page = town.who("auditor").get(order).words()
    for told in ("1. 上线", "2. 培训", "3. 验收", "第 3 阶段"):
        assert told in page, (told, page)
