"""A rule of a table that is gone, renamed or reworded is named by `db check`, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from marketplace import schema
from marketplace.app import furnish
from tests.conftest import make_settings
from tests.support.ledger import Books
from vouchers.ledger import guards

LOST, KEPT, PLAIN = "hold_parts_within_amount", "hold_closed_iff_used_up", "hold_amount_positive"


@pytest.fixture
def altered(books: Books, tmp_path: Path) -> Iterator[sa.Connection]:
    """A connection on which `hold` may be changed; nothing of it stays."""
    furnish(make_settings(tmp_path))  # the models of every chapter: tables refer to one another
    with books.engine.connect().execution_options(marketplace_write=True) as connection:
        yield connection
        connection.rollback()


def faults(connection: sa.Connection) -> list[str]:
    return [fault for fault in schema._check_drift(connection) if " of hold " in fault]


def change(connection: sa.Connection, drop: str, name: str | None = None, words: str = "amount > 0") -> None:
    """Take one rule of `hold` away, or write another in its place; SQLite keeps the words of a table alone."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE hold DROP CONSTRAINT {drop}")
        if name is not None:
            connection.exec_driver_sql(f"ALTER TABLE hold ADD CONSTRAINT {name} CHECK ({words}) NOT VALID")
        return
    found = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'hold'").scalar_one()
    rule = next(line for line in found.splitlines() if f"CONSTRAINT {drop} " in line)
    kept = found.replace(rule, f"CONSTRAINT {name} CHECK ({words})," if name else "")
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql("UPDATE sqlite_master SET sql = ? WHERE name = 'hold'", (kept,))


def test_a_sound_table_has_nothing_against_it(altered: sa.Connection) -> None:
    assert faults(altered) == []


def test_a_rule_that_is_gone_is_named(altered: sa.Connection) -> None:
    change(altered, LOST)
    assert faults(altered) == [f"check {LOST} of hold is missing"]


def test_a_rule_of_another_name_is_missing_and_foreign(altered: sa.Connection) -> None:
    change(altered, LOST, "hold_of_somebody", "posted >= 0")
    assert faults(altered) == [f"check {LOST} of hold is missing", "check hold_of_somebody of hold is not ours"]


def test_other_words_under_the_same_name_are_seen_where_the_database_keeps_them(
    books: Books, altered: sa.Connection
) -> None:
    """PostgreSQL writes rules down anew in words of its own, so that names alone are compared there..."""
    change(altered, PLAIN, PLAIN, "amount >= 0")
    assert faults(altered) == ([f"check {PLAIN} of hold differs"] if books.dialect == "sqlite" else [])


def test_a_rule_that_does_not_call_its_function_any_more_is_seen(altered: sa.Connection) -> None:
    """...except of a rule whose words are in a function."""
    change(altered, KEPT, KEPT)
    assert faults(altered) == [f"check {KEPT} of hold differs"]


def test_a_function_of_a_rule_with_other_words_is_seen(books: Books, altered: sa.Connection) -> None:
    if books.dialect == "sqlite":
        assert guards.rules("sqlite") == {}
        return
    made = guards.rules("postgresql")["rule_hold_state_known"]
    altered.exec_driver_sql(made.replace("'closed'", "'closed', 'lost'").replace("CREATE", "CREATE OR REPLACE", 1))
    assert schema._function_drift(altered) == ["function rule_hold_state_known differs or is missing"]
