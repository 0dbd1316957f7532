"""Databases for proofs: today's schema, made once per run, with a stocked ledger in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marketplace import schema
from tests.proof.scene import prosper
from tests.support.ledger import Books, make_engine, open_books, stock
from tests.support.postgres import Cluster, cluster


@contextmanager
def postgresql(
    server: Cluster | None = None, *, buckets: int = 8, rich: bool = True
) -> Iterator[tuple[Books, Cluster]]:
    """A ledger on a server of its own, or on one that runs already; with so much money that no trial runs out of it,
    or with the few yuan of the ledger's own tests."""
    if server is None:
        with cluster() as own, postgresql(own, buckets=buckets, rich=rich) as made:
            yield made
        return
    name = f"proof_{next(_NUMBERS)}"
    engine = make_engine(server.create_database(name), pool_size=20)
    schema.upgrade("head", engine)
    books = open_books(engine)
    stock(books, buckets=buckets)
    if rich:
        prosper(books)
    try:
        yield books, server
    finally:
        engine.dispose()
        server.drop_database(name)


@contextmanager
def sqlite() -> Iterator[Books]:
    """A rich ledger in a file of its own."""
    with tempfile.TemporaryDirectory(prefix="marketplace-proof-") as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'ledger.db'}")
        schema.upgrade("head", engine)
        books = open_books(engine)
        stock(books)
        prosper(books)
        try:
            yield books
        finally:
            engine.dispose()


_NUMBERS = iter(range(1, 1_000_000))
