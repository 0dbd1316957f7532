"""Every act that code writes down, and every kind of object it is done to, has a word for those who read the record."""

from __future__ import annotations

import ast
import gc
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.base.db import Base
from marketplace.record.audit import words
from marketplace.record.audit.models import AccessRow, AuditRow
from marketplace.web.db import db
from tests.support.city import City
from tests.support.strings import PACKAGES, ROOT, english

VERB = re.compile(r"[a-z_]+\.[a-z_]+")

HANDED_ON = {"verb", "pilot_id"}
"""Names under which a verb is handed to the function that writes it down: then the callers' words are read. A pilot's
id stands where a verb would in what only looks like writing down: a contract that is recorded."""


class Written:
    """What one file writes down: whole verbs, and the beginnings of those that are put together."""

    def __init__(self, path: Path) -> None:
        self.path = path.relative_to(ROOT)
        self.tree = ast.parse(path.read_text())
        self.verbs: set[str] = set()
        self.beginnings: set[str] = set()
        self.kinds: set[str] = set()
        self.unread: list[str] = []
        for call in self._calls("record", 3):
            self._read_verb(call.args[1])
            self._read_kind(call.args[2])
        for call in self._calls("look", 4):
            self._read_kind(call.args[1])

    def _calls(self, name: str, at_least: int) -> Iterator[ast.Call]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and len(node.args) >= at_least:
                if ast.unparse(node.func) in (f"audit.{name}", name):
                    yield node

    def _read_verb(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant):
            self.verbs.add(node.value)
        elif isinstance(node, ast.IfExp):
            self._read_verb(node.body)
            self._read_verb(node.orelse)
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            self.beginnings.add(str(node.values[0].value))
        elif isinstance(node, ast.Name):
            self._read_name(node.id)
        else:
            self.unread.append(f"{self.path}:{node.lineno}: {ast.unparse(node)}")

    def _read_name(self, name: str) -> None:
        """A constant of the file, or a variable that is filled in it."""
        found = False
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
                self._read_verb(node.value)
                found = True
        if not found and name not in HANDED_ON:
            self.unread.append(f"{self.path}: {name}")

    def _read_kind(self, node: ast.expr) -> None:
        first = node.elts[0] if isinstance(node, ast.Tuple) else node
        if isinstance(first, ast.Constant):
            self.kinds.add(str(first.value))


@pytest.fixture(scope="module")
def written() -> list[Written]:
    gc.collect()  # a finalizer that runs while a tree is built makes CPython 3.11 lose count of its depth
    return [Written(path) for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def test_every_verb_that_code_writes_has_a_word(app: Flask, written: list[Written]) -> None:
    known = words.verbs(app.extensions["house"])
    unread = [line for one in written for line in one.unread]
    assert not unread, "\n".join(["a verb is written plainly, or put together from its beginning:", *unread])
    used = {verb: one.path for one in written for verb in one.verbs}
    lacking = [f"{path}: {verb}" for verb, path in used.items() if verb not in known]
    beginnings = {start: one.path for one in written for start in one.beginnings}
    lacking += [f"{p}: {start}…" for start, p in beginnings.items() if not any(v.startswith(start) for v in known)]
    assert not lacking, "\n".join(["no word in the wiring of its chapter:", *lacking])
    assert len(used) > 150, "the acts were not found"


def test_no_word_outlives_its_verb(app: Flask, written: list[Written]) -> None:
    spoken = {
        node.value
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name != "wiring.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and VERB.fullmatch(node.value)
    }
    beginnings = tuple(start for one in written for start in one.beginnings)
    stale = [v for v in words.verbs(app.extensions["house"]) if v not in spoken and not v.startswith(beginnings)]
    assert not stale


def test_every_kind_is_a_table_or_said_in_place_of_one(app: Flask, written: list[Written]) -> None:
    known = words.kinds(app.extensions["house"])
    said = {kind for one in written for kind in one.kinds}
    assert said - set(known) == set()
    assert set(known) - said - set(Base.metadata.tables) == set()


def test_nothing_in_the_demos_record_is_without_a_word(demo_city: City) -> None:
    """Rows name their kind by their table, and some verbs are put together: here all that a year brings is looked at."""
    house = demo_city.app.extensions["house"]
    with demo_city.app.app_context():
        verbs = set(db.session.scalars(select(AuditRow.verb).distinct()))
        kinds = {kind for table in (AuditRow, AccessRow) for kind in db.session.scalars(select(table.kind).distinct())}
        db.session.remove()
    assert verbs - set(words.verbs(house)) == set()
    assert kinds - set(words.kinds(house)) == set()


def test_one_chapter_names_each_and_every_word_is_english_too(app: Flask) -> None:
    said = app.extensions["house"].all(words.WORDS)
    for names in ([k for one in said for k in one.kinds], [v for one in said for v in one.verbs]):
        assert len(names) == len(set(names))
    texts = {text for one in said for text in (*one.kinds.values(), *one.verbs.values())}
    assert {text for text in texts if (text,) not in english()} == set()
