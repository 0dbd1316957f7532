"""The one sealer: every few seconds it covers what was committed since, so that nothing can be changed unseen.

On PostgreSQL it follows the transaction horizon: rows of transactions older than every running one are final, whatever
their ids say. A cursor over ids would pass by a row that commits late. SQLite has one writer, so ids are exact.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, insert, literal_column, or_, select, text, tuple_
from sqlalchemy.orm import Session

from marketplace.base.clock import SHANGHAI
from marketplace.base.context import Context
from marketplace.record.audit import keys
from marketplace.record.audit.events import CheckpointMade
from marketplace.record.audit.leaves import SEALED, SealedTable, encode
from marketplace.record.audit.merkle import SIZE, Frontier
from marketplace.record.audit.models import Checkpoint, Seal

GENESIS = bytes(SIZE)
ROWS = 2_000
"""Rows under one seal at most (a restore's first seal apart)."""
BATCHES = 25
"""Seals of one table in one run at most: the rest waits for the next run, a few seconds later."""
_LOCK = 0x5EA1
_HORIZON: ColumnElement[int] = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")

HASHED = (
    "no", "source", "epoch", "cluster", "floor_id", "lo_xid", "lo_id", "hi_xid", "hi_id", "top_id", "n", "tree_size",
    "root", "at", "prev_hash", "public_key",
)  # fmt: skip
"""Columns under a seal's hash; the leaves are under its root."""


def seal_hash(values: dict[str, Any]) -> bytes:
    """The hash that the signature covers and the next seal names."""
    return hashlib.sha256(encode("seal", "seal", {name: values[name] for name in HASHED})).digest()


def checkpoint_text(values: dict[str, Any]) -> bytes:
    """The bytes that a checkpoint's signature covers."""
    return encode("checkpoint", "checkpoint", {n: values[n] for n in ("day", "seal_no", "seal_hash", "trees", "at")})


def seal(ctx: Context) -> str:
    """Seal what became final since the last run, and close yesterday with a checkpoint. Job `audit.seal`."""
    if is_postgresql(ctx.session):
        # Held until commit: a second sealer goes away instead of waiting.
        if not ctx.session.execute(select(func.pg_try_advisory_xact_lock(_LOCK))).scalar_one():
            return ""
    before = ctx.session.execute(select(Seal.no, Seal.hash).order_by(Seal.no.desc()).limit(1)).one_or_none()
    no, prev_hash = (before.no, before.hash) if before else (0, GENESIS)
    where = cluster(ctx.session)
    first, rows = no, 0
    for source in ctx.house.all(SEALED):
        last = last_seal(ctx.session, source.name)
        for _ in range(BATCHES):
            made = _next(ctx, source, last, where, no, prev_hash)
            if made is None:
                break
            ctx.session.execute(insert(Seal.__table__).values(made))  # type: ignore[arg-type]
            no, prev_hash, last = made["no"], made["hash"], made
            rows += made["n"]
            if made["n"] < ROWS:
                break
    closed = _close_day(ctx)
    parts = [f"{rows} rows under {no - first} seals"] if rows else []
    return "; ".join(parts + ([f"checkpoint of {closed}"] if closed else []))


def last_seal(session: Session, source: str) -> dict[str, Any] | None:
    """The newest seal of a table, without its leaves."""
    row = (
        session.execute(
            select(*(c for c in Seal.__table__.columns if c.name != "leaves"))
            .where(Seal.source == source)
            .order_by(Seal.tree_size.desc())
            .limit(1)
        )
        .mappings()
        .one_or_none()
    )
    return dict(row) if row else None


def _next(
    ctx: Context, source: SealedTable, last: dict[str, Any] | None, where: str, no: int, prev_hash: bytes
) -> dict[str, Any] | None:
    """The next seal of a table, or None when nothing became final."""
    moved = last is not None and last["cluster"] != where
    if moved and last is not None:
        # Transaction numbers began again. With writers kept out for a moment, all there is belongs to the past.
        ctx.session.execute(text(f"LOCK TABLE {source.name} IN SHARE MODE"))
        floor = ctx.session.execute(select(func.coalesce(func.max(source.table.c.id), 0))).scalar_one()
        statement = bridge(source, last, floor)
        position = {"epoch": last["epoch"] + 1, "floor_id": floor}
    else:
        statement = _after(ctx.session, source, last)
        position = {"epoch": last["epoch"] if last else 1, "floor_id": last["floor_id"] if last else 0}
    rows = ctx.session.connection().execute(statement).all()
    if not rows:
        return None
    tree = Frontier(last["tree_size"], last["frontier"]) if last else Frontier()
    leaves = [source.leaf(row) for row in rows]
    tree.extend(leaves)
    end = (0, position["floor_id"]) if moved else (rows[-1].xid or 0, rows[-1].id)
    made = {
        "no": no + 1,
        "source": source.name,
        "cluster": where,
        **position,
        "lo_xid": last["hi_xid"] if last else 0,
        "lo_id": last["hi_id"] if last else 0,
        "hi_xid": end[0],
        "hi_id": end[1],
        "top_id": max(last["top_id"] if last else 0, *(row.id for row in rows)),
        "n": len(rows),
        "tree_size": tree.size,
        "root": tree.root(),
        "at": ctx.now,
        "prev_hash": prev_hash,
        "public_key": keys.public(ctx.house.settings),
    }
    made["hash"] = seal_hash(made)
    made["signature"] = keys.private(ctx.house.settings).sign(made["hash"])
    return {**made, "leaves": b"".join(leaves), "frontier": tree.packed()}


def _after(session: Session, source: SealedTable, last: dict[str, Any] | None) -> Select[Any]:
    """The next final rows in the order of sealing: horizon and rows are read in one statement, from one snapshot."""
    columns = source.table.c
    statement = select(*source.columns).limit(ROWS)
    if last is not None:
        statement = statement.where(columns.id > last["floor_id"])
    if not is_postgresql(session):
        return statement.where(columns.id > (last["hi_id"] if last else 0)).order_by(columns.id)
    if last is not None:
        statement = statement.where(tuple_(columns.xid, columns.id) > tuple_(last["hi_xid"], last["hi_id"]))
    return statement.where(columns.xid < _HORIZON).order_by(columns.xid, columns.id)


def bridge(source: SealedTable, last: dict[str, Any], floor: int) -> Select[Any]:
    """Rows up to id `floor` that no seal of the old cluster covers: late ones of the old, all of the new."""
    columns = source.table.c
    late = and_(columns.id > last["floor_id"], tuple_(columns.xid, columns.id) > tuple_(last["hi_xid"], last["hi_id"]))
    return (
        select(*source.columns).where(columns.id <= floor, or_(columns.id > last["top_id"], late)).order_by(columns.id)
    )


def _close_day(ctx: Context) -> str:
    """Make yesterday's checkpoint over the last seal before midnight, once there is one."""
    yesterday = ctx.today - timedelta(days=1)
    if ctx.session.execute(select(func.max(Checkpoint.day))).scalar() == yesterday:
        return ""
    midnight = datetime.combine(ctx.today, time.min, SHANGHAI).astimezone(UTC)
    found = ctx.session.execute(
        select(Seal.no, Seal.hash).where(Seal.at < midnight).order_by(Seal.no.desc()).limit(1)
    ).one_or_none()
    if found is None:
        return ""
    newest = select(func.max(Seal.no)).where(Seal.no <= found.no).group_by(Seal.source)
    trees = {
        row.source: [row.tree_size, row.root.hex()]
        for row in ctx.session.execute(select(Seal.source, Seal.tree_size, Seal.root).where(Seal.no.in_(newest)))
    }
    made = {"day": yesterday, "seal_no": found.no, "seal_hash": found.hash, "trees": trees, "at": ctx.now}
    signature = keys.private(ctx.house.settings).sign(checkpoint_text(made))
    ctx.session.execute(
        insert(Checkpoint.__table__).values(  # type: ignore[arg-type]
            **made, public_key=keys.public(ctx.house.settings), signature=signature
        )
    )
    ctx.announce(CheckpointMade(yesterday, found.no, found.hash))
    return yesterday.isoformat()


def cluster(session: Session) -> str:
    """Which database cluster this is: its transaction numbers mean nothing in another one."""
    if not is_postgresql(session):
        return "sqlite"
    return str(session.execute(text("SELECT system_identifier FROM pg_control_system()")).scalar_one())


def is_postgresql(session: Session) -> bool:
    """Whether the session speaks to PostgreSQL."""
    return bool(session.get_bind().dialect.name == "postgresql")
