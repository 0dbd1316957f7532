"""A town with money: the award booked and divided, a scheme published, a product listed."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from marketplace.base.clock import SetClock, day_of
from tests.support.purse import Purse, fill_purse, list_software


@pytest.fixture
def purse(app: Flask, clock: SetClock) -> Purse:
    return fill_purse(app, day_of(clock.moment))


@pytest.fixture
def listing(purse: Purse) -> Any:
    """A product of 100,000.00 yuan of software, listed for renovation."""
    return list_software(purse)
