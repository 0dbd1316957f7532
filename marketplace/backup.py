"""A consistent copy of the database and of the documents that it names, in one file; and a platform from such a file.

The file is a ZIP. `manifest.json` says what it is: the database's kind and revision, each table with its rows and the
SHA-256 of its bytes, the sequences, the documents. A document lies under its own SHA-256. From SQLite comes the
database itself, as its backup interface copies it beside writers; from PostgreSQL every table as COPY writes it, all
from one snapshot, so that neither the version of the server nor a client's program matters. Keys are never in it.

A restore writes the documents first and the database last, in one transaction or by one rename: whatever ends it half
way leaves a database that is still empty, and it can be done again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from flask import Flask
from psycopg import sql
from sqlalchemy import Connection, Engine, inspect, text

from marketplace import schema
from marketplace.base.house import House
from marketplace.record.documents.storage import storage
from marketplace.web.db import db

FORMAT = 1
_CHUNK = 1024 * 1024
_MANIFEST, _SQLITE, _TABLES, _DOCUMENTS = "manifest.json", "database.sqlite", "tables/", "documents/"
_VERSION = "alembic_version"
_REFERENCE = frozenset({_VERSION, "region"})
"""Tables that hold rows in a database that was only just set up."""


class Unreadable(Exception):
    """The file is no backup, is damaged, or is of another kind of database."""


class Occupied(Exception):
    """The database holds data, over which nothing is restored."""


@dataclass(frozen=True)
class Copied:
    """What a backup holds: its database's revision, rows of all tables, documents and their bytes."""

    revision: str
    rows: int
    documents: int
    size: int


class _Hashed:
    """A stream on its way, with the digest of what has passed."""

    def __init__(self, inner: BinaryIO | IO[bytes]):
        self.inner, self.digest = inner, hashlib.sha256()

    def write(self, piece: Any) -> None:
        self.digest.update(piece)
        self.inner.write(piece)

    def pieces(self) -> Iterator[bytes]:
        while piece := self.inner.read(_CHUNK):
            self.digest.update(piece)
            yield piece

    def require(self, sha256: str, name: str) -> None:
        """Raises `Unreadable` when what has passed is not what was written."""
        if self.digest.hexdigest() != sha256:
            raise Unreadable(f"{name} is damaged")


