"""The town of `tests.support.shop` on an empty platform."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from marketplace.base.clock import SetClock, day_of
from tests.support.shop import Town, build_town


@pytest.fixture
def town(app: Flask, clock: SetClock) -> Town:
    return build_town(app, day_of(clock.now()))


@pytest.fixture
def today(clock: SetClock) -> Any:
    return day_of(clock.now())
