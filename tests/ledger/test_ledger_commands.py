"""`marketplace ledger`: exit 0 when the books are sound, 1 when they are not, and the jobs that ask the same."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from click.testing import CliRunner
from flask import Flask

from marketplace.web.db import db
from tests.support.ledger import OFFICER, open_books, stock
from vouchers.ledger import jobs
from vouchers.ledger.commands import ledger


class Installed:
    def __init__(self, app: Flask) -> None:
        self._app = app

    def app(self) -> Flask:
        return self._app


@pytest.fixture
def stocked(app: Flask) -> Flask:
    with app.app_context():
        stock(open_books(db.engine))
    return app


def call(app: Flask, *arguments: str) -> Any:
    return CliRunner().invoke(ledger, arguments, obj=Installed(app))


def tamper(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER commitment_guard")
        connection.exec_driver_sql("UPDATE commitment SET available = available - 7, paid = paid + 7")
        connection.commit()


def test_verify_prints_counts_and_says_that_the_books_are_sound(stocked: Flask):
    done = call(stocked, "verify")
    assert done.exit_code == 0, done.output
    assert "commitments: 5" in done.output and "entries: 5" in done.output
    assert done.output.rstrip().endswith("the books are sound")


def test_verify_names_what_differs_and_ends_with_one(stocked: Flask):
    tamper(stocked)
    done = call(stocked, "verify")
    assert done.exit_code == 1
    assert "FAIL I3 the balances of a commitment are the fold of its entries: 5 differences" in done.output
    assert "should be 100000,0,0,0,0,0" in done.output


def test_the_nightly_proof_fails_loudly(stocked: Flask, act: Any):
    assert "5 commitments" in act(jobs.prove)
    tamper(stocked)
    with pytest.raises(jobs.Unsound, match="I3"):
        act(jobs.prove)


def test_the_journal_is_one_that_beancount_accepts(stocked: Flask, tmp_path: Path):
    done = call(stocked, "export", "-o", str(tmp_path / "books.beancount"))
    assert done.exit_code == 0, done.output
    _, errors, _ = loader.load_file(str(tmp_path / "books.beancount"))
    assert not errors


def test_an_officer_stands_in_every_entry_and_the_platform_in_its_own(stocked: Flask, act: Any, clock: Any):
    clock.advance(days=400)
    assert act(jobs.sweep) == "5 ended"
    with stocked.app_context(), db.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT DISTINCT kind, person_id FROM entry ORDER BY kind").all()
    assert [tuple(row) for row in rows] == [("expire", str(uuid.UUID(int=0))), ("issue", str(OFFICER.person_id))]
