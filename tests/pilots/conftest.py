"""The world of one programme, fresh for each test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from marketplace.base.clock import SetClock
from tests.support.pilots import World, make_world


@pytest.fixture
def world(act: Callable[..., Any], clock: SetClock) -> World:
    return make_world(act, clock)
