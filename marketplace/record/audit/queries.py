"""Reading what was written down, and proving that a row was."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    and_,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    tuple_,
)  # fmt: skip
from sqlalchemy.orm import Session

from marketplace.base.clock import midnight
from marketplace.base.context import Context
from marketplace.base.house import Port
from marketplace.base.paging import Key, Page, fetch
from marketplace.base.permissions import reach
from marketplace.record.audit.leaves import SealedTable
from marketplace.record.audit.merkle import SIZE, Frontier, path
from marketplace.record.audit.models import AccessRow, AuditRow, Checkpoint, Seal
from marketplace.record.audit.permissions import READ
from marketplace.record.audit.sealing import HASHED, is_postgresql

NAMES: Port[Callable[[Context, set[uuid.UUID]], dict[uuid.UUID, str]]] = Port("names of persons")
"""From the ids of persons to their names, for those who may read the audit: the accounts chapter answers."""

NAMED: Port[Callable[[str], Select[Any]]] = Port("persons by their names")
"""From words in a name to the ids of persons: the accounts chapter answers."""

ELSEWHERE: Port[Callable[[str], Select[Any]]] = Port("assignments of other places")
"""From a city's or province's code to the ids of assignments that lie outside of it: the accounts chapter answers."""


def history(ctx: Context, kind: str, object_id: Any) -> list[AuditRow]:
    """What was done to one object, oldest first. Whoever calls has authorised the object itself."""
    return list(
        ctx.session.scalars(
            select(AuditRow).where(AuditRow.kind == kind, AuditRow.object_id == str(object_id)).order_by(AuditRow.id)
        )
    )


def search(
    ctx: Context,
    *,
    verb: str | None = None,
    order: Sequence[Key] = (Key(AuditRow.id, descending=True),),
    limit: int = 50,
    cursor: str | None = None,
    **wish: Any,
) -> Page[AuditRow]:
    """Acts that match, newest first; `wish` is told at `_matching`, `verb` is a whole one like ``voucher.reserved``."""
    ctx.require(READ)
    statement = _matching(ctx, AuditRow, **wish)
    if verb is not None:
        statement = statement.where(AuditRow.verb == verb)
    return fetch(ctx.session, statement, order, cursor=cursor, limit=limit)


def looks(
    ctx: Context,
    *,
    order: Sequence[Key] = (Key(AccessRow.id, descending=True),),
    limit: int = 50,
    cursor: str | None = None,
    **wish: Any,
) -> Page[AccessRow]:
    """Looks at protected things that match, newest first."""
    ctx.require(READ)
    return fetch(ctx.session, _matching(ctx, AccessRow, **wish), order, cursor=cursor, limit=limit)


def _matching(
    ctx: Context,
    table: Any,
    *,
    kind: str | None = None,
    object_id: str | None = None,
    person_id: uuid.UUID | None = None,
    name: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> Select[Any]:
    """Rows within reach: of one kind of object, of one object, by one person or by those with these words in their
    names, between two days, both included, in Asia/Shanghai."""
    statement = select(table).where(_reached(ctx, table))
    for column, value in ((table.kind, kind), (table.object_id, object_id), (table.person_id, person_id)):
        if value is not None:
            statement = statement.where(column == value)
    if name is not None:
        statement = statement.where(or_(false(), *(table.person_id.in_(ask(name)) for ask in ctx.house.all(NAMED))))
    if since is not None:
        statement = statement.where(table.at >= midnight(since))
    if until is not None:
        statement = statement.where(table.at < midnight(until + timedelta(days=1)))
    return statement


def _reached(ctx: Context, table: Any) -> ColumnElement[bool]:
    """What happened in the auditor's place; and what names no place, unless somebody of another place did it.

    So whatever the platform did by itself, a visitor or an administrator stands before every auditor.
    """
    if ctx.system and ctx.actor is None:
        return true()
    elsewhere = [table.assignment_id.in_(ask(ctx.who.region or "")) for ask in ctx.house.all(ELSEWHERE)]
    of_nobody_else = or_(table.assignment_id.is_(None), not_(or_(false(), *elsewhere)))
    if table is AccessRow:
        return of_nobody_else
    return or_(reach(ctx, READ, city=table.city), and_(table.city.is_(None), of_nobody_else))


def names(ctx: Context, person_ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """Names of persons, as far as a chapter knows them."""
    wanted = {person_id for person_id in person_ids if person_id}
    found: dict[uuid.UUID, str] = {}
    for ask in ctx.house.all(NAMES):
        found.update(ask(ctx, wanted))
    return found


def checkpoints(
    ctx: Context,
    *,
    since: date | None = None,
    until: date | None = None,
    order: Sequence[Key] = (Key(Checkpoint.day, descending=True),),
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Checkpoint]:
    """Published checkpoints between two days, newest first. Public."""
    statement = select(Checkpoint)
    if since is not None:
        statement = statement.where(Checkpoint.day >= since)
    if until is not None:
        statement = statement.where(Checkpoint.day <= until)
    return fetch(ctx.session, statement, order, cursor=cursor, limit=limit)


def checkpoint(ctx: Context, day: date) -> Checkpoint | None:
    """The checkpoint of one day. Public."""
    return ctx.session.get(Checkpoint, day)


@dataclass(frozen=True)
class Inclusion:
    """Proof that a row stood under a signed seal: its bytes and leaf, its place in the tree, the path, the seal."""

    source: str
    row_id: int
    data: bytes
    leaf: bytes
    index: int
    steps: list[bytes]
    seal: dict[str, Any]


def inclusions(session: Session, source: SealedTable, row_ids: Iterable[int]) -> list[Inclusion]:
    """Proofs for rows of a sealed table, for evidence packs; rows that are not sealed yet are left out."""
    columns = source.table.c
    rows = session.execute(select(*source.columns).where(columns.id.in_(list(row_ids))).order_by(columns.id)).all()
    proofs, opened = [], {}
    for row in rows:
        leaf = source.leaf(row)
        number = _covering(session, source.name, (row.xid or 0, row.id), leaf)
        if number is None:
            continue
        if number not in opened:
            opened[number] = _open(session, source.name, number)
        seal, before, leaves = opened[number]
        index = before.size + leaves.index(leaf)
        proofs.append(Inclusion(source.name, row.id, source.data(row), leaf, index, path(before, leaves, index), seal))
    return proofs


def _covering(session: Session, source: str, at: tuple[int, int], leaf: bytes) -> int | None:
    """The seal of a row: found by position, and by its leaf where a restore broke the order of positions."""
    holds = func.instr(Seal.leaves, leaf) > 0
    position = tuple_(Seal.hi_xid, Seal.hi_id)
    if is_postgresql(session):
        holds = func.position(cast(literal(leaf), LargeBinary).op("IN")(Seal.leaves)) > 0
    near = (
        select(Seal.no)
        .where(Seal.source == source, position >= tuple_(*at), Seal.floor_id < at[1])
        .order_by(Seal.tree_size)
        .limit(1)
    )
    for statement in (
        select(Seal.no).where(Seal.no.in_(near), holds),
        select(Seal.no).where(Seal.source == source, holds),
    ):
        number = session.execute(statement.limit(1)).scalar_one_or_none()
        if number is not None:
            return number
    return None


def _open(session: Session, source: str, number: int) -> tuple[dict[str, Any], Frontier, list[bytes]]:
    """A seal's published fields, the tree before it, and its leaves."""
    row = dict(session.execute(select(*Seal.__table__.columns).where(Seal.no == number)).mappings().one())
    before = session.execute(
        select(Seal.tree_size, Seal.frontier)
        .where(Seal.source == source, Seal.tree_size < row["tree_size"])
        .order_by(Seal.tree_size.desc())
        .limit(1)
    ).one_or_none()
    leaves = [row["leaves"][i : i + SIZE] for i in range(0, len(row["leaves"]), SIZE)]
    seal = {name: row[name] for name in (*HASHED, "hash", "signature")}
    return seal, Frontier(before.tree_size, before.frontier) if before else Frontier(), leaves
