"""The database's shape: where the history ends, and whether a database agrees with the models and triggers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import CheckConstraint, Connection, Engine, inspect, text

from marketplace.base import db
from marketplace.base.context import Context
from marketplace.base.db import Base
from marketplace.base.house import REFERENCE

MIGRATIONS = Path(__file__).parent / "migrations"


def config(url: str = "") -> Config:
    """Alembic's configuration without a file."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    if url:
        made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


@cache
def head() -> str:
    """The last revision of the history."""
    found = ScriptDirectory.from_config(config()).get_current_head()
    assert found is not None
    return found


@cache
def revisions() -> frozenset[str]:
    """Every revision of the history."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(config()).walk_revisions())


def revision(connection: Connection) -> str | None:
    """The revision a database stands at, or None when it holds nothing of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(to: str = "head", engine: Engine | None = None) -> None:
    """Bring the database of the running application (or of `engine`) to a revision."""
    engine = engine or current_app.extensions["migrate"].db.engine
    with engine.connect().execution_options(marketplace_write=True) as connection, _references_aside(connection):
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, to)
        connection.commit()


@contextmanager
def _references_aside(connection: Connection) -> Iterator[None]:
    """SQLite alters a table by making it anew: references to the old one are let go, then checked."""
    if connection.dialect.name != "sqlite":
        yield
        return
    plain: Any = connection.connection.driver_connection
    plain.execute("PRAGMA foreign_keys=OFF")  # has no effect once a transaction is open
    try:
        yield
        broken = plain.execute("PRAGMA foreign_key_check").fetchone()
        if broken is not None:
            raise RuntimeError(f"a migration broke a reference of {broken[0]} to {broken[2]}")
    finally:
        plain.rollback()
        plain.execute("PRAGMA foreign_keys=ON")


def load_reference(ctx: Context) -> None:
    """Write the reference data of every chapter (regions, zones); done again it changes nothing."""
    for load in ctx.house.all(REFERENCE):
        load(ctx)


def drift(connection: Connection) -> list[str]:
    """What differs between a database at head and the models: tables, columns, constraints, triggers."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
    found = [_words(change) for change in compare_metadata(context, Base.metadata)]
    return found + _check_drift(connection) + _trigger_drift(connection)


def _check_drift(connection: Connection) -> list[str]:
    """Rules of tables that are missing or foreign. SQLite keeps their words, so that those are compared as well;
    PostgreSQL puts them into its own, and what can be compared is whether a rule that has a function calls it."""
    functions = {name for source in db.TRIGGERS for name in source(connection.dialect.name)}
    kept = inspect(connection).get_multi_check_constraints()
    faults = []
    for table in Base.metadata.sorted_tables:
        wanted = {str(c.name): str(c.sqltext) for c in table.constraints if isinstance(c, CheckConstraint)}
        found = {str(rule["name"]): rule["sqltext"] for rule in kept.get((None, table.name), [])}
        faults += [f"check {name} of {table.name} is missing" for name in sorted(wanted.keys() - found.keys())]
        faults += [f"check {name} of {table.name} is not ours" for name in sorted(found.keys() - wanted.keys())]
        both = sorted(wanted.keys() & found.keys())
        calls = {n: f"{db.RULE}{n}" for n in both if f"{db.RULE}{n}" in functions}
        faults += [f"check {n} of {table.name} differs" for n, f in calls.items() if not found[n].startswith(f"{f}(")]
        if connection.dialect.name == "sqlite":
            faults += [f"check {n} of {table.name} differs" for n in both if _normal(wanted[n]) != _normal(found[n])]
    return faults


def _words(change: Any) -> str:
    """A difference in words: what is missing, what is not ours, what differs."""
    if isinstance(change, list):
        return "; ".join(_words(one) for one in change)
    verb, thing = change[0], change[-1]
    if verb.startswith(("add_", "remove_")):
        kind = {"fk": "reference", "constraint": "constraint", "index": "index"}.get(verb.partition("_")[2])
        fate = "is missing" if verb.startswith("add_") else "is not ours"
        if kind is not None:
            return f"{kind} {thing.name} of {thing.table.name} {fate}"
        if verb.endswith("_column"):
            return f"column {thing.name} of {change[2]} {fate}"
        return f"{verb.partition('_')[2]} {thing.name} {fate}"
    return f"column {change[3]} of {change[2]} differs: {change[-2]!r} should be {change[-1]!r}"


def _trigger_drift(connection: Connection) -> list[str]:
    """Triggers that are missing, foreign, or differ from the files that define them."""
    dialect = connection.dialect.name
    wanted: dict[str, str] = {}
    for source in db.TRIGGERS:
        for name, sql in source(dialect).items():
            if re.match(r"\s*CREATE\s+(CONSTRAINT\s+)?TRIGGER", sql, re.I):
                wanted[name] = _normal(sql)
    present = {name: _normal(sql) for name, sql in _triggers(connection)}
    faults = [f"trigger {name} is missing" for name in sorted(wanted.keys() - present.keys())]
    faults += [f"trigger {name} is not ours" for name in sorted(present.keys() - wanted.keys())]
    same = _normal if dialect == "sqlite" else _loose
    both = sorted(wanted.keys() & present.keys())
    faults += [f"trigger {n} differs" for n in both if same(wanted[n]) != same(present[n])]
    if dialect != "sqlite":
        faults += _function_drift(connection)
    return faults


def _triggers(connection: Connection) -> list[tuple[str, str]]:
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    else:
        rows = connection.execute(
            text(
                "SELECT t.tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE NOT t.tgisinternal AND t.tgenabled = 'O' AND n.nspname = current_schema()"
            )
        )
    return [(name, sql) for name, sql in rows]


def _function_drift(connection: Connection) -> list[str]:
    """PostgreSQL keeps a function's body as written, so the bodies can be compared word by word."""
    wanted = {}
    for source in db.TRIGGERS:
        for name, sql in source("postgresql").items():
            body = re.search(r"AS\s+\$\$(.*)\$\$", sql, re.S)
            if body and re.match(r"\s*CREATE\s+(OR\s+REPLACE\s+)?FUNCTION", sql, re.I):
                wanted[name] = _normal(body.group(1))
    present = {
        name: _normal(body)
        for name, body in connection.execute(
            text(
                "SELECT p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
                "WHERE n.nspname = current_schema() AND (p.prorettype = 'trigger'::regtype "
                "OR starts_with(p.proname, 'rule_'))"
            )
        )
    }
    return [f"function {n} differs or is missing" for n in sorted(wanted) if present.get(n) != wanted[n]]


def _loose(sql: str) -> str:
    """PostgreSQL writes a trigger down anew: with its schema, more brackets, casts, and the events in its own order."""
    found = re.sub(r"\b\w+\.(?=\w+ (FOR|REFERENCING))|::\w+|[()]", "", _normal(sql))
    head, on, rest = found.partition(" ON ")
    moment, when, events = head.partition(" BEFORE ") if " BEFORE " in head else head.partition(" AFTER ")
    return " ".join([moment, when, *sorted(events.split(" OR ")), on, rest]).lower()


def _normal(sql: str) -> str:
    return " ".join(sql.split()).rstrip(";").strip()
