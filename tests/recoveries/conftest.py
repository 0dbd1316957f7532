"""The town of `tests.support.payday` on an empty platform."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.base.clock import SetClock
from tests.support.payday import Payday, build_payday


@pytest.fixture
def payday(app: Flask, clock: SetClock) -> Payday:
    return build_payday(app, clock)
