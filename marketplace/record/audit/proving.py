"""Single rows with all that proves them to a stranger: audit paths to their seals, and the seals up to a checkpoint.

The bytes are those of `leaves`; here they are written as text that carries its type, which a program without this
house can turn back into the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from marketplace.record.audit.leaves import SealedTable, plain
from marketplace.record.audit.merkle import SIZE, Frontier, path
from marketplace.record.audit.models import Checkpoint, Seal
from marketplace.record.audit.sealing import HASHED

_PAGE = 100
_HEADER = [column for column in Seal.__table__.columns if column.name not in ("leaves", "frontier")]


@dataclass(frozen=True)
class Proved:
    """A row as it is hashed, and its way to the root of seal `seal`: its place in the tree and the hashes beside it."""

    table: str
    values: dict[str, str]
    seal: int
    index: int
    path: list[str]


@dataclass
class Proof:
    """Rows under their seals; `unsealed` names those that no seal covers yet, as (table, id)."""

    rows: list[Proved] = field(default_factory=list)
    unsealed: list[tuple[str, int]] = field(default_factory=list)


def typed(value: Any) -> str:
    """A value as text with the letter of its type; binary values are hexadecimal."""
    data = plain(value)
    return "b" + data[1:].hex() if data[:1] == b"b" else data.decode()


def typed_values(values: Mapping[str, Any]) -> dict[str, str]:
    """Named values as text; empty ones are left out, as they are when they are hashed."""
    return {name: typed(value) for name, value in values.items() if value is not None}


def prove(session: Session, source: SealedTable, rows: Sequence[Any], proof: Proof) -> None:
    """Find the seals of rows (each with every column of `source.columns`, in their order) and add them to a proof.

    The seals of the table are gone through once, from the first that may cover one of the rows on.
    """
    wanted = {source.leaf(row): row for row in rows}
    names = [column.name for column in source.columns]
    for seal in _seals(session, source.name, min((row.id for row in rows), default=0)) if rows else ():
        leaves = [seal.leaves[at : at + SIZE] for at in range(0, len(seal.leaves), SIZE)]
        found = [(place, leaf) for place, leaf in enumerate(leaves) if leaf in wanted]
        if not found:
            continue
        before = _before(session, source.name, seal.tree_size - seal.n)
        for place, leaf in found:
            index = before.size + place
            steps = [step.hex() for step in path(before, leaves, index)]
            row = dict(zip(names, wanted.pop(leaf), strict=True))
            proof.rows.append(Proved(source.name, typed_values(row), seal.no, index, steps))
        if not wanted:
            break
    proof.unsealed += [(source.name, row.id) for row in wanted.values()]


def _seals(session: Session, source: str, first_id: int) -> Iterator[Any]:
    """The seals of a table that may cover rows from this id on, a few at a time."""
    statement = select(Seal.no, Seal.n, Seal.tree_size, Seal.leaves).where(Seal.source == source)
    last = 0
    while True:
        wanted = statement.where(Seal.top_id >= first_id, Seal.tree_size > last).order_by(Seal.tree_size).limit(_PAGE)
        page = session.execute(wanted).all()
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1].tree_size


def _before(session: Session, source: str, size: int) -> Frontier:
    """The tree of a table as it was when it held `size` rows."""
    if not size:
        return Frontier()
    kept = session.execute(select(Seal.frontier).where(Seal.source == source, Seal.tree_size == size)).scalar_one()
    return Frontier(size, kept)


def anchors(session: Session, needed: Iterable[int]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The seals with these numbers and all between each of them and the first checkpoint after it; the checkpoints.

    Both as they go into a pack: typed values, and hexadecimal hashes, keys and signatures.
    """
    checkpoints = session.execute(select(*Checkpoint.__table__.columns).order_by(Checkpoint.seal_no)).mappings().all()
    ranges: list[tuple[int, int]] = []
    used: dict[int, Any] = {}
    for no in sorted(set(needed)):
        after = next((row for row in checkpoints if row["seal_no"] >= no), None)
        end = after["seal_no"] if after is not None else no
        if after is not None:
            used[end] = after
        if ranges and no <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
        else:
            ranges.append((no, end))
    seals = [
        _shown_seal(row) for at in range(0, len(ranges), _PAGE) for row in _between(session, ranges[at : at + _PAGE])
    ]
    return seals, [_shown_checkpoint(row) for row in used.values()]


def _between(session: Session, ranges: Sequence[tuple[int, int]]) -> Iterator[Mapping[str, Any]]:
    for at in range(0, len(ranges), _PAGE):
        wanted = or_(*(Seal.no.between(first, last) for first, last in ranges[at : at + _PAGE]))
        statement = select(*_HEADER).where(wanted).order_by(Seal.no).execution_options(yield_per=1_000)
        for row in session.execute(statement).mappings():
            yield dict(row)


def _shown_seal(row: Mapping[str, Any]) -> dict[str, Any]:
    values = typed_values({name: row[name] for name in HASHED})
    return {"values": values, "hash": row["hash"].hex(), "signature": row["signature"].hex()}


def _shown_checkpoint(row: Mapping[str, Any]) -> dict[str, Any]:
    values = typed_values({name: row[name] for name in ("day", "seal_no", "seal_hash", "trees", "at")})
    return {"values": values, "public_key": row["public_key"].hex(), "signature": row["signature"].hex()}
