"""Writing down, and what the database refuses afterwards."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from marketplace.base import acts
from marketplace.base.actor import Actor
from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.money import Yuan
from marketplace.base.paging import Key
from marketplace.base.roles import Role
from marketplace.record.audit import actions as audit
from marketplace.record.audit import queries, sealing, triggers
from marketplace.record.audit.models import AccessRow, AuditRow
from marketplace.record.documents.models import Document


def rows(platform: Any, table: Any = AuditRow) -> list[Any]:
    return platform.act(lambda ctx: list(ctx.session.scalars(select(table).order_by(table.id))))


def test_an_act_is_written_down_with_who_what_and_where(platform: Any, officer: Actor) -> None:
    def verb(ctx: Context) -> None:
        document = Document(id=uuid.UUID(int=7), pilot_id=uuid.UUID(int=9), city="360900")
        audit.record(
            ctx, "document.read", document,
            amount=Yuan(123456), role=Role.CITY, day=date(2031, 3, 12), share=Decimal("0.70"), nested={"n": [Yuan(1)]},
        )  # fmt: skip

    platform.act(verb, officer)
    (row,) = rows(platform)
    assert (row.verb, row.kind, row.object_id) == ("document.read", "document", str(uuid.UUID(int=7)))
    assert (row.person_id, row.assignment_id, row.role) == (officer.person_id, officer.assignment_id, "city")
    assert (row.pilot_id, row.city, row.request_id) == (uuid.UUID(int=9), "360900", "test")
    assert row.facts == {
        "amount": 123456, "role": "city", "day": "2031-03-12", "share": "0.70", "nested": {"n": [1]},
    }  # fmt: skip
    assert row.at == platform.clock.moment
    assert (row.xid is not None) == platform.is_postgresql


def test_record_is_one_insert(platform: Any, officer: Actor) -> None:
    seen: list[str] = []

    def verb(ctx: Context) -> None:
        ctx.session.connection()
        event.listen(platform.engine, "before_cursor_execute", note)
        audit.record(ctx, "thing.done", ("thing", 1), amount=5)
        event.remove(platform.engine, "before_cursor_execute", note)

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    platform.act(verb, officer)
    assert len(seen) == 1 and seen[0].startswith("INSERT INTO audit_row")


def test_what_cannot_be_kept_for_ever_is_refused(platform: Any) -> None:
    with pytest.raises(TypeError, match="float"):
        platform.act(lambda ctx: audit.record(ctx, "thing.done", ("thing", 1), share=0.7))
    with pytest.raises(ValueError, match="no id yet"):
        platform.act(lambda ctx: audit.record(ctx, "document.made", Document()))
    assert rows(platform) == []


def test_a_refused_act_leaves_no_row(platform: Any, officer: Actor) -> None:
    def verb(ctx: Context) -> None:
        audit.record(ctx, "thing.done", ("thing", 1))
        raise Refusal("no", "不行")

    with pytest.raises(Refusal):
        platform.act(verb, officer)
    assert rows(platform) == []


def test_a_look_commits_by_itself(platform: Any, officer: Actor) -> None:
    """The reading transaction is rolled back, the row of the look stays."""
    with Session(platform.engine) as session:
        ctx = acts.read(session, platform.house, actor=officer, request_id="look")
        session.execute(text("SELECT 1"))
        audit.look(ctx, "dossier", 5, "review")
        session.rollback()
    (row,) = rows(platform, AccessRow)
    assert (row.kind, row.object_id, row.reason, row.role) == ("dossier", "5", "review", "city")
    assert row.person_id == officer.person_id


def test_a_look_inside_an_act_does_not_wait_for_itself(platform: Any, officer: Actor) -> None:
    platform.act(lambda ctx: audit.look(ctx, "dossier", 5, "review"), officer)
    assert len(rows(platform, AccessRow)) == 1


WRITES = [
    "UPDATE {t} SET at = at",
    "UPDATE {t} SET at = at WHERE 1 = 0 OR 1 = 1",
    "DELETE FROM {t}",
    "DELETE FROM {t} WHERE 1 = 1",
]


def _written(platform: Any, officer: Actor) -> Any:
    """The platform with at least one row in each append-only table."""
    platform.act(lambda ctx: audit.record(ctx, "thing.done", ("thing", 1)), officer)
    platform.act(lambda ctx: audit.look(ctx, "thing", 1, "why"), officer)
    platform.act(sealing.seal)
    platform.clock.advance(days=1)
    platform.act(sealing.seal)
    for table in triggers.TABLES:
        assert platform.sql(f"SELECT count(*) FROM {table}")[0][0] >= 1, table
    return platform


@pytest.mark.parametrize("table", triggers.TABLES)
@pytest.mark.parametrize("write", WRITES)
def test_the_database_refuses_to_change_a_row(platform: Any, officer: Actor, table: str, write: str) -> None:
    written = _written(platform, officer)
    before = written.sql(f"SELECT * FROM {table}")
    with pytest.raises(DBAPIError, match="append-only"):
        written.sql(write.format(t=table))
    assert written.sql(f"SELECT * FROM {table}") == before


@pytest.mark.parametrize("table", triggers.TABLES)
def test_sqlite_refuses_to_replace_a_row(on_sqlite: Any, officer: Actor, table: str) -> None:
    """REPLACE deletes without a DELETE: also on a connection that did not ask for recursive triggers."""
    written = _written(on_sqlite, officer)
    before = written.sql(f"SELECT * FROM {table}")
    for pragma in ("PRAGMA recursive_triggers = ON", "PRAGMA recursive_triggers = OFF"):
        with pytest.raises(DBAPIError, match="append-only"):
            written.sql(pragma, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        with pytest.raises(DBAPIError, match="append-only"):
            written.sql(pragma, f"REPLACE INTO {table} SELECT * FROM {table}")
    assert written.sql(f"SELECT * FROM {table}") == before


@pytest.mark.parametrize("kept", ["no", "hash", "source, tree_size"])
def test_a_seal_cannot_be_replaced_by_any_of_its_keys(on_sqlite: Any, officer: Actor, kept: str) -> None:
    written = _written(on_sqlite, officer)
    other = {"no": "no + 100", "hash": "zeroblob(32)", "tree_size": "tree_size + 100"}
    columns = [row[1] for row in written.sql("PRAGMA table_info(seal)")]
    values = ", ".join(c if c in kept else other.get(c, c) for c in columns)
    with pytest.raises(DBAPIError, match="append-only"):
        written.sql(
            "PRAGMA recursive_triggers = OFF", f"INSERT OR REPLACE INTO seal SELECT {values} FROM seal WHERE no = 1"
        )


@pytest.mark.postgres
@pytest.mark.parametrize("table", triggers.TABLES)
def test_postgresql_refuses_to_truncate(on_postgres: Any, officer: Actor, table: str) -> None:
    written = _written(on_postgres, officer)
    with pytest.raises(DBAPIError, match="append-only"):
        written.sql(f"TRUNCATE {table} CASCADE")
    with pytest.raises(DBAPIError, match="append-only"):
        written.sql(f"UPDATE {table} SET at = at WHERE false")


@pytest.mark.postgres
@pytest.mark.parametrize("xid", ["1", "NULL", "pg_current_xact_id()::text::bigint + 1"])
def test_postgresql_refuses_a_made_up_transaction(on_postgres: Any, xid: str) -> None:
    with pytest.raises(DBAPIError, match="its own transaction"):
        on_postgres.sql(
            "INSERT INTO access_row (xid, at, role, request_id, kind, object_id, reason) "
            f"VALUES ({xid}, now(), 'x', 'x', 'x', 'x', 'x')"
        )


def test_history_and_search(platform: Any, officer: Actor) -> None:
    auditor = Actor(uuid.UUID(int=20), uuid.UUID(int=21), Role.AUDITOR, region="360900")
    for number in range(5):
        platform.act(lambda ctx, n=number: audit.record(ctx, f"thing.step{n % 2}", ("thing", n % 3), n=n), officer)
    history = platform.act(lambda ctx: queries.history(ctx, "thing", 0))
    assert [row.facts["n"] for row in history] == [0, 3]

    def numbers(**wish: Any) -> list[int]:
        page = platform.act(lambda ctx: queries.search(ctx, **wish), auditor)
        return [row.facts["n"] for row in page.items]

    assert numbers() == [4, 3, 2, 1, 0]
    assert numbers(verb="thing.step1") == [3, 1]
    assert numbers(kind="thing", object_id="1") == [4, 1]
    assert numbers(person_id=officer.person_id, until=date(2031, 3, 12)) == [4, 3, 2, 1, 0]
    assert numbers(since=date(2031, 3, 13)) == []
    first = platform.act(lambda ctx: queries.search(ctx, limit=2), auditor)
    assert numbers(limit=2, cursor=first.next_cursor) == [2, 1]
    oldest = (Key(AuditRow.id),)
    assert numbers(order=oldest) == [0, 1, 2, 3, 4]
    with pytest.raises(Refusal) as refused:
        platform.act(lambda ctx: queries.search(ctx), officer)
    assert refused.value.status == 403