def save(app: Flask, target: Path) -> Copied:
    """Write a backup to a file that does not exist yet; beside running writers, whose later acts are not in it.

    Raises `FileExistsError`, and `FileNotFoundError` for a document that the database names and the store has lost.
    """
    if target.exists():
        raise FileExistsError(target)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    half = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with app.app_context(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                engine = db.engine
                copy = _from_sqlite if engine.dialect.name == "sqlite" else _from_postgresql
                said, named = copy(engine, archive, target.parent)
                said["documents"] = _keep_documents(app.extensions["house"], archive, named)
                archive.writestr(_MANIFEST, json.dumps({"format": FORMAT, **said}, indent=1))
            file.flush()
            os.fsync(file.fileno())
        os.link(half, target)  # never over a file that came meanwhile
    finally:
        half.unlink(missing_ok=True)
    return _told(said)


def _from_sqlite(engine: Engine, archive: zipfile.ZipFile, beside: Path) -> tuple[dict[str, Any], list[str]]:
    with tempfile.TemporaryDirectory(dir=beside) as folder:
        place = Path(folder) / _SQLITE
        raw = engine.raw_connection()
        try:
            with contextlib.closing(sqlite3.connect(place)) as copy:
                cast("sqlite3.Connection", raw.driver_connection).backup(copy, pages=4096)
                tables = [row[0] for row in copy.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
                ours = [name for name in tables if not name.startswith("sqlite_")]
                counted = {name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in ours}  # noqa: S608
                [[revision]] = copy.execute(f"SELECT version_num FROM {_VERSION}").fetchall()  # noqa: S608
                named = [row[0] for row in copy.execute("SELECT DISTINCT sha256 FROM document ORDER BY 1")]
        finally:
            raw.close()
        with place.open("rb") as copied, archive.open(_SQLITE, "w", force_zip64=True) as member:
            source = _Hashed(copied)
            for piece in source.pieces():
                member.write(piece)
    said = {
        "database": "sqlite",
        "revision": revision,
        "sha256": source.digest.hexdigest(),
        "tables": {name: {"rows": rows} for name, rows in counted.items()},
    }
    return said, named


def _from_postgresql(engine: Engine, archive: zipfile.ZipFile, beside: Path) -> tuple[dict[str, Any], list[str]]:
    tables: dict[str, Any] = {}
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        revision = schema.revision(connection)
        named = list(connection.scalars(text("SELECT DISTINCT sha256 FROM document ORDER BY 1")))
        found = connection.execute(
            text("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        )
        sequences = {name: last for name, last in found if last is not None}
        for table, columns in _columns(connection).items():
            with archive.open(f"{_TABLES}{table}", "w", force_zip64=True) as member:
                target, cursor = _Hashed(member), _cursor(connection)
                with cursor.copy(_copy(table, columns, "TO STDOUT")) as copy:
                    for piece in copy:
                        target.write(piece)
                tables[table] = {
                    "columns": columns, "rows": cursor.rowcount, "sha256": target.digest.hexdigest(),
                }  # fmt: skip
    said = {"database": "postgresql", "revision": revision, "tables": tables, "sequences": sequences}
    return said, named


def _cursor(connection: Connection) -> Any:
    return cast(Any, connection.connection.driver_connection).cursor()


def _columns(connection: Connection) -> dict[str, list[str]]:
    """Each table with its columns, but for those that the database computes."""
    found = inspect(connection).get_multi_columns()
    return {
        str(name): [column["name"] for column in columns if not column.get("computed")]
        for (_, name), columns in sorted(found.items(), key=lambda item: str(item[0][1]))
    }


def _copy(table: str, columns: list[str], whither: str) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) " + whither).format(sql.Identifier(table), names)


def _keep_documents(house: House, archive: zipfile.ZipFile, named: list[str]) -> dict[str, int]:
    store, size = storage(house), 0
    for sha256 in named:
        with store.open(sha256) as content, archive.open(_DOCUMENTS + sha256, "w", force_zip64=True) as member:
            source = _Hashed(content)
            for piece in source.pieces():
                member.write(piece)
                size += len(piece)
        source.require(sha256, f"document {sha256}")
    return {"count": len(named), "bytes": size}


def _told(said: dict[str, Any]) -> Copied:
    rows = sum(table["rows"] for table in said["tables"].values())
    return Copied(said["revision"], rows, said["documents"]["count"], said["documents"]["bytes"])


def load(app: Flask, source: Path) -> Copied:
    """Make the platform of a backup in an empty installation: the documents, then the database as a whole.

    Raises `Unreadable` for a file that is no backup, is damaged or comes from the other kind of database, and
    `Occupied` when the database holds data; nothing is changed then.
    """
    try:
        with app.app_context(), zipfile.ZipFile(source) as archive:
            said = _manifest(archive)
            engine = db.engine
            if said["database"] != engine.dialect.name:
                raise Unreadable(f"it comes from {said['database']}, and this installation is on {engine.dialect.name}")
            if said["revision"] not in schema.revisions():
                raise Unreadable(f"its database is at {said['revision']}, which this version does not know")
            with engine.connect() as connection:
                _require_empty(connection, said["revision"])
            _bring_documents(app.extensions["house"], archive, said["documents"]["count"])
            (_into_sqlite if engine.dialect.name == "sqlite" else _into_postgresql)(engine, archive, said)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, KeyError, TypeError, ValueError) as fault:
        raise Unreadable(str(fault) or type(fault).__name__) from None
    return _told(said)


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(archive.read(_MANIFEST))
    if said["format"] != FORMAT:
        raise Unreadable(f"its format is {said['format']}, and this version reads {FORMAT}")
    return said


def _require_empty(connection: Connection, revision: str) -> None:
    found = schema.revision(connection)
    names = inspect(connection).get_table_names()
    for name in names:
        if name not in _REFERENCE and connection.execute(text(f'SELECT 1 FROM "{name}" LIMIT 1')).first():  # noqa: S608
            raise Occupied(f"the database holds data (table {name})")
    if found not in (None, revision) or (found is None and names):
        raise Occupied(
            f"the database is at {found or 'no revision of ours'}, the backup at {revision}: use an empty one"
        )


def _bring_documents(house: House, archive: zipfile.ZipFile, count: int) -> None:
    store = storage(house)
    members = [item for item in archive.infolist() if item.filename.startswith(_DOCUMENTS)]
    if len(members) != count:
        raise Unreadable(f"{len(members)} documents instead of {count}")
    for item in members:
        with archive.open(item) as content:
            received = store.receive(cast(BinaryIO, content), item.file_size)
        try:
            if received.sha256 != item.filename.removeprefix(_DOCUMENTS):
                raise Unreadable(f"{item.filename} is damaged")
            store.keep(received)
        finally:
            received.drop()


def _into_sqlite(engine: Engine, archive: zipfile.ZipFile, said: dict[str, Any]) -> None:
    place = Path(engine.url.database or "")
    engine.dispose()
    descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    half = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file, archive.open(_SQLITE) as member:
            source = _Hashed(member)
            for piece in source.pieces():
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        source.require(said["sha256"], _SQLITE)
        for suffix in ("-wal", "-shm"):
            place.with_name(place.name + suffix).unlink(missing_ok=True)
        os.replace(half, place)
    finally:
        half.unlink(missing_ok=True)


def _into_postgresql(engine: Engine, archive: zipfile.ZipFile, said: dict[str, Any]) -> None:
    with engine.connect() as connection:
        if schema.revision(connection) is None:
            schema.upgrade(said["revision"], engine)
    with engine.connect().execution_options(marketplace_write=True) as connection:
        tables = {name: one for name, one in said["tables"].items() if name != _VERSION}
        if set(tables) != set(_columns(connection)) - {_VERSION}:
            raise Unreadable("its tables are not those of its revision")
        # Rows come as they are and in any order: what watches over changes stands aside, and references are checked
        # as a whole when they are made again.
        references = _take_references(connection)
        for name in tables:
            connection.exec_driver_sql(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')
        connection.exec_driver_sql("TRUNCATE " + ", ".join(f'"{name}"' for name in tables))
        for name, one in tables.items():
            _fill(connection, archive, name, one)
        for name, last in said["sequences"].items():
            connection.execute(text("SELECT setval(CAST(:name AS regclass), :last)"), {"name": name, "last": last})
        for name in tables:
            connection.exec_driver_sql(f'ALTER TABLE "{name}" ENABLE TRIGGER USER')
        for table, name, definition in references:
            connection.exec_driver_sql(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')
        connection.commit()


def _take_references(connection: Connection) -> list[tuple[str, str, str]]:
    """Drop every foreign key; gives table, name and definition of each, to make them again."""
    rows = connection.execute(
        text(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1, 2"
        )
    )
    found = [(table.strip('"'), name, definition) for table, name, definition in rows]
    for table, name, _ in found:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    return found


def _fill(connection: Connection, archive: zipfile.ZipFile, name: str, one: dict[str, Any]) -> None:
    cursor = _cursor(connection)
    with archive.open(_TABLES + name) as member:
        source = _Hashed(member)
        with cursor.copy(_copy(name, one["columns"], "FROM STDIN")) as copy:
            for piece in source.pieces():
                copy.write(piece)
    source.require(one["sha256"], f"table {name}")
    if cursor.rowcount != one["rows"]:
        raise Unreadable(f"table {name} has {cursor.rowcount} rows instead of {one['rows']}")
