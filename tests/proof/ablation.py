"""R7. Each guard of the ledger is taken away in turn: what it kept out comes in, or `db check` says that it is gone."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from marketplace import schema
from marketplace.app import furnish
from tests.conftest import make_settings
from tests.proof import ground
from tests.proof.parts import Counts, Figure, Part, Piece, none, some, together
from tests.support.illegal_writes import Stage, accepted, cases, stage
from tests.support.ledger import Books
from tests.support.postgres import Cluster
from vouchers.ledger.guards import triggers

TABLES = (
    "fund", "budget_line", "line_bucket", "issue_batch", "commitment", "voucher", "direct_contract", "hold", "entry",
    "redemption", "claim", "claim_item", "payment_batch", "batch_item", "payout_attempt", "fund_entry",
)  # fmt: skip
STEP = 24


@dataclass(frozen=True)
class Guard:
    """A constraint, unique index or trigger of the ledger, and the words that take it away on PostgreSQL."""

    kind: str
    table: str
    name: str

    @property
    def drop(self) -> str:
        if self.kind == "trigger":
            return f"DROP TRIGGER {self.name} ON {self.table}"
        if self.kind == "index":
            return f"DROP INDEX {self.name}"
        return f"ALTER TABLE {self.table} DROP CONSTRAINT {self.name} CASCADE"


def guards(connection: sa.Connection) -> Iterator[Guard]:
    """Every one that PostgreSQL knows, from its own catalogue."""
    listed = ", ".join(f"'{table}'::regclass" for table in TABLES)
    kinds = {"c": "check", "u": "unique", "f": "reference"}
    for kind, table, name in connection.exec_driver_sql(
        f"SELECT contype::text, conrelid::regclass::text, conname FROM pg_constraint"
        f" WHERE contype IN ('c', 'u', 'f') AND conrelid IN ({listed}) ORDER BY 2, 3"
    ):
        yield Guard(kinds[kind], table, name)
    for table, name in connection.exec_driver_sql(
        "SELECT i.indrelid::regclass::text, c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        f" WHERE i.indisunique AND i.indrelid IN ({listed})"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint p WHERE p.conindid = i.indexrelid) ORDER BY 1, 2"
    ):
        yield Guard("index", table, name)
    ours = triggers("postgresql")
    for table, name in connection.exec_driver_sql(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
        f" WHERE NOT tgisinternal AND tgrelid IN ({listed}) ORDER BY 1, 2"
    ):
        if name in ours:
            yield Guard("trigger", table, name)


def _without(connection: sa.Connection, s: Stage, guard: Guard) -> tuple[bool, bool]:
    """Whether an illegal write comes in without a guard, and whether `db check` names it."""
    connection.exec_driver_sql(guard.drop)
    let_in = bool(accepted(connection, s))
    named = any(re.search(rf"\b{re.escape(guard.name)}\b", fault) for fault in schema.drift(connection))
    connection.rollback()
    return let_in, named


def _furnish() -> None:
    """Load every chapter, so that `db check` knows all tables and triggers there should be."""
    with tempfile.TemporaryDirectory() as folder:
        furnish(make_settings(Path(folder)))


def _take_away(books: Books, wanted: slice) -> Counts:
    _furnish()
    s = stage(books)
    seen = {"guards": 0, "let in": 0, "named": 0, "unnoticed": 0, "cases": len(cases("postgresql"))}
    with books.engine.connect().execution_options(marketplace_write=True) as connection:
        assert accepted(connection, s) == [], "an illegal write is taken with every guard in its place"
        connection.rollback()
        found: Sequence[Guard] = list(guards(connection))[wanted]
        connection.rollback()
        for guard in found:
            let_in, named = _without(connection, s, guard)
            seen["guards"] += 1
            seen["let in"] += let_in
            seen["named"] += named
            if not (let_in or named):
                seen["unnoticed"] += 1
                print(f"  nobody misses {guard.kind} {guard.name} of {guard.table}")
        assert accepted(connection, s) == [], "a guard did not come back"
        connection.rollback()
    return {**{name: value for name, value in seen.items() if name != "cases"}, "max cases": seen["cases"]}


def _piece(number: int, pieces: int, server: Cluster | None = None) -> Counts:
    with ExitStack() as stack:
        books, _ = stack.enter_context(ground.postgresql(server, buckets=2, rich=False))
        return _take_away(books, slice(number, None, pieces))


PIECES = 4


def _short(server: Cluster) -> Counts:
    return together([_piece(3, STEP, server)])


def _figures(counts: Counts) -> list[Figure]:
    return [
        some(counts, "max cases", "illegal writes that are tried each time", 150),
        some(counts, "guards", "guards taken away, one at a time"),
        some(counts, "let in", "without which an illegal write comes in"),
        some(counts, "named", "whose absence `marketplace db check` names"),
        none(counts, "unnoticed", "that nobody misses"),
    ]


PART = Part(
    code="ablation",
    title="R7. Guards taken away",
    method=(
        "Every CHECK, key, reference and trigger of the ledger's tables, as PostgreSQL's own catalogue lists them, is"
        " dropped in turn within a transaction. All illegal writes are tried again, and `db check` looks at the tables."
        " A guard that lets nothing in when it is gone stands behind another one that refuses the same."
    ),
    pieces=[Piece(f"{number + 1}", partial(_piece, number, PIECES)) for number in range(PIECES)],
    short=_short,
    figures=_figures,
)
