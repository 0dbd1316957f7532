"""Rules over many orders: at the threshold and one fen or day beside it, against plain arithmetic over all of them."""

from __future__ import annotations

import random
import uuid
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from marketplace.base.roles import Role
from marketplace.people.organisations import facts
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.rules import Holder
from marketplace.policy.findings import limits
from marketplace.policy.findings.detectors import DETECTORS
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import OrderState
from tests.support.people import make_organisation
from tests.support.suspects import Market
from vouchers.patterns import detectors, queries, rules
from vouchers.patterns.queries import AtCap, Placed

CAP = 150_000_00
"""Of the town's scheme, which pays 40 %."""
_numbers = iter(range(1, 10_000))


def firm(market: Market, capacity: str = "provider", **more: Any) -> Organisation:
    number = next(_numbers)
    own = {"legal_representative": f"人{number}", "phone": f"0795-{number:07d}"}
    return make_organisation(market.act, capacity=capacity, **own | more)


def test_every_threshold_has_its_words_and_every_word_its_threshold(market: Market) -> None:
    said = market.act(lambda ctx: {d.code: set(d.limits) for d in ctx.house.all(DETECTORS) if d.limits})
    assert said == {code: set(values) for code, values in limits.every().items()}


# ---- prices at the cap


def priced(
    market: Market, subsidy_fen: int, total_fen: int, provider: uuid.UUID | None = None, **more: Any
) -> uuid.UUID:
    return market.order(provider_id=provider, subsidy_fen=subsidy_fen, total_fen=total_fen, **more)


@pytest.mark.parametrize(
    ("subsidy", "total", "near"),
    [
        (142_500_00, 356_250_00, 1),  # 95 % of the cap
        (142_499_99, 356_250_00, 0),
        (CAP, 375_000_00, 1),  # exactly the cap
        (CAP, 375_000_02, 1),  # the same fen of subsidy
        (CAP, 375_000_03, 0),  # one fen more than the cap would pay for
        (CAP, 900_000_00, 0),
    ],
)
def test_an_order_is_near_within_five_per_cent_under_the_cap(
    market: Market, subsidy: int, total: int, near: int
) -> None:
    priced(market, subsidy, total)
    assert sum(x.near for x in market.act(lambda ctx: list(queries.at_cap(ctx, 500)))) == near


@pytest.mark.parametrize(
    ("orders", "near", "other_orders", "other_near", "striking"),
    [
        (3, 3, 0, 0, True),
        (2, 2, 0, 0, False),  # too few
        (5, 3, 10, 0, True),  # 60 %
        (6, 3, 10, 0, False),  # 50 %
        (5, 3, 10, 3, True),  # 60 % against 30 %: twice
        (5, 3, 10, 4, False),
    ],
)
def test_prices_cluster_when_often_mostly_and_more_than_elsewhere(
    orders: int, near: int, other_orders: int, other_near: int, striking: bool
) -> None:
    found = AtCap(uuid.uuid4(), "", "", uuid.uuid4(), "", orders, near, other_orders, other_near)
    assert rules.clusters_at_cap(found, orders=3, share_bps=6000, times=2) is striking


