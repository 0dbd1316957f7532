"""What the database itself refuses: changing, deleting or replacing a row that was written down."""

from __future__ import annotations

TABLES = ("audit_row", "access_row", "seal", "checkpoint")
_STAMPED = ("audit_row", "access_row")
_TAKEN = {
    "audit_row": "id = NEW.id",
    "access_row": "id = NEW.id",
    "seal": "no = NEW.no OR hash = NEW.hash OR (source = NEW.source AND tree_size = NEW.tree_size)",
    "checkpoint": "day = NEW.day",
}

_POSTGRESQL = {
    "record_append_only": """
CREATE FUNCTION record_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$""",
    "record_own_transaction": """
CREATE FUNCTION record_own_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: a row names its own transaction', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$""",
}


def statements(dialect: str) -> dict[str, str]:
    """Functions and triggers for a dialect: name → SQL, in order of creation."""
    made = {} if dialect == "sqlite" else dict(_POSTGRESQL)
    for table in TABLES:
        made |= append_only(dialect, table, _TAKEN[table])
    if dialect == "sqlite":
        return made
    for table in _STAMPED:
        # The sealer follows transaction numbers: a row with a made-up one could hide from it.
        made[f"{table}_own_transaction"] = (
            f"CREATE TRIGGER {table}_own_transaction BEFORE INSERT ON {table} FOR EACH ROW "
            "WHEN (NEW.xid IS DISTINCT FROM pg_current_xact_id()::text::bigint) "
            "EXECUTE FUNCTION record_own_transaction()"
        )
    return made


def append_only(dialect: str, table: str, taken: str) -> dict[str, str]:
    """The triggers that let rows of a table be inserted and never touched again, for any chapter.

    `taken` says when a row with the keys of ``NEW`` exists already. On PostgreSQL the triggers call
    ``record_append_only``, which the first migration makes.
    """
    if dialect == "sqlite":
        return _sqlite(table, taken)
    return {
        f"{table}_append_only": (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION record_append_only()"
        )
    }


def _sqlite(table: str, taken: str) -> dict[str, str]:
    """REPLACE deletes a row without a DELETE statement: an INSERT onto an existing key is refused before it."""
    made = {
        f"{table}_no_{verb.lower()}": (
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
        for verb in ("UPDATE", "DELETE")
    }
    made[f"{table}_no_replace"] = (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - names from above
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )
    return made
