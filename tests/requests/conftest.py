"""A town with money and a published scheme, whose enterprise has no voucher yet."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.base.clock import SetClock, day_of
from tests.support.purse import Purse, fill_purse


@pytest.fixture
def purse(app: Flask, clock: SetClock) -> Purse:
    return fill_purse(app, day_of(clock.moment))
