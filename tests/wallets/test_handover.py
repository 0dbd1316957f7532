"""What a failed provider's order had set aside goes to another's: when it may, when not, and that no fen doubles."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.base.clock import SetClock
from marketplace.base.context import Context
from marketplace.base.errors import Forbidden, Refusal
from marketplace.base.roles import Role
from marketplace.record.audit.models import AuditRow
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.roster.models import RosterEntry
from marketplace.shop.roster.states import RosterState
from tests.support.payday import refused
from tests.support.people import COUNTY, make_actor, make_organisation, token_for
from tests.support.purse import Purse
from tests.support.rest import Program
from tests.support.shop import enlist, list_product, packages_of, place_order
from vouchers.ledger.verify import verify
from vouchers.wallets import actions as wallets

WHY = "原服务商停业。"


@pytest.fixture
def other(purse: Purse, clock: SetClock) -> Any:
    """A cheaper product of another provider: 90,000.00 yuan of software."""
    town = purse.town
    firm = make_organisation(town.act, capacity="provider", region=COUNTY)
    actor, _ = make_actor(town.act, Role.PROVIDER, organisation=firm)
    enlist(town, firm.id, clock.now().date())
    first, town.provider = town.provider, actor
    package = {"name": "系统", "unit": "套", "cost_type": "software", "price_fen": 90_000_00}
    listing = list_product(town, {"county": "renovation", "zone": "renovation"}, packages=[package])
    town.provider = first
    return listing


def stop(purse: Purse) -> None:
    """The city suspends the town's provider."""

    def verb(ctx: Context) -> None:
        provider = purse.town.provider.organisation_id
        entry = ctx.session.query(RosterEntry).filter_by(provider_id=provider).one()
        entry.state, entry.state_reason, entry.state_clause = RosterState.SUSPENDED, "停业", "二(四)"

    purse.act(verb)


def replace(purse: Purse, order: Order, listing: Any, who: Any = None) -> Order:
    [package] = packages_of(purse.town, listing)
    made: Order = purse.act(
        lambda ctx: orders.replace(ctx, order.id, listing_id=listing.id, packages=[(package.id, 1)], reason=WHY),
        who or purse.town.enterprise,
    )
    return made


def test_what_the_cheaper_one_does_not_need_is_free_again(purse: Purse, listing: Any, other: Any) -> None:
    voucher = purse.issue(50_000_00)
    order = place_order(purse.town, listing, voucher_id=voucher)
    assert purse.balances(voucher) == (10_000_00, 40_000_00, 0, 0, 0, 0)
    stop(purse)
    made = replace(purse, order, other)
    assert made.subsidy_fen == 36_000_00
    assert purse.balances(voucher) == (14_000_00, 36_000_00, 0, 0, 0, 0)
    left = purse.act(lambda ctx: ctx.session.get(Order, order.id))
    assert (left.state, left.note) == ("cancelled", WHY)
    verbs = purse.act(lambda ctx: {r.verb for r in ctx.session.query(AuditRow)})
    assert {"order.replaced", "voucher.transferred"} <= verbs
    fault = refused(lambda: replace(purse, order, other))
    assert fault.code == "state.not_allowed", "a second time there is nothing to hand over"
    assert purse.balances(voucher) == (14_000_00, 36_000_00, 0, 0, 0, 0)
    assert purse.act(lambda ctx: verify(ctx.session)).sound


def test_a_dearer_one_gets_no_more_than_was_set_aside(purse: Purse, listing: Any, other: Any) -> None:
    voucher = purse.issue(100_000_00)
    order = place_order(purse.town, other, voucher_id=voucher)
    assert order.provider_id != purse.town.provider.organisation_id

    def verb(ctx: Context) -> None:
        entry = ctx.session.query(RosterEntry).filter_by(provider_id=order.provider_id).one()
        entry.state, entry.state_reason, entry.state_clause = RosterState.SUSPENDED, "停业", "二(四)"

    purse.act(verb)
    made = replace(purse, order, listing)
    assert (made.total_fen, made.subsidy_fen) == (100_000_00, 36_000_00)
    assert purse.balances(voucher) == (64_000_00, 36_000_00, 0, 0, 0, 0)


def test_not_while_the_provider_can_work(purse: Purse, listing: Any, other: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    before = purse.balances(voucher)
    fault = refused(lambda: replace(purse, order, other))
    assert (fault.code, fault.clause) == ("order.provider_able", "二(四)")
    assert purse.balances(voucher) == before


def test_neither_the_same_provider_nor_an_order_without_a_voucher(purse: Purse, listing: Any, other: Any) -> None:
    order = place_order(purse.town, listing, voucher_id=purse.issue())
    bare = place_order(purse.town, listing)
    stop(purse)
    assert refused(lambda: replace(purse, order, listing)).code == "order.same_provider"
    assert refused(lambda: replace(purse, bare, other)).code == "order.without_voucher"


def test_a_frozen_voucher_hands_nothing_over(purse: Purse, listing: Any, other: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    stop(purse)
    purse.act(lambda ctx: wallets.freeze(ctx, voucher, reason="核查中"), purse.town.office)
    assert refused(lambda: replace(purse, order, other)).code == "voucher.frozen"


def test_only_the_enterprise_and_over_rest(purse: Purse, listing: Any, other: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    stop(purse)
    for who in (purse.town.office, purse.town.provider):
        with pytest.raises((Forbidden, Refusal)):
            replace(purse, order, other, who)
    [package] = packages_of(purse.town, other)
    body = {
        "listing_id": str(other.id),
        "packages": [{"package_id": str(package.id), "quantity": 1}],
        "reason": WHY,
    }
    program = Program(purse.town.app, token_for(purse.town.app, purse.town.enterprise))
    assert program.send("POST", f"/orders/{order.id}/replacement", body).status_code == 400, "without a key"
    made = program.pay(f"/orders/{order.id}/replacement", body, 201)
    assert made["listing_id"] == str(other.id) and made["subsidy"]["amount"] == "36000.00"
