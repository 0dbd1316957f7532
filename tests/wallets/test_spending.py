"""An order spends a voucher: set aside, redeemed, given back; and every way in which it must not."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from marketplace.base.clock import SetClock
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.rules import LineInput
from tests.support.people import make_actor
from tests.support.purse import Purse
from tests.support.shop import enrol, file_contract, place_order
from vouchers.ledger import verify
from vouchers.schemes import queries as schemes
from vouchers.wallets import actions as wallets


def refused(purse: Purse, verb: Any, actor: Any, code: str, clause: str | None = None) -> Refusal:
    with pytest.raises(Refusal) as found:
        purse.act(verb, actor)
    assert found.value.code == code
    if clause is not None:
        assert found.value.clause == clause
    return found.value


def order_of(purse: Purse, order: Order) -> Order:
    return purse.act(lambda ctx: ctx.session.get(Order, order.id, populate_existing=True))


def deliver(purse: Purse, order: Order, price: int) -> None:
    line = LineInput("系统", CostType.SOFTWARE, Decimal(1), Decimal(price) / 100, price, price // 10)
    purse.act(lambda ctx: orders.accept(ctx, order.id), purse.town.provider)
    today = purse.act(lambda ctx: ctx.today)
    file_contract(purse.town, order, [line], signed_on=today)
    purse.act(lambda ctx: orders.deliver(ctx, order.id, text="上线完成，培训完成。"), purse.town.provider)


def test_reserved_in_the_order_and_redeemed_at_the_confirmation(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    assert order_of(purse, order).subsidy_fen == 40_000_00
    assert purse.balances(voucher) == (80_000_00, 40_000_00, 0, 0, 0, 0)
    deliver(purse, order, 100_000_00)
    purse.act(lambda ctx: orders.confirm(ctx, order.id), purse.town.enterprise)
    assert purse.balances(voucher) == (80_000_00, 0, 40_000_00, 0, 0, 0)


def test_a_cheaper_contract_redeems_less_and_frees_the_rest(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    deliver(purse, order, 90_000_01)
    traces = purse.act(lambda ctx: schemes.traces(ctx, order.id))
    assert [t.stage for t in traces] == ["order", "contract"]
    assert traces[1].amount_fen == 36_000_00  # 40 % of 90,000.01 is 36,000.004: cut to the fen
    purse.act(lambda ctx: orders.confirm(ctx, order.id), purse.town.enterprise)
    assert purse.balances(voucher) == (84_000_00, 0, 36_000_00, 0, 0, 0)


def test_cancelling_gives_everything_back(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    purse.act(lambda ctx: orders.cancel(ctx, order.id, reason="不做了"), purse.town.enterprise)
    assert purse.balances(voucher) == (120_000_00, 0, 0, 0, 0, 0)


def test_a_second_redemption_changes_nothing(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    deliver(purse, order, 100_000_00)
    purse.act(lambda ctx: orders.confirm(ctx, order.id), purse.town.enterprise)
    before = purse.balances(voucher)
    refused(purse, lambda ctx: orders.confirm(ctx, order.id), purse.town.enterprise, "state.not_allowed")
    assert purse.balances(voucher) == before


@pytest.mark.parametrize(("face", "fits"), [(40_000_00, True), (39_999_99, False)])
def test_an_order_above_the_voucher_is_refused(purse: Purse, listing: Any, face: int, fits: bool) -> None:
    voucher = purse.issue(face)
    if fits:
        place_order(purse.town, listing, voucher_id=voucher)
        assert purse.balances(voucher)[0] == 0
        return
    with pytest.raises(Refusal) as found:
        place_order(purse.town, listing, voucher_id=voucher)
    assert (found.value.code, found.value.clause) == ("voucher.too_small", "四(二)")
    assert "40,000.00" in str(found.value.text) and "39,999.99" in str(found.value.text)
    assert purse.balances(voucher) == (face, 0, 0, 0, 0, 0)
    assert purse.act(lambda ctx: ctx.session.query(Order).count()) == 0


def test_the_yearly_quota_of_the_enterprise(purse: Purse, listing: Any) -> None:
    first, second = purse.issue(150_000_00, "a"), purse.issue(150_000_00, "b")
    place_order(purse.town, listing, (4,), voucher_id=first)  # 40 % of 400,000 is capped at 150,000
    with pytest.raises(Refusal) as found:
        place_order(purse.town, listing, (2,), voucher_id=second)  # 80,000 asked, 50,000 left
    assert found.value.code == "quota.enterprise_year"
    place_order(purse.town, listing, (1,), voucher_id=second)


def test_of_another_enterprise_is_not_found(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    other, _ = make_actor(purse.act, Role.ENTERPRISE, region=purse.town.pilot.region)
    enrol(purse.town, other.organisation_id)
    purse.town.enterprise = other
    with pytest.raises(NotFound):
        place_order(purse.town, listing, voucher_id=voucher)
    assert purse.balances(voucher)[0] == 120_000_00


def test_the_last_day_is_usable_and_the_next_is_not(purse: Purse, listing: Any, clock: SetClock) -> None:
    voucher = purse.issue()
    clock.advance(days=90)
    place_order(purse.town, listing, voucher_id=voucher)
    clock.advance(days=1)
    with pytest.raises(Refusal) as found:
        place_order(purse.town, listing, voucher_id=voucher)
    assert found.value.code == "voucher.expired"


def test_another_category_is_refused(purse: Purse) -> None:
    from tests.support.shop import list_product

    voucher = purse.issue()
    saas = list_product(purse.town, {"county": "saas"}, name="云服务")
    with pytest.raises(Refusal) as found:
        place_order(purse.town, saas, voucher_id=voucher)
    assert (found.value.code, found.value.clause) == ("voucher.other_category", "四(二)")


def test_a_dispute_freezes_the_voucher_at_once(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    purse.act(lambda ctx: orders.dispute(ctx, order.id, reason="这不是我的订单"), purse.town.enterprise)
    with pytest.raises(Refusal) as found:
        place_order(purse.town, listing, voucher_id=voucher)
    assert found.value.code == "voucher.frozen"
    refused(purse, lambda ctx: wallets.thaw(ctx, voucher, reason=" "), purse.town.office, "input.invalid")
    purse.act(lambda ctx: wallets.thaw(ctx, voucher, reason="已核实"), purse.town.office)
    place_order(purse.town, listing, voucher_id=voucher)


def test_books_are_sound_after_all_of_it(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    deliver(purse, order, 100_000_00)
    purse.act(lambda ctx: orders.confirm(ctx, order.id), purse.town.enterprise)
    place_order(purse.town, listing, voucher_id=voucher)
    report = purse.act(lambda ctx: verify.verify(ctx.session))
    assert report.sound, report


def test_unknown_voucher(purse: Purse, listing: Any) -> None:
    with pytest.raises(NotFound):
        place_order(purse.town, listing, voucher_id=uuid.uuid4())


def test_nothing_eligible(purse: Purse) -> None:
    from tests.support.shop import list_product

    voucher = purse.issue()
    service = list_product(
        purse.town,
        {"county": "renovation"},
        name="驻场培训服务",
        packages=[{"name": "培训", "unit": "次", "cost_type": "service", "price_fen": 10_000_00}],
    )
    with pytest.raises(Refusal) as found:
        place_order(purse.town, service, voucher_id=voucher)
    assert found.value.code == "subsidy.nothing_eligible"


def test_redeem_after_the_voucher_but_not_after_the_hold(purse: Purse, listing: Any, clock: SetClock) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    deliver(purse, order, 100_000_00)
    clock.advance(days=180)
    purse.act(lambda ctx: orders.confirm(ctx, order.id), purse.town.enterprise)
    assert purse.balances(voucher)[2] == 40_000_00
    clock.set(clock.moment - timedelta(days=180))
    late = place_order(purse.town, listing, voucher_id=voucher)
    purse.act(lambda ctx: orders.accept(ctx, late.id), purse.town.provider)
    clock.advance(days=181)
    refused(purse, lambda ctx: orders.confirm(ctx, late.id), purse.town.enterprise, "state.not_allowed")
