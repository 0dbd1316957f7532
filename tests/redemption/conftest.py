"""A delivery that waits for its enterprise: 100,000.00 yuan of software, 40,000.00 of it by a voucher."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.base.clock import SetClock, day_of
from marketplace.shop.orders.models import Order
from tests.support.html import PageClient
from tests.support.people import sign_in
from tests.support.purse import Purse, fill_purse, list_software
from tests.support.shop import place_order
from tests.wallets.test_spending import deliver

SUBSIDY = 40_000_00


class Counter:
    """Who stands at the counter: a purse, and its order that was delivered."""

    def __init__(self, purse: Purse):
        self.purse = purse
        self.voucher = purse.issue()
        self.order: Order = place_order(purse.town, list_software(purse), voucher_id=self.voucher)
        deliver(purse, self.order, 100_000_00)

    def act(self, verb: Any, who: str) -> Any:
        return self.purse.act(verb, getattr(self.purse.town, who))

    def browser(self, who: str) -> FlaskClient:
        return sign_in(self.purse.town.app.test_client(), self.purse.town.persons[who])

    def redeemed(self) -> int:
        """What of the voucher waits to be paid, in fen."""
        return self.purse.balances(self.voucher)[2]


@pytest.fixture
def counter(app: Flask, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> Counter:
    monkeypatch.setattr(app, "test_client_class", PageClient)
    return Counter(fill_purse(app, day_of(clock.moment)))
