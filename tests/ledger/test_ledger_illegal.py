"""Nothing illegal can be written, by whatever hand, in whatever revision; and each guard is there for a reason."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import command, op
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from marketplace import schema
from marketplace.base.db import named_statements
from marketplace.migrations import rebuild
from tests.support.illegal_writes import Stage, accepted, cases, stage
from tests.support.ledger import REVISION, Books
from vouchers.ledger import verify
from vouchers.ledger.guards import openings, triggers


def attack(books: Books, s: Stage) -> list[str]:
    with books.engine.connect().execution_options(marketplace_write=True) as connection:
        taken = accepted(connection, s)
        connection.rollback()
    return taken


def guards_drift(books: Books, connection: sa.Connection) -> list[str]:
    """What `db check` finds about the ledger's own triggers; other chapters' are theirs to test."""
    found = schema._trigger_drift(connection)
    return [fault for fault in found if any(f" {name} " in fault for name in triggers(books.dialect))]


def test_the_database_refuses_every_illegal_write(books: Books):
    s = stage(books)
    assert books.look(verify.verify).sound
    assert attack(books, s) == []
    assert len(cases(books.dialect)) >= (160 if books.dialect == "postgresql" else 170)
    assert books.look(verify.verify).sound


def test_every_revision_refuses_every_illegal_write(books: Books):
    """A database with data goes through every later revision, and none of them opens a door."""
    s = stage(books)
    revisions = [r.revision for r in ScriptDirectory.from_config(schema.config()).walk_revisions()][::-1]
    for revision in revisions[revisions.index(REVISION) :]:
        schema.upgrade(revision, books.engine)
        assert attack(books, s) == [], revision
        with books.engine.connect() as connection:
            assert guards_drift(books, connection) == [], revision


def test_a_database_with_data_goes_back_and_forth(books: Books):
    """The revision that brought these entries alters tables full of money: nothing of it may change."""
    s = stage(books)
    before = _money(books)
    settings = schema.config()
    with (
        books.engine.connect().execution_options(marketplace_write=True) as connection,
        schema._references_aside(connection),
    ):
        settings.attributes["connection"] = connection
        command.downgrade(settings, "0025_own_payments")
        connection.commit()
    assert _money(books) == before
    schema.upgrade("0026_year_end", books.engine)
    assert _money(books) == before
    assert books.look(verify.verify).sound
    assert attack(books, s) == []


def _money(books: Books) -> tuple[list[tuple], list[tuple]]:
    with books.engine.connect() as connection:
        return tuple(
            [tuple(map(str, row)) for row in connection.execute(sa.text(question)).all()]
            for question in (
                "SELECT id, award, received, paid, recovered, returned, seq FROM fund ORDER BY id",
                "SELECT id, kind, amount, seq, bseq, entry_id, batch_id FROM fund_entry ORDER BY id",
            )
        )


ALONE = {
    "commitment_guard": "last day moved",
    "hold_guard": "hold prolonged",
    "redemption_guard": "refunded by hand",
    "fund_guard": "ceiling lifted",
    "bucket_guard": "bucket by hand",
    "line_guard": "line turned into renovation",
    "hold_born": "hold beyond its line's period",
    "count_issue": "commitment longer than its line",
    "claim_item_guard": "part let go while in a batch",
    "payment_batch_guard": "total changed after approval",
    "item_fail": "item failed while an attempt is unknown",
    "attempt_guard": "attempt from unknown back to sent",
    "entry_noupd": "entry changed",
    "entry_nodel": "entry deleted",
    "voucher_noupd": "voucher given to another",
}
"""Guard → an illegal write that it alone refuses."""
TOGETHER = {"commitment_guard": "commitment_depth", "hold_guard": "hold_depth", "redemption_guard": "redemption_depth",
            "fund_guard": "fund_depth", "bucket_guard": "bucket_depth"}  # fmt: skip
"""On PostgreSQL these stand two deep: one looks for the entry, the other for the trigger's depth."""


def drop(books: Books, name: str) -> str:
    if books.dialect == "sqlite":
        return f"DROP TRIGGER {name}"
    table = re.search(r"\sON\s+(\w+)", triggers("postgresql")[name])
    assert table is not None
    return f"DROP TRIGGER {name} ON {table[1]}"


def test_without_its_guard_an_illegal_write_goes_through_and_db_check_says_so(books: Books):
    s, known = stage(books), dict(cases(books.dialect))
    for guard, write in ALONE.items():
        with books.engine.connect().execution_options(marketplace_write=True) as connection:
            connection.exec_driver_sql(drop(books, guard))
            if books.dialect == "postgresql" and guard in TOGETHER:
                connection.exec_driver_sql(drop(books, TOGETHER[guard]))
            assert accepted(connection, s, [(write, known[write])]) == [write], guard
            assert f"trigger {guard} is missing" in guards_drift(books, connection)
            connection.rollback()
    assert attack(books, s) == []


def test_a_guard_with_another_body_is_reported(books: Books):
    with books.engine.connect().execution_options(marketplace_write=True) as connection:
        if books.dialect == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER entry_noupd")
            connection.exec_driver_sql("CREATE TRIGGER entry_noupd BEFORE UPDATE ON entry BEGIN SELECT 1; END")
            assert "trigger entry_noupd differs" in guards_drift(books, connection)
        else:
            connection.exec_driver_sql(
                "CREATE OR REPLACE FUNCTION ledger_deny() RETURNS trigger LANGUAGE plpgsql"
                " AS $$ BEGIN RETURN NEW; END $$"
            )
            assert "function ledger_deny differs or is missing" in guards_drift(books, connection)
            connection.exec_driver_sql("DROP TRIGGER hold_depth ON hold")
            connection.exec_driver_sql(
                "CREATE TRIGGER hold_depth BEFORE UPDATE ON hold FOR EACH ROW WHEN (pg_trigger_depth() = 9)"
                " EXECUTE FUNCTION ledger_deny()"
            )
            assert "trigger hold_depth differs" in guards_drift(books, connection)
        connection.rollback()


def test_a_later_migration_that_makes_a_table_anew_keeps_the_guards(books: Books):
    s = stage(books)

    def alter() -> None:
        with rebuild.guards_aside(), op.batch_alter_table("hold", recreate="auto") as batch:
            batch.add_column(sa.Column("note", sa.Text()))
            batch.create_check_constraint("note_short", "length(note) < 100")

    with books.engine.connect().execution_options(marketplace_write=True) as connection:
        with schema._references_aside(connection):
            with Operations.context(MigrationContext.configure(connection)):
                alter()
            connection.commit()
    assert attack(books, s) == []
    with books.engine.connect() as connection:
        assert guards_drift(books, connection) == []


def test_the_triggers_of_the_models_are_those_of_the_migration(books: Books):
    frozen: dict[str, str] = {}
    for file in sorted((schema.MIGRATIONS / "sql").glob(f"*_{books.dialect}.sql")):
        frozen |= named_statements(file.read_text("utf-8"))
    assert frozen == triggers(books.dialect) | openings(books.dialect), (
        "a later revision must execute what changed, from a file of its own"
    )
