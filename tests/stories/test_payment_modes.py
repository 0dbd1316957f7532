"""Both ways of being paid, page by page: the provider by the treasury, or the enterprise once it has paid everything."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.street import Street, pdf

SUBSIDY = "¥6,333.28"
"""16,800.00 less 966.80 of tax, forty per cent of it, down to the fen."""


def test_direct_the_provider_redeems_and_is_paid(street: Callable[..., Street]) -> None:
    town = street()
    town.issue()
    order = town.order()
    town.delivered(order)
    town.invoiced(order)
    claim = town.paid(order)
    firm, provider = town.payday.town.enterprise.organisation_name, town.payday.town.provider.organisation_name

    page = town.who("enterprise").get(order).words()
    assert "通兑（服务商兑付）" in page and f"服务券补贴 {SUBSIDY}" in page and "企业自付 ¥10,466.72" in page, page
    assert "补贴由财政付给服务商。" in page, page
    page = town.who("provider").get(claim).words()
    assert f"收款单位 {provider}" in page and f"企业 {firm}" in page and "已付款" in page and "JS-1" in page, page
    page = town.who("enterprise").get("/vouchers").follow("查看与出示").words()
    assert f"已兑付 财政已付款 {SUBSIDY}" in page and "可用 下单时可以使用 ¥3,666.72" in page, page
    [balances] = town.balances()
    assert balances == dict(available=366_672, reserved=0, payable=0, paid=633_328, recalled=0, clawed=0)
    assert town.fund("pay") == 633_328


def test_reimbursed_the_enterprise_pays_all_and_is_paid_back(street: Callable[..., Street]) -> None:
    town = street("reimbursed")
    town.issue()
    order = town.order()
    town.delivered(order)
    town.invoiced(order)
    firm, provider = town.payday.town.enterprise.organisation_name, town.payday.town.provider.organisation_name
    receipt = dict(paid_on=str(town.payday.today), paid="16800.00", payer=firm, receiver=provider, reference="QY-1")
    claim = town.paid(order, "enterprise", proof=pdf("全额付款回单"), **receipt)

    page = town.who("enterprise").get(order).words()
    assert "通用（企业先付后补）" in page and SUBSIDY in page, page
    assert "企业先付全款，补贴由财政付还给企业。" in page, page
    page = town.who("enterprise").get(claim).words()
    assert f"收款单位 {firm}" in page and f"服务商 {provider}" in page and "已付款" in page, page
    [balances] = town.balances()
    assert balances == dict(available=366_672, reserved=0, payable=0, paid=633_328, recalled=0, clawed=0)
    assert town.fund("pay") == 633_328
