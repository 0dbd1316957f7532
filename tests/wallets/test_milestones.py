"""Milestones on one hold: each is delivered, confirmed and redeemed by itself, and together they are the subsidy."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from marketplace.base.clock import SetClock
from marketplace.base.errors import Invalid, Refusal
from marketplace.record.documents import actions as documents
from marketplace.shop.catalogue.states import CostType
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders import queries as placed
from marketplace.shop.orders.models import Contract, Milestone, Order
from marketplace.shop.orders.rules import LineInput, MilestoneInput
from marketplace.shop.orders.states import OrderState
from tests.support.purse import Purse
from tests.support.shop import PDF, place_order
from tests.wallets.test_spending import order_of
from vouchers.ledger import verify
from vouchers.redemption import actions as redemption

PRICE = 100_000_00
SUBSIDY = 40_000_00


def agree(purse: Purse, order: Order, *stages: int, price: int = PRICE) -> None:
    """The provider takes the order and files a contract that is delivered in stages of so many fen."""
    line = LineInput("系统", CostType.SOFTWARE, Decimal(1), Decimal(price) / 100, price, price // 10)
    agreed = [MilestoneInput(f"阶段{n}", fen) for n, fen in enumerate(stages, start=1)]
    purse.act(lambda ctx: orders.accept(ctx, order.id), purse.town.provider)

    def verb(ctx: Any) -> Any:
        document = documents.store(ctx, PDF, "合同.pdf", "contract")
        return orders.file_contract(
            ctx,
            order.id,
            number="HT-1",
            signed_on=ctx.today,
            document_id=document.id,
            lines=[line],
            milestones=agreed,
        )

    purse.act(verb, purse.town.provider)


def hand_over(purse: Purse, order: Order) -> None:
    purse.act(lambda ctx: orders.deliver(ctx, order.id, text="本阶段完成"), purse.town.provider)


def confirm(purse: Purse, order: Order) -> Order:
    hand_over(purse, order)
    purse.act(lambda ctx: orders.confirm(ctx, order.id), purse.town.enterprise)
    return order_of(purse, order)


def stages_of(purse: Purse, order: Order) -> list[Milestone]:
    return list(purse.act(lambda ctx: placed.milestones(ctx, order.id), purse.town.enterprise))


def sound(purse: Purse) -> None:
    report = purse.act(lambda ctx: verify.verify(ctx.session))
    assert report.sound, report


def test_each_milestone_redeems_its_share_and_the_last_frees_the_rest(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    agree(purse, order, 33_333_33, 33_333_33, 23_333_35, price=90_000_01)
    assert [stage.subsidy_fen for stage in stages_of(purse, order)] == [13_333_33, 13_333_33, 9_333_34]
    moved = confirm(purse, order)
    assert (moved.state, moved.part, moved.confirmed_at) == (OrderState.CONTRACTED, 2, None)
    assert purse.balances(voucher) == (80_000_00, 26_666_67, 13_333_33, 0, 0, 0)
    assert confirm(purse, order).state is OrderState.CONTRACTED
    assert purse.balances(voucher) == (80_000_00, 13_333_34, 26_666_66, 0, 0, 0)
    last = confirm(purse, order)
    assert last.state is OrderState.CONFIRMED and last.confirmed_at is not None
    assert purse.balances(voucher) == (84_000_00, 0, 36_000_00, 0, 0, 0)
    assert all(stage.way == "own_device" and stage.confirmed_at for stage in stages_of(purse, order))
    with pytest.raises(Refusal, match=r"state\.not_allowed"):
        purse.act(lambda ctx: orders.confirm(ctx, order.id), purse.town.enterprise)
    sound(purse)


def test_a_milestone_is_sent_back_and_delivered_again(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    agree(purse, order, PRICE // 2, PRICE // 2)
    confirm(purse, order)
    hand_over(purse, order)
    purse.act(lambda ctx: orders.reject_delivery(ctx, order.id, reason="少一个接口"), purse.town.enterprise)
    assert (order_of(purse, order).part, purse.balances(voucher)[2]) == (2, SUBSIDY // 2)
    assert confirm(purse, order).state is OrderState.CONFIRMED
    parts = purse.act(lambda ctx: [d.part for d in placed.deliveries(ctx, order.id)], purse.town.enterprise)
    assert parts == [1, 2, 2]


def test_a_code_redeems_the_milestone_that_was_delivered(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    agree(purse, order, 25_000_00, 75_000_00)
    for amount in (10_000_00, 30_000_00):
        hand_over(purse, order)
        code = purse.act(lambda ctx: redemption.make(ctx, order.id), purse.town.enterprise).code
        done = purse.act(lambda ctx, text=code: redemption.use(ctx, text, "192.0.2.1"), purse.town.provider)
        assert done.amount_fen == amount
    assert [stage.way for stage in stages_of(purse, order)] == ["code", "code"]
    assert purse.balances(voucher) == (80_000_00, 0, SUBSIDY, 0, 0, 0)


def test_an_upheld_dispute_gives_the_redeemed_milestones_back_too(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    agree(purse, order, PRICE // 2, PRICE // 2)
    confirm(purse, order)
    purse.act(lambda ctx: orders.dispute(ctx, order.id, reason="停工了"), purse.town.enterprise)
    purse.act(lambda ctx: orders.rule_dispute(ctx, order.id, upheld=True, reason="已核实"), purse.town.city)
    assert purse.balances(voucher) == (120_000_00, 0, 0, 0, 0, 0)
    sound(purse)


def test_a_dismissed_dispute_leads_back_to_the_milestone_under_way(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    agree(purse, order, PRICE // 2, PRICE // 2)
    confirm(purse, order)
    purse.act(lambda ctx: orders.dispute(ctx, order.id, reason="停工了"), purse.town.enterprise)
    purse.act(lambda ctx: orders.rule_dispute(ctx, order.id, upheld=False, reason="仍在施工"), purse.town.city)
    assert confirm(purse, order).state is OrderState.CONFIRMED
    assert purse.balances(voucher) == (80_000_00, 0, SUBSIDY, 0, 0, 0)


@pytest.mark.parametrize(
    "stages",
    [
        (PRICE,),
        (PRICE // 2, PRICE // 2 - 1),
        (PRICE // 2, PRICE // 2 + 1),
        (PRICE, 0),
        (PRICE + 1, -1),
        (PRICE // 8,) * 8,
    ],
)
def test_milestones_that_are_refused(purse: Purse, listing: Any, stages: tuple[int, ...]) -> None:
    order = place_order(purse.town, listing, voucher_id=purse.issue())
    with pytest.raises(Invalid) as fault:
        agree(purse, order, *stages)
    assert fault.value.code == "contract.milestones"
    assert purse.act(lambda ctx: ctx.session.query(Contract).count()) == 0


def test_a_milestone_too_small_for_a_fen_of_subsidy(purse: Purse, listing: Any) -> None:
    order = place_order(purse.town, listing, voucher_id=purse.issue())
    with pytest.raises(Refusal, match=r"contract\.milestone_too_small"):
        agree(purse, order, 1, PRICE - 1)
    assert purse.act(lambda ctx: ctx.session.query(Contract).count()) == 0


def test_without_a_voucher_milestones_move_no_money(purse: Purse, listing: Any) -> None:
    order = place_order(purse.town, listing)
    agree(purse, order, 1, PRICE - 1)
    assert confirm(purse, order).state is OrderState.CONTRACTED
    assert confirm(purse, order).state is OrderState.CONFIRMED
    assert [stage.subsidy_fen for stage in stages_of(purse, order)] == [0, 0]


def test_a_failed_provider_is_not_replaced_once_a_milestone_is_confirmed(purse: Purse, listing: Any) -> None:
    order = place_order(purse.town, listing, voucher_id=purse.issue())
    agree(purse, order, PRICE // 2, PRICE // 2)
    confirm(purse, order)
    with pytest.raises(Refusal, match=r"order\.partly_confirmed"):
        purse.act(
            lambda ctx: orders.replace(ctx, order.id, listing_id=listing.id, packages=[], reason="失联"),
            purse.town.enterprise,
        )


def test_the_redeem_by_day_stops_the_milestones_that_are_left(purse: Purse, listing: Any, clock: SetClock) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    agree(purse, order, PRICE // 2, PRICE // 2)
    confirm(purse, order)
    clock.advance(days=181)
    hand_over(purse, order)
    with pytest.raises(Refusal, match=r"hold\.expired"):
        purse.act(lambda ctx: orders.confirm(ctx, order.id), purse.town.enterprise)
    assert (order_of(purse, order).state, order_of(purse, order).part) == (OrderState.DELIVERED, 2)
    assert purse.balances(voucher)[2] == SUBSIDY // 2
