"""The street of `tests.support.street`, in the mode that a test asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from marketplace.base.clock import SetClock
from marketplace.shop.orders.states import Mode
from tests.support.payday import build_payday
from tests.support.street import Street


@pytest.fixture
def street(app: Flask, clock: SetClock) -> Callable[..., Street]:
    """``street(mode)``: a town on an empty platform, direct unless told otherwise."""
    return lambda mode="direct": Street(build_payday(app, clock, mode=Mode(mode)))
