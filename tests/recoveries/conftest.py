"""The town of `tests.support.payday` on an empty platform."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from marketplace import schema
from marketplace.app import create_app
from marketplace.base import acts
from marketplace.base.clock import SetClock
from marketplace.web.db import db
from tests.conftest import NOON, make_settings
from tests.support.payday import Payday, build_payday


@pytest.fixture
def payday(app: Flask, clock: SetClock) -> Payday:
    return build_payday(app, clock)


@pytest.fixture
def postgres_app(postgres_database: str, tmp_path: Path, clock: SetClock) -> Iterator[Flask]:
    """The application on an empty PostgreSQL database."""
    clock.set(NOON)
    app = create_app(make_settings(tmp_path, database_url=postgres_database), clock)
    app.testing = True
    with app.app_context():
        schema.upgrade()
        acts.run(db.session(), app.extensions["house"], schema.load_reference, system=True)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
