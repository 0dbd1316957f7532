"""A pilot whose money is divided, granted, set aside and redeemed in part."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.base.clock import SetClock, day_of
from tests.support.purse import Purse, fill_purse, list_software
from tests.support.shop import place_order
from vouchers.funds import actions as funds


@pytest.fixture
def purse(app: Flask, clock: SetClock) -> Purse:
    """1,000,000.00 for renovation and 300,000.07 for SaaS; a voucher of 120,000.00, of which an order holds 40,000.00."""
    made = fill_purse(app, day_of(clock.moment))
    made.act(
        lambda ctx: funds.allot(ctx, made.town.pilot.id, category="saas", amount_fen=300_000_07, key="saas"),
        made.finance,
    )
    place_order(made.town, list_software(made), voucher_id=made.issue())
    return made
