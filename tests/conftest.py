"""The suite's ground: one migrated template database, an application per worker, a clock that tests set."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy import event

from marketplace import schema
from marketplace.app import create_app
from marketplace.base import acts
from marketplace.base.clock import SetClock
from marketplace.base.context import Actor, Context
from marketplace.config import Settings
from marketplace.web.db import db
from tests.support.html import PageClient

if TYPE_CHECKING:
    from tests.support.postgres import Cluster

pytest_plugins = ["tests.support.postgres", "tests.support.ledger", "tests.support.chromium", "tests.support.skips"]

NOON = datetime(2031, 3, 12, 4, 0, tzinfo=UTC)
"""A Wednesday noon in Shanghai, in a year whose holidays nobody knows yet."""


def make_settings(folder: Path, **values: Any) -> Settings:
    settings = Settings(environment="development", data_dir=folder, secret_key="test" * 8, seal_key="11" * 32, **values)
    settings.complete()
    return settings


@pytest.fixture(scope="session")
def clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture(scope="session")
def sqlite_app(tmp_path_factory: pytest.TempPathFactory, clock: SetClock) -> Flask:
    """The application of this worker on SQLite, with a migrated template beside its database."""
    folder = tmp_path_factory.mktemp("platform")
    app = create_app(make_settings(folder), clock)
    app.testing = True
    app.test_client_class = PageClient
    with app.app_context():
        schema.upgrade()
        acts.run(db.session(), app.extensions["house"], schema.load_reference, system=True)
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
        opened: list[sqlite3.Connection] = []
        event.listen(db.engine, "connect", lambda connection, record: opened.append(connection))
    app.extensions["opened connections"] = opened
    shutil.copy(folder / "marketplace.db", folder / "template.db")
    return app


def _close_all(opened: list[sqlite3.Connection]) -> None:
    """A connection of an answer that nobody read to its end would take the next test's log with it when it is freed."""
    for connection in opened:
        connection.close()
    opened.clear()


def _renew(app: Flask, clock: SetClock) -> None:
    """Give a test an empty platform: the migrated template and the suite's noon."""
    folder = Path(app.extensions["settings"].data_dir)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    _close_all(app.extensions["opened connections"])
    for suffix in ("-wal", "-shm"):
        (folder / f"marketplace.db{suffix}").unlink(missing_ok=True)
    shutil.copy(folder / "template.db", folder / "marketplace.db")
    clock.set(NOON)


@pytest.fixture
def app(sqlite_app: Flask, clock: SetClock) -> Iterator[Flask]:
    """An application with an empty SQLite database at the present schema."""
    _renew(sqlite_app, clock)
    yield sqlite_app
    with sqlite_app.app_context():
        db.session.remove()


@pytest.fixture(scope="session")
def postgres_platform(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory, clock: SetClock) -> str:
    """The name of a database at the present schema, to which nobody is connected: each test copies it."""
    name = "platform_template"
    url = postgres.create_database(name)
    app = create_app(make_settings(tmp_path_factory.mktemp("template"), database_url=url), clock)
    with app.app_context():
        schema.upgrade()
        acts.run(db.session(), app.extensions["house"], schema.load_reference, system=True)
        db.session.remove()
        db.engine.dispose()
    return name


@pytest.fixture
def postgres_app(postgres: Cluster, postgres_platform: str, tmp_path: Path, clock: SetClock) -> Iterator[Flask]:
    """An application with an empty PostgreSQL database at the present schema."""
    clock.set(NOON)
    name = f"test_{secrets.token_hex(4)}"
    url = postgres.create_database(name, postgres_platform)
    app = create_app(make_settings(tmp_path, database_url=url), clock)
    app.testing = True
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    postgres.drop_database(name)


@pytest.fixture
def act(app: Flask) -> Callable[..., Any]:
    """``act(verb, actor=None)``: one act in its own transaction, as the actor or as the platform itself."""
    return actor_of(app)


def actor_of(app: Flask) -> Callable[..., Any]:
    def run(verb: Callable[[Context], Any], actor: Actor | None = None, *, visitor: bool = False) -> Any:
        with app.app_context():
            system = actor is None and not visitor
            return acts.run(db.session(), app.extensions["house"], verb, actor=actor, system=system)

    return run
