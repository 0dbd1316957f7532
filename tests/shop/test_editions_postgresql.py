"""The same guard on PostgreSQL: editions and their prices are written once."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from marketplace import schema


@pytest.fixture
def engine(postgres_database: str) -> object:
    made = create_engine(postgres_database)
    schema.upgrade(engine=made)
    yield made
    made.dispose()


@pytest.mark.parametrize("table", ["edition", "package"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET created_at = created_at", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_postgresql_keeps_editions(engine: object, table: str, verb: str) -> None:
    with engine.begin() as connection, pytest.raises(DBAPIError, match="append-only"):  # type: ignore[attr-defined]
        connection.execute(text(verb.format(table)))
