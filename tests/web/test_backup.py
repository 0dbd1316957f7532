"""A platform goes into one file and comes back from it whole; a bad file or a full database changes nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import threading
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from marketplace import backup, demo, schema
from marketplace.cli import cli
from marketplace.web.db import db
from tests.support.city import City
from tests.support.copies import installation, tables


def documents(app: Flask) -> dict[str, str]:
    """Every content that lies in the store, with its real digest."""
    found = Path(app.extensions["settings"].data_dir).glob("documents/??/??/*")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.fixture(scope="module")
def kept(demo_city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the made-up city."""
    file = tmp_path_factory.mktemp("kept") / "city.zip"
    backup.save(demo_city.app, file)
    return file


def test_what_comes_back_is_what_went_in(demo_city: City, kept: Path, tmp_path: Path) -> None:
    with installation(tmp_path / "new") as app:
        copied = backup.load(app, kept)
        assert tables(app) == tables(demo_city.app)
        named = documents(app)
        assert named and all(name == real for name, real in named.items()) and copied.documents == len(named)
        demo.prove(app)  # the books are sound, the record unbroken
        assert kept.stat().st_mode & 0o077 == 0, "it holds everybody's data"


def test_keys_are_not_in_it(kept: Path) -> None:
    with zipfile.ZipFile(kept) as archive:
        names = set(archive.namelist()) - {name for name in archive.namelist() if name.startswith("documents/")}
    assert names == {"manifest.json", "database.sqlite"}


def test_it_is_taken_beside_writers(tmp_path: Path) -> None:
    """One row and its partner are always written together: no copy holds one of them alone."""
    with installation(tmp_path / "busy") as app:
        with app.app_context():
            schema.upgrade()
            place = Path(db.engine.url.database or "")
        with closing(sqlite3.connect(place)) as plain:
            plain.execute("CREATE TABLE pair (n INTEGER)")
        stop, written = threading.Event(), []

        def write() -> None:
            with closing(sqlite3.connect(place, timeout=10)) as own:
                while not stop.is_set():
                    with own:
                        own.executemany("INSERT INTO pair VALUES (?)", [(len(written),)] * 2)
                    written.append(1)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(5):
                backup.save(app, tmp_path / f"{number}.zip")
        finally:
            stop.set()
            writer.join()
        seen = set()
        for number in range(5):
            with zipfile.ZipFile(tmp_path / f"{number}.zip") as archive:
                (tmp_path / "copy.db").write_bytes(archive.read("database.sqlite"))
            with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
                assert not copy.execute("SELECT n FROM pair GROUP BY n HAVING count(*) <> 2").fetchall()
                seen.add(copy.execute("SELECT count(*) FROM pair").fetchone()[0])
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert len(seen) > 1, "nobody wrote meanwhile"


def test_it_replaces_no_file_and_no_data(demo_city: City, kept: Path) -> None:
    before = tables(demo_city.app)
    with pytest.raises(FileExistsError):
        backup.save(demo_city.app, kept)
    with pytest.raises(backup.Occupied, match="holds data"):
        backup.load(demo_city.app, kept)
    assert tables(demo_city.app) == before


def _changed(kept: Path, made: Path, change: Any) -> Path:
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = change(item.filename, old.read(item))
            if data is not None:
                new.writestr(item.filename, data)
    return made


def _said(**changes: Any) -> Any:
    def change(name: str, data: bytes) -> bytes:
        return json.dumps(json.loads(data) | changes).encode() if name == "manifest.json" else data

    return change


BAD = {
    "a byte of the database": lambda name, data: data[:-1] + b"!" if name == "database.sqlite" else data,
    "a byte of a document": lambda name, data: data + b"!" if name.startswith("documents/") else data,
    "no documents": lambda name, data: None if name.startswith("documents/") else data,
    "no manifest": lambda name, data: None if name == "manifest.json" else data,
    "no database": lambda name, data: None if name == "database.sqlite" else data,
    "another format": _said(format=99),
    "a later version": _said(revision="9999_tomorrow"),
    "the other database": _said(database="postgresql"),
    "a manifest of another shape": lambda name, data: b"[]" if name == "manifest.json" else data,
}


@pytest.mark.parametrize("how", BAD)
def test_a_bad_file_changes_nothing(kept: Path, tmp_path: Path, how: str) -> None:
    file = _changed(kept, tmp_path / "bad.zip", BAD[how])
    with installation(tmp_path / "new") as app:
        with pytest.raises(backup.Unreadable):
            backup.load(app, file)
        assert tables(app) == {}


def test_the_commands(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKETPLACE_DATA_DIR", str(tmp_path / "there"))

    def call(*words: str) -> tuple[int, str]:
        answer = CliRunner().invoke(cli, words)
        return answer.exit_code, answer.output

    assert call("restore", str(kept))[0] == 0
    code, told = call("restore", str(kept))
    assert code == 1 and "holds data" in told and "nothing was changed" in told
    made = tmp_path / "again.zip"
    assert call("backup", str(made))[0] == 0 and made.exists()
    code, told = call("backup", str(made))
    assert code == 2 and "exists already" in told
    shutil.copy(__file__, tmp_path / "no.zip")
    code, told = call("restore", str(tmp_path / "no.zip"))
    assert code == 2 and "Traceback" not in told
    assert call("backup", str(tmp_path / "nowhere" / "x.zip"))[0] == 2
