"""A platform that consists of the record alone, on SQLite and on PostgreSQL: the record needs no other chapter."""

from __future__ import annotations

import secrets
import shutil
import uuid
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from marketplace import schema
from marketplace.base import acts
from marketplace.base.actor import Actor
from marketplace.base.clock import SetClock
from marketplace.base.context import Context
from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.web.db import engine_options, prepare
from tests.conftest import NOON, make_settings

CHAPTERS = ("audit", "documents", "jobs", "notices")


class Platform:
    """The record on one database: `act` does one act in its own transaction, `sql` speaks past the platform."""

    def __init__(self, url: str, folder: Path, clock: SetClock):
        self.url = url
        self.postgres: Any = None
        self.clock = clock
        self.house = House(make_settings(folder, database_url=url), clock)
        for chapter in CHAPTERS:
            import_module(f"marketplace.record.{chapter}.wiring").wire(self.house)
        self.engine = prepare(create_engine(url, poolclass=NullPool, **_without_pool(url)))

    def act(self, verb: Callable[[Context], Any], actor: Actor | None = None) -> Any:
        with Session(self.engine, expire_on_commit=False) as session:
            return acts.run(session, self.house, verb, actor=actor, system=actor is None, request_id="test")

    def sql(self, *statements: str, **values: Any) -> Any:
        """What the owner of the database may do; the last statement's rows, if it has any."""
        with self.engine.connect().execution_options(marketplace_write=True) as connection:
            for statement in statements:
                result = connection.execute(text(statement), values if statement is statements[-1] else {})
            rows = result.all() if result.returns_rows else result.rowcount
            connection.commit()
        return rows

    @property
    def is_postgresql(self) -> bool:
        return self.engine.dialect.name == "postgresql"


def _without_pool(url: str) -> dict[str, Any]:
    return {k: v for k, v in engine_options(url).items() if k == "connect_args"}


def _migrate(url: str) -> None:
    engine: Engine = prepare(create_engine(url, poolclass=NullPool))
    schema.upgrade("0001_ground", engine)
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("record") / "template.db"
    _migrate(f"sqlite:///{path}")
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_record(postgres: Any) -> str:
    _migrate(postgres.create_database("record_template"))
    return "record_template"


@pytest.fixture
def record_clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture
def on_sqlite(sqlite_record: Path, tmp_path: Path, record_clock: SetClock) -> Iterator[Platform]:
    shutil.copy(sqlite_record, tmp_path / "marketplace.db")
    platform = Platform(f"sqlite:///{tmp_path / 'marketplace.db'}", tmp_path, record_clock)
    yield platform
    platform.engine.dispose()


@pytest.fixture
def on_postgres(postgres: Any, postgres_record: str, tmp_path: Path, record_clock: SetClock) -> Iterator[Platform]:
    name = f"record_{secrets.token_hex(4)}"
    platform = Platform(postgres.create_database(name, postgres_record), tmp_path, record_clock)
    platform.postgres = postgres
    yield platform
    platform.engine.dispose()
    postgres.drop_database(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def platform(request: pytest.FixtureRequest) -> Platform:
    """The record on each database in turn."""
    return request.getfixturevalue(f"on_{request.param}")


@pytest.fixture
def officer() -> Actor:
    """Somebody of a city's bureau."""
    return Actor(
        uuid.UUID(int=1), uuid.UUID(int=2), Role.CITY, organisation_id=uuid.UUID(int=3), region="360900", name="城市"
    )
