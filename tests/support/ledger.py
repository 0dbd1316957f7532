"""A migrated database with one funded pilot: the ground of the ledger's tests, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

import vouchers.ledger.wiring  # noqa: F401 - registers tables and triggers
from marketplace import schema
from marketplace.base import acts
from marketplace.base.clock import SetClock
from marketplace.base.context import Actor, Context
from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.web.db import engine_options, prepare
from tests.support.postgres import Cluster
from vouchers.ledger.actions import funds, issue
from vouchers.ledger.actions.issue import ContractItem, VoucherItem
from vouchers.ledger.models.funds import BudgetLine, Fund

REVISION = "0033_rules"
NOON = datetime(2031, 3, 12, 4, 0, tzinfo=UTC)
TODAY = date(2031, 3, 12)
OPENS, LAST, CLOSES = date(2031, 1, 1), date(2031, 8, 31), date(2031, 12, 31)
PILOT, CITY = uuid.UUID(int=1), "360900"
PROVIDER, OTHER = uuid.UUID(int=7), uuid.UUID(int=8)
OFFICER = Actor(uuid.UUID(int=21), uuid.UUID(int=22), Role.FINANCE, uuid.UUID(int=23), PILOT)

CHECKER = Actor(uuid.UUID(int=31), uuid.UUID(int=32), Role.FINANCE, uuid.UUID(int=23), PILOT)


@dataclass
class Books:
    """One database and what stands in it."""

    engine: Engine
    house: House
    clock: SetClock
    fund: uuid.UUID = uuid.UUID(int=0)
    renovation: uuid.UUID = uuid.UUID(int=0)
    platforms: uuid.UUID = uuid.UUID(int=0)
    vouchers: list[uuid.UUID] = field(default_factory=list)
    contract: uuid.UUID = uuid.UUID(int=0)

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    def act(self, verb: Callable[[Context], Any], actor: Actor | None = OFFICER) -> Any:
        """One act in a session of its own; safe to call from several threads."""
        with Session(self.engine, expire_on_commit=False) as session:
            return acts.run(session, self.house, verb, actor=actor, system=actor is None)

    def look(self, ask: Callable[[Session], Any]) -> Any:
        with Session(self.engine) as session:
            return ask(session)

    def scalar(self, sql: str) -> Any:
        with self.engine.connect() as connection:
            return connection.exec_driver_sql(sql).scalar()

    def balances(self, commitment: uuid.UUID) -> tuple[int, ...]:
        """available, reserved, payable, paid, recalled, clawed"""
        key = str(commitment)
        with self.engine.connect() as connection:
            return tuple(
                connection.exec_driver_sql(
                    f"SELECT available, reserved, payable, paid, recalled, clawed FROM commitment WHERE id = '{key}'"
                ).one()
            )


def key() -> str:
    return str(uuid.uuid4())


def stock(books: Books, buckets: int | None = 2) -> None:
    """One fund of 10,000 yuan with a quarter for other lines, two lines, four vouchers and a contract."""

    def fund(ctx: Context) -> tuple[Fund, BudgetLine, BudgetLine]:
        made = funds.open_fund(ctx, PILOT, "province", 2500, city=CITY)
        funds.book_award(ctx, made.id, 1_000_000, key())
        funds.book_receipt(ctx, made.id, 500_000, key())
        lines = [
            funds.open_line(ctx, made.id, category, share, OPENS, CLOSES, buckets)
            for category, share in (("renovation", "renovation"), ("platform", "other"))
        ]
        funds.allot(ctx, lines[0].id, 700_000, key())
        funds.allot(ctx, lines[1].id, 200_000, key())
        return made, lines[0], lines[1]

    made, first, second = books.act(fund)
    books.fund, books.renovation, books.platforms = made.id, first.id, second.id
    items = [
        VoucherItem(face, LAST, uuid.UUID(int=100 + i)) for i, face in enumerate((100_000, 100_000, 50_000, 50_000))
    ]
    books.vouchers = books.act(lambda ctx: issue.issue(ctx, books.renovation, items, key())).commitment_ids
    contract = ContractItem(150_000, CLOSES, PROVIDER, "HT-1", bytes(32), TODAY)
    books.contract = books.act(lambda ctx: issue.issue(ctx, books.platforms, [contract], key())).commitment_ids[0]


def open_books(engine: Engine) -> Books:
    clock = SetClock(NOON)
    return Books(engine, House(None, clock), clock)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ledger") / "template.db"
    engine = make_engine(f"sqlite:///{path}")
    schema.upgrade(REVISION, engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Cluster) -> str:
    engine = make_engine(postgres.create_database("ledger_template"))
    schema.upgrade(REVISION, engine)
    engine.dispose()
    return "ledger_template"


def make_engine(url: str, **options: Any) -> Engine:
    return prepare(create_engine(url, **(engine_options(url) | options)))


@contextmanager
def sqlite_books(template: Path, folder: Path) -> Iterator[Books]:
    path = folder / f"{uuid.uuid4().hex}.db"
    shutil.copy(template, path)
    engine = make_engine(f"sqlite:///{path}")
    yield open_books(engine)
    engine.dispose()


@contextmanager
def postgres_books(postgres: Cluster, template: str) -> Iterator[Books]:
    name = f"ledger_{uuid.uuid4().hex[:8]}"
    engine = make_engine(postgres.create_database(name, template), pool_size=20)
    yield open_books(engine)
    engine.dispose()
    postgres.drop_database(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    """A migrated ledger without a row, on each database in turn."""
    if request.param == "sqlite":
        with sqlite_books(request.getfixturevalue("sqlite_template"), tmp_path) as books:
            yield books
    else:
        cluster = request.getfixturevalue("postgres")
        with postgres_books(cluster, request.getfixturevalue("postgres_template")) as books:
            yield books


@pytest.fixture
def books(empty_books: Books) -> Books:
    """A stocked ledger, on each database in turn."""
    stock(empty_books)
    return empty_books


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements sent to a database, without BEGIN and COMMIT."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
