"""Whether two databases hold the same, read past the platform."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from marketplace.app import create_app
from marketplace.base.clock import SetClock
from marketplace.web.db import db
from tests.conftest import NOON, make_settings


def digest(engine: sa.Engine) -> dict[str, tuple[int, str]]:
    """Each table with the number of its rows and a digest of them, whatever their order."""
    found = {}
    with engine.connect() as connection:
        for name in sorted(sa.inspect(connection).get_table_names()):
            rows = sorted(repr(tuple(row)) for row in connection.execute(sa.text(f'SELECT * FROM "{name}"')))
            found[name] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


@contextmanager
def installation(folder: Path, **settings: Any) -> Iterator[Flask]:
    """A platform without a database, with the keys of the suite."""
    folder.mkdir(exist_ok=True)
    app = create_app(make_settings(folder, **settings), SetClock(NOON))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def tables(app: Flask) -> dict[str, tuple[int, str]]:
    with app.app_context():
        return digest(db.engine)
