"""Eight at once, on PostgreSQL: one key issues and divides once, and a yearly quota holds over many vouchers."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.base import acts
from marketplace.base.actor import Actor
from marketplace.base.clock import day_of
from marketplace.base.errors import Refusal
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from marketplace.web.db import db
from tests.conftest import NOON
from tests.support.purse import Purse, change, fill_purse, list_software
from tests.support.shop import packages_of, place_order
from tests.wallets.test_milestones import agree, hand_over
from tests.wallets.test_spending import order_of
from vouchers.funds import actions as funds
from vouchers.funds import queries
from vouchers.ledger import verify
from vouchers.ledger.models.commitments import Voucher
from vouchers.wallets import actions as wallets
from vouchers.wallets import automatic

pytestmark = pytest.mark.postgres
RACERS = 8


@pytest.fixture
def crowded(postgres_app: Flask) -> Purse:
    """The town with money on PostgreSQL."""
    return fill_purse(postgres_app, day_of(NOON))


def race(app: Flask, verbs: list[Callable[[Any], Any]], actor: Actor) -> Counter[str]:
    """Do every verb at the same moment in a session of its own; counts what came of it."""
    barrier, house = threading.Barrier(len(verbs)), app.extensions["house"]
    with app.app_context():
        engine = db.engine

    def one(verb: Callable[[Any], Any]) -> str:
        with Session(engine, expire_on_commit=False) as session:
            barrier.wait(timeout=30)
            try:
                acts.run(session, house, verb, actor=actor)
            except Refusal as refusal:
                return refusal.code
            return "done"

    with ThreadPoolExecutor(len(verbs)) as pool:
        return Counter(pool.map(one, verbs))


def test_the_yearly_quota_holds_over_many_vouchers(crowded: Purse) -> None:
    """200,000.00 a year and 40,000.00 an order: five of eight orders, each with a voucher of its own."""
    town, listing = crowded.town, list_software(crowded)
    held = [crowded.issue(40_000_00, f"voucher {n}") for n in range(RACERS)]
    chosen = [(packages_of(town, listing)[0].id, 1)]

    def place(voucher: uuid.UUID) -> Callable[[Any], Any]:
        return lambda ctx: orders.place(
            ctx, listing_id=listing.id, packages=chosen, pilot_id=town.pilot.id, voucher_id=voucher
        )

    came = race(town.app, [place(voucher) for voucher in held], town.enterprise)
    assert came == {"done": 5, "quota.enterprise_year": 3}
    spent = crowded.act(lambda ctx: ctx.session.scalar(select(func.sum(Order.subsidy_fen))))
    assert spent == 200_000_00
    assert crowded.act(lambda ctx: verify.verify(ctx.session)).sound


def test_one_key_issues_once(crowded: Purse) -> None:
    enterprise = crowded.town.enterprise.organisation_id
    issue = lambda ctx: wallets.issue_one(  # noqa: E731
        ctx, crowded.version_id, enterprise_id=enterprise, face_fen=1_000_00, key="pressed eight times"
    )
    assert race(crowded.town.app, [issue] * RACERS, crowded.town.office) == {"done": RACERS}
    assert crowded.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Voucher))) == 1


def test_one_key_divides_once(crowded: Purse) -> None:
    allot = lambda ctx: funds.allot(  # noqa: E731
        ctx, crowded.town.pilot.id, category="saas", amount_fen=1_500_000_00, key="pressed eight times"
    )
    assert race(crowded.town.app, [allot] * RACERS, crowded.finance) == {"done": RACERS}
    lines = crowded.act(lambda ctx: queries.lines(ctx, crowded.town.pilot.id))
    assert {s.line.category: s.allotted for s in lines} == {"renovation": 1_000_000_00, "saas": 1_500_000_00}


def test_two_who_give_the_automatic_quota_at_once_give_it_once(crowded: Purse) -> None:
    change(crowded, automatic_fen=2_000_00)
    verb = lambda ctx: automatic.give(ctx, crowded.version_id)  # noqa: E731
    assert race(crowded.town.app, [verb] * RACERS, crowded.town.office) == {"done": RACERS}
    assert crowded.act(lambda ctx: ctx.session.scalar(select(func.count()).select_from(Voucher))) == 1
    assert crowded.act(lambda ctx: verify.verify(ctx.session)).sound


def test_a_milestone_is_redeemed_once_however_often_it_is_confirmed_at_once(crowded: Purse) -> None:
    town, listing = crowded.town, list_software(crowded)
    voucher = crowded.issue()
    order = place_order(town, listing, voucher_id=voucher)
    agree(crowded, order, 25_000_00, 75_000_00)
    for part, redeemed in ((1, 10_000_00), (2, 40_000_00)):
        hand_over(crowded, order)
        came = race(town.app, [lambda ctx: orders.confirm(ctx, order.id)] * RACERS, town.enterprise)
        assert came == {"done": 1, "state.not_allowed": RACERS - 1}
        assert crowded.balances(voucher)[2] == redeemed, part
        assert order_of(crowded, order).part == 2
    report = crowded.act(lambda ctx: verify.verify(ctx.session))
    assert report.sound, report
