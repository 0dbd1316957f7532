"""A town with money whose orders are written down as a test wants them."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.base.clock import SetClock, day_of
from tests.support.purse import fill_purse
from tests.support.suspects import Market


@pytest.fixture
def market(app: Flask, clock: SetClock) -> Market:
    return Market.of(fill_purse(app, day_of(clock.moment)))
