"""The town of `tests.support.direct` on an empty platform."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.base.clock import SetClock
from tests.support.direct import Direct, open_direct
from tests.support.payday import build_payday


@pytest.fixture
def direct(app: Flask, clock: SetClock) -> Direct:
    return open_direct(build_payday(app, clock))
