"""A dispute freezes a voucher; its ruling frees it in the same act, and gives back what an upheld one had taken."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.base.clock import SetClock
from marketplace.base.errors import Refusal
from marketplace.record.audit import queries as audit
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import OrderState
from tests.support.purse import Purse
from tests.support.shop import place_order
from tests.wallets.test_spending import deliver, order_of
from vouchers.ledger import verify
from vouchers.ledger.models.commitments import Commitment
from vouchers.wallets import actions as wallets

FULL = (120_000_00, 0, 0, 0, 0, 0)


def dispute(purse: Purse, order: Order) -> None:
    purse.act(lambda ctx: orders.dispute(ctx, order.id, reason="这不是我的订单"), purse.town.enterprise)


def rule(purse: Purse, order: Order, *, upheld: bool) -> None:
    purse.act(lambda ctx: orders.rule_dispute(ctx, order.id, upheld=upheld, reason="已核实"), purse.town.city)


def frozen(purse: Purse, voucher: Any) -> bool:
    return bool(purse.act(lambda ctx: ctx.session.get(Commitment, voucher, populate_existing=True)).frozen)


def confirmed(purse: Purse, listing: Any, voucher: Any) -> Order:
    order = place_order(purse.town, listing, voucher_id=voucher)
    deliver(purse, order, 100_000_00)
    purse.act(lambda ctx: orders.confirm(ctx, order.id), purse.town.enterprise)
    return order


def verbs(purse: Purse, voucher: Any) -> list[str]:
    return [row.verb for row in purse.act(lambda ctx: audit.history(ctx, "voucher", voucher))]


def sound(purse: Purse) -> None:
    report = purse.act(lambda ctx: verify.verify(ctx.session))
    assert report.sound, report


def test_upheld_frees_the_hold_and_the_voucher(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    dispute(purse, order)
    assert frozen(purse, voucher)
    rule(purse, order, upheld=True)
    assert purse.balances(voucher) == FULL and not frozen(purse, voucher)
    assert verbs(purse, voucher)[-3:] == ["voucher.frozen", "voucher.thawed", "voucher.released"]
    place_order(purse.town, listing, voucher_id=voucher)
    sound(purse)


def test_dismissed_thaws_and_the_order_goes_on(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    dispute(purse, order)
    rule(purse, order, upheld=False)
    assert purse.balances(voucher) == (80_000_00, 40_000_00, 0, 0, 0, 0) and not frozen(purse, voucher)
    deliver(purse, order, 100_000_00)
    purse.act(lambda ctx: orders.confirm(ctx, order.id), purse.town.enterprise)
    assert purse.balances(voucher)[2] == 40_000_00


@pytest.mark.parametrize("upheld", [True, False])
def test_an_officers_own_freeze_outlives_the_ruling(purse: Purse, listing: Any, upheld: bool) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    purse.act(lambda ctx: wallets.freeze(ctx, voucher, reason="被举报"), purse.town.office)
    dispute(purse, order)
    rule(purse, order, upheld=upheld)
    assert frozen(purse, voucher) and "voucher.kept_frozen" in verbs(purse, voucher)
    assert purse.balances(voucher)[1] == (0 if upheld else 40_000_00)
    purse.act(lambda ctx: wallets.thaw(ctx, voucher, reason="核实无误"), purse.town.office)
    assert not frozen(purse, voucher)


def test_the_last_of_two_disputes_thaws(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    first, second = (place_order(purse.town, listing, voucher_id=voucher) for _ in range(2))
    dispute(purse, first)
    dispute(purse, second)
    rule(purse, first, upheld=True)
    assert frozen(purse, voucher)
    rule(purse, second, upheld=False)
    assert not frozen(purse, voucher)


def test_what_an_officer_thawed_before_the_ruling_counts_no_more(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    first, second = (place_order(purse.town, listing, voucher_id=voucher) for _ in range(2))
    purse.act(lambda ctx: wallets.freeze(ctx, voucher, reason="被举报"), purse.town.office)
    dispute(purse, first)
    purse.act(lambda ctx: wallets.thaw(ctx, voucher, reason="核实无误"), purse.town.office)
    dispute(purse, second)
    rule(purse, second, upheld=True)
    assert not frozen(purse, voucher)
    rule(purse, first, upheld=True)
    assert not frozen(purse, voucher) and purse.balances(voucher) == FULL
    assert verbs(purse, voucher).count("voucher.thawed") == 2, "what is not frozen is not thawed"


def test_upheld_after_the_confirmation_reverses_the_redemption(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = confirmed(purse, listing, voucher)
    dispute(purse, order)
    assert frozen(purse, voucher) and purse.balances(voucher) == (80_000_00, 0, 40_000_00, 0, 0, 0)
    rule(purse, order, upheld=True)
    assert order_of(purse, order).state is OrderState.CANCELLED
    assert purse.balances(voucher) == FULL and not frozen(purse, voucher)
    assert verbs(purse, voucher)[-1] == "voucher.refunded"
    sound(purse)


def test_dismissed_after_the_confirmation_leaves_the_redemption(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = confirmed(purse, listing, voucher)
    dispute(purse, order)
    rule(purse, order, upheld=False)
    assert order_of(purse, order).state is OrderState.CONFIRMED
    assert purse.balances(voucher) == (80_000_00, 0, 40_000_00, 0, 0, 0) and not frozen(purse, voucher)


def test_after_the_last_day_the_money_goes_back_to_its_line(purse: Purse, listing: Any, clock: SetClock) -> None:
    voucher = purse.issue()
    order = confirmed(purse, listing, voucher)
    clock.advance(days=91)
    dispute(purse, order)
    rule(purse, order, upheld=True)
    assert purse.balances(voucher) == (80_000_00, 0, 0, 0, 40_000_00, 0)
    sound(purse)


def test_what_was_reversed_counts_no_more_to_the_yearly_quota(purse: Purse, listing: Any) -> None:
    first, second = purse.issue(150_000_00, "a"), purse.issue(150_000_00, "b")
    kept = place_order(purse.town, listing, (3,), voucher_id=first)  # 120,000 of 200,000
    order = place_order(purse.town, listing, (1,), voucher_id=second)  # 40,000 more
    deliver(purse, order, 100_000_00)
    purse.act(lambda ctx: orders.confirm(ctx, order.id), purse.town.enterprise)
    with pytest.raises(Refusal) as found:
        place_order(purse.town, listing, (2,), voucher_id=second)  # 80,000 asked, 40,000 left
    assert found.value.code == "quota.enterprise_year"
    dispute(purse, order)
    rule(purse, order, upheld=True)
    place_order(purse.town, listing, (2,), voucher_id=second)
    assert order_of(purse, kept).state is OrderState.PLACED


def test_without_a_voucher_a_ruling_moves_no_money(purse: Purse, listing: Any) -> None:
    order = place_order(purse.town, listing)
    dispute(purse, order)
    rule(purse, order, upheld=True)
    assert order_of(purse, order).state is OrderState.CANCELLED