def test_a_provider_who_prices_to_the_cap_is_one_case(market: Market) -> None:
    keen, plain = firm(market), firm(market)
    for _ in range(3):
        priced(market, CAP - 1, CAP * 10 // 4 - 2, keen.id)
    for _ in range(4):
        priced(market, 40_000_00, 100_000_00, plain.id)
    priced(market, CAP - 1, CAP * 10 // 4 - 2, plain.id, state=OrderState.CANCELLED)
    assert (market.look("price.at_cap"), market.look("price.at_cap")) == (1, 0)
    [case] = market.cases("price.at_cap")
    assert (case.subject_id, case.pilot_id, case.clause) == (str(keen.id), market.purse.town.pilot.id, "四(二)")
    assert [case.evidence[k] for k in ("orders", "near", "other_orders", "other_near")] == [3, 3, 4, 0]


# ---- one provider's share


def test_a_share_counts_from_its_threshold_and_from_so_many_orders(market: Market) -> None:
    least = limits.of("provider.share")
    assert (least["orders"], least["share_bps"]) == (10, 4000)
    big, others = firm(market), [firm(market) for _ in range(3)]
    for place in range(9):
        market.order(provider_id=others[place % 3].id, subsidy_fen=6_000_00 + 666_66 + (place == 0) * 6)
    assert market.look("provider.share") == 0  # nine orders
    market.order(provider_id=big.id, subsidy_fen=40_000_00 - 1)
    assert market.look("provider.share") == 0  # a fen short of 40 %
    market.order(provider_id=big.id, subsidy_fen=1)
    assert market.look("provider.share") == 1
    [case] = market.cases("provider.share")
    assert (case.subject_id, case.evidence["share"], case.owner_role) == (str(big.id), "40.00%", Role.CITY)
    market.order(provider_id=big.id, subsidy_fen=5_000_00)
    assert market.look("provider.share") == 0  # 43 %
    market.order(provider_id=big.id, subsidy_fen=40_000_00)
    assert market.look("provider.share") == 1  # 59 %


def test_shares_are_what_adding_up_by_hand_gives_for_pilot_and_batch(market: Market) -> None:
    dice = random.Random(3)
    providers = [firm(market) for _ in range(5)]
    paid: Counter[uuid.UUID] = Counter()
    for _ in range(30):
        one, amount, live = dice.choice(providers), dice.randrange(1, 99_999_99), dice.random() < 0.8
        state = OrderState.PLACED if live else OrderState.DECLINED
        market.order(provider_id=one.id, subsidy_fen=amount, total_fen=100_000_00, state=state)
        paid[one.id] += amount * live
    for of_batch in (False, True):
        found = market.act(
            lambda ctx, b=of_batch: list(queries.shares(ctx, of_batch=b, least_orders=1, share_bps=2000))
        )
        wanted = {one: n for one, n in paid.items() if n * 5 >= paid.total()}
        assert {s.provider_id: s.amount_fen for s in found} == wanted
        assert {s.all_fen for s in found} == {paid.total()}
        assert {s.place for s in found} == {"360000" if of_batch else market.purse.town.pilot.city}


# ---- orders in pieces


def placed(days: list[int], subsidy: int = 60_000_00, total: int = 100_000_00) -> list[Placed]:
    start = datetime(2031, 1, 1, 4, tzinfo=UTC)
    return [
        Placed(uuid.uuid4(), str(n), uuid.uuid4(), "", uuid.uuid4(), uuid.uuid4(), "",
               start + timedelta(days=day), total, subsidy, 120_000_00)
        for n, day in enumerate(days)
    ]  # fmt: skip


def runs(orders: list[Placed], total_fen: int = 10**12) -> list[list[str]]:
    return [[o.number for o in run] for run in rules.pieces(orders, days=30, total_fen=total_fen)]


def test_pieces_pass_the_cap_together_within_the_days() -> None:
    assert runs(placed([0, 30], 60_000_01)) == [["0", "1"]]
    assert runs(placed([0, 31], 60_000_01)) == []
    assert runs(placed([0, 30], 60_000_00)) == []  # together just the cap
    assert runs(placed([0, 30, 60])) == []
    assert runs(placed([0, 20, 25, 70])) == [["0", "1", "2"]]
    assert runs(placed([0, 40, 41, 42, 100, 101, 102])) == [["1", "2", "3"], ["4", "5", "6"]]


def test_pieces_pass_a_price_together_that_none_of_them_passes() -> None:
    assert runs(placed([0, 1], 1, 500_000_00), 1_000_000_00) == [["0", "1"]]
    assert runs(placed([0, 1], 1, 499_999_99), 1_000_000_00) == []
    assert runs(placed([0, 1], 1, 1_000_000_00), 1_000_000_00) == []  # each passes it openly


def test_orders_with_related_providers_are_pieces_of_one(market: Market) -> None:
    one, sister, stranger = firm(market), firm(market), firm(market)
    owner = [Holder("张总", None, 2500)]
    for provider in (one, sister):
        market.act(lambda ctx, p=provider: facts.state_shareholders(ctx, p.id, owner))
    market.order(provider_id=one.id, subsidy_fen=80_000_00, days_ago=9)
    market.order(provider_id=stranger.id, subsidy_fen=80_000_00, days_ago=8)
    assert market.look("order.split") == 0
    market.order(provider_id=sister.id, subsidy_fen=80_000_00, days_ago=7)
    assert (market.look("order.split"), market.look("order.split")) == (1, 0)
    [case] = market.cases("order.split")
    assert case.evidence["count"] == 2 and stranger.name not in case.evidence["providers"]
    assert case.evidence["cap"] == "150,000.00" and case.evidence["subsidy"] == "160,000.00"
    market.order(provider_id=one.id, subsidy_fen=1, days_ago=6)
    assert market.look("order.split") == 0  # one order more is no second case


def test_many_orders_in_pieces_are_what_a_plain_loop_finds(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detectors, "_CHUNK", 2)
    dice = random.Random(5)
    enterprises, providers = [firm(market, "enterprise") for _ in range(5)], [firm(market) for _ in range(2)]
    for _ in range(40):
        market.order(
            dice.choice(enterprises).id, dice.choice(providers).id, subsidy_fen=dice.randrange(20_000_00, CAP),
            total_fen=400_000_00, days_ago=dice.randrange(200), voucher=dice.random() < 0.9,
            state=dice.choice([OrderState.PLACED, OrderState.CANCELLED, OrderState.CONFIRMED]),
        )  # fmt: skip
    rows = market.act(lambda ctx: ctx.session.query(Order).all())
    by_pair: dict[Any, list[Order]] = defaultdict(list)
    for order in rows:
        if order.voucher_id and order.state is not OrderState.CANCELLED:
            by_pair[order.enterprise_id, order.provider_id].append(order)
    wanted = set()
    for own in by_pair.values():
        own.sort(key=lambda o: (o.created_at, o.id))
        taken: set[uuid.UUID] = set()
        for first in own:
            last = first.created_at + timedelta(days=30)
            run = [o for o in own if o.id not in taken and first.created_at <= o.created_at <= last]
            together = sum(o.subsidy_fen for o in run) > CAP or sum(o.total_fen for o in run) >= 1_000_000_00
            if first.id not in taken and len(run) > 1 and together:
                taken |= {o.id for o in run}
                wanted.add((str(first.enterprise_id), str(first.id)))
    market.look("order.split")
    assert {(f.subject_id, f.fingerprint) for f in market.cases("order.split")} == wanted and len(wanted) > 2
