"""Everything recomputed: rows against leaves, leaves against roots, seals against each other and their signatures.

It reads seal by seal, so memory does not grow with the tables. After a broken link it goes on from what the seal says,
so that the second fault is found as well as the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, null, select, true, tuple_
from sqlalchemy.orm import Session

from marketplace.record.audit import keys
from marketplace.record.audit.leaves import SealedTable
from marketplace.record.audit.merkle import SIZE, Frontier
from marketplace.record.audit.models import Checkpoint, Seal
from marketplace.record.audit.sealing import GENESIS, bridge, checkpoint_text, is_postgresql, seal_hash

FAULTS = 20
"""Faults that are named; beyond them they are only counted."""
_PAGE = 20


@dataclass(frozen=True)
class Fault:
    """One broken link: the seal (or checkpoint), the row where it could be told, and what is wrong with it."""

    seal_no: int | None
    source: str
    row_id: int | None
    what: str

    def __str__(self) -> str:
        place = f"{self.source} row {self.row_id}" if self.row_id is not None else self.source
        return f"seal {self.seal_no}, {place}: {self.what}" if self.seal_no is not None else f"{place}: {self.what}"


@dataclass
class Tail:
    """Committed rows that no seal covers yet, and the age of the oldest in seconds (None: the table keeps no time)."""

    rows: int = 0
    seconds: float | None = None


@dataclass
class Report:
    """What was recomputed and what was found."""

    seals: int = 0
    last: dict[str, Any] | None = None
    rows: dict[str, int] = field(default_factory=dict)
    tails: dict[str, Tail] = field(default_factory=dict)
    checkpoints: int = 0
    key_ids: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    more_faults: int = 0

    @property
    def good(self) -> bool:
        return not self.faults

    def add(self, fault: Fault) -> None:
        if len(self.faults) < FAULTS:
            self.faults.append(fault)
        else:
            self.more_faults += 1


@dataclass
class _Log:
    """One sealed table on the way through its seals."""

    source: SealedTable
    last: dict[str, Any] | None = None
    tree: Frontier = field(default_factory=Frontier)
    found: int = 0


def verify(
    session: Session,
    sources: Iterable[SealedTable],
    *,
    now: datetime,
    public_keys: Sequence[bytes],
    checkpoints: Sequence[dict[str, Any]] = (),
) -> Report:
    """Recompute the chain. `public_keys` are the keys that may have sealed; `checkpoints` come from outside."""
    report = Report()
    logs = {source.name: _Log(source) for source in sources}
    tops = _tops(session)
    wanted = [*_kept_checkpoints(session), *(dict(c, outside=True) for c in checkpoints)]
    pending: dict[int, list[dict[str, Any]]] = {}
    for wish in wanted:
        pending.setdefault(wish["seal_no"], []).append(wish)
    prev_hash, expected = GENESIS, 1
    for seal in _seals(session):
        if seal["no"] != expected:
            report.add(Fault(expected, seal["source"], None, "the seal is missing"))
        _check_seal(report, seal, prev_hash, public_keys)
        log = logs.get(seal["source"])
        if log is None:
            report.add(Fault(seal["no"], seal["source"], None, "the table is not registered for sealing"))
        else:
            _check_rows(session, report, log, seal, tops)
        for checkpoint in pending.pop(seal["no"], []):
            _check_checkpoint(report, checkpoint, seal, logs, public_keys)
        report.seals += 1
        prev_hash, expected = seal["hash"], seal["no"] + 1
        report.last = {name: seal[name] for name in ("no", "source", "at", "hash", "public_key")}
    for number, missing in sorted(pending.items()):
        for checkpoint in missing:
            report.add(
                Fault(number, "checkpoint", None, f"the checkpoint of {checkpoint['day']} names a seal that is gone")
            )
    for log in logs.values():
        _check_rest(session, report, log, now)
    return report


def _seals(session: Session) -> Iterator[dict[str, Any]]:
    """Every seal in order, a few at a time."""
    last = 0
    while True:
        page = (
            session.connection()
            .execute(select(*Seal.__table__.columns).where(Seal.no > last).order_by(Seal.no).limit(_PAGE))
            .mappings()
            .all()
        )
        if not page:
            return
        for row in page:
            yield dict(row)
        last = page[-1]["no"]


def _tops(session: Session) -> dict[tuple[str, int], int]:
    """(table, epoch) → highest id sealed in it, for every epoch but the last of its table."""
    rows = session.execute(select(Seal.source, Seal.epoch, func.max(Seal.top_id)).group_by(Seal.source, Seal.epoch))
    tops = {(source, epoch): top for source, epoch, top in rows}
    return {key: top for key, top in tops.items() if (key[0], key[1] + 1) in tops}


def _check_seal(report: Report, seal: dict[str, Any], prev_hash: bytes, public_keys: Sequence[bytes]) -> None:
    """The seal itself: its place in the chain, its hash, its signature, its key."""

    def fault(what: str) -> None:
        report.add(Fault(seal["no"], seal["source"], None, what))

    if seal["prev_hash"] != prev_hash:
        fault("it does not follow the seal before it")
    if seal["hash"] != seal_hash(seal):
        fault("its fields do not give its hash")
    name = keys.key_id(seal["public_key"])
    if name not in report.key_ids:
        report.key_ids.append(name)
    if seal["public_key"] not in public_keys:
        fault(f"it was sealed with the unknown key {name}")
    if not keys.signed(seal["public_key"], seal["signature"], seal["hash"]):
        fault("its signature does not fit")


def _check_rows(
    session: Session, report: Report, log: _Log, seal: dict[str, Any], tops: dict[tuple[str, int], int]
) -> None:
    """The rows under a seal against its leaves, and all leaves so far against its root."""
    leaf = log.source.leaf
    found = [(row.id, leaf(row)) for row in session.connection().execute(_rows_under(session, log, seal, tops))]
    log.found += len(found)
    stored = [seal["leaves"][i : i + SIZE] for i in range(0, len(seal["leaves"]), SIZE)]
    if [leaf for _, leaf in found] != stored:
        row_id, what = _difference(found, stored)
        report.add(Fault(seal["no"], seal["source"], row_id, what))
    log.tree.extend(stored)
    if (len(stored), log.tree.size, log.tree.root()) != (seal["n"], seal["tree_size"], seal["root"]):
        report.add(Fault(seal["no"], seal["source"], None, "its leaves do not give its root"))
    try:
        frontier = Frontier(seal["tree_size"], seal["frontier"])
    except ValueError:
        frontier = None
    if frontier is None or frontier.packed() != log.tree.packed():
        report.add(Fault(seal["no"], seal["source"], None, "its frontier is not that of its tree"))
        log.tree = frontier or log.tree
    log.last = {name: value for name, value in seal.items() if name != "leaves"}


def _rows_under(session: Session, log: _Log, seal: dict[str, Any], tops: dict[tuple[str, int], int]) -> Select[Any]:
    """The rows that a seal covers, found anew from where the seal before it ended."""
    source, last = log.source, log.last
    columns = source.table.c
    if last is not None and seal["epoch"] != last["epoch"]:
        return bridge(source, last, seal["floor_id"])
    lo = (last["hi_xid"], last["hi_id"]) if last else (0, 0)
    hi = (seal["hi_xid"], seal["hi_id"])
    statement = select(*source.columns).where(columns.id > seal["floor_id"], *_between(session, columns, lo, hi))
    top = tops.get((source.name, seal["epoch"]))
    if top is not None:
        statement = statement.where(columns.id <= top)
    return statement.order_by(columns.xid, columns.id) if is_postgresql(session) else statement.order_by(columns.id)


def _between(session: Session, columns: Any, lo: tuple[int, int], hi: tuple[int, int]) -> list[ColumnElement[bool]]:
    if is_postgresql(session):
        position = tuple_(columns.xid, columns.id)
        return [position > tuple_(*lo), position <= tuple_(*hi)]
    return [columns.id > lo[1], columns.id <= hi[1]]


def _difference(found: list[tuple[int, bytes]], stored: list[bytes]) -> tuple[int | None, str]:
    """The first row that differs from what was sealed, and how."""
    at = next((i for i, (pair, leaf) in enumerate(zip(found, stored, strict=False)) if pair[1] != leaf), None)
    at = min(len(found), len(stored)) if at is None else at
    if len(found) < len(stored):
        after = found[at - 1][0] if at else None
        place = "right after this row" if after is not None else "at its beginning"
        return after, f"sealed rows are gone {place}: {len(stored) - len(found)}"
    if len(found) > len(stored):
        return found[at][0], f"rows were put in after sealing: {len(found) - len(stored)}"
    if sorted(leaf for _, leaf in found) == sorted(stored):
        return found[at][0], "the rows stand in another order than when they were sealed"
    return found[at][0], "the row was changed after sealing"


def _kept_checkpoints(session: Session) -> list[dict[str, Any]]:
    rows = session.execute(select(*Checkpoint.__table__.columns).order_by(Checkpoint.day)).mappings()
    return [dict(row) for row in rows]


def _check_checkpoint(
    report: Report,
    checkpoint: dict[str, Any],
    seal: dict[str, Any],
    logs: dict[str, _Log],
    public_keys: Sequence[bytes],
) -> None:
    """A checkpoint against the chain as it stands now, at the seal that the checkpoint names."""
    where = "published checkpoint" if checkpoint.get("outside") else "checkpoint"

    def fault(what: str) -> None:
        report.add(Fault(seal["no"], f"{where} of {checkpoint['day']}", None, what))

    report.checkpoints += 1
    if checkpoint["public_key"] not in public_keys:
        fault("it was signed with an unknown key")
    if not keys.signed(checkpoint["public_key"], checkpoint["signature"], checkpoint_text(checkpoint)):
        fault("its signature does not fit")
    if checkpoint["seal_hash"] != seal["hash"]:
        fault("the chain was written anew since: the seal it names had another hash")
    now = {name: [log.tree.size, log.tree.root().hex()] for name, log in logs.items() if log.tree.size}
    if checkpoint["trees"] != now:
        fault("the trees are not those that were published")


def _check_rest(session: Session, report: Report, log: _Log, now: datetime) -> None:
    """What no seal covers: the tail that waits for the sealer, and rows that no sealer could ever see."""
    columns, last = log.source.table.c, log.last
    tail = and_(columns.id > 0, columns.xid.is_not(None) if is_postgresql(session) else true())
    if last is not None:
        after = _between(session, columns, (last["hi_xid"], last["hi_id"]), (0, 0))[0]
        tail = and_(tail, columns.id > last["floor_id"], after)
    oldest = func.min(case((tail, columns.at))) if "at" in columns else null()
    total, waiting, since = session.execute(
        select(func.count(), func.count(case((tail, 1))), oldest).select_from(log.source.table)
    ).one()
    name = log.source.name
    report.rows[name] = log.tree.size
    report.tails[name] = Tail(waiting, (now - since).total_seconds() if isinstance(since, datetime) else None)
    if total - waiting > log.found:
        report.add(Fault(None, name, None, f"rows stand where no seal can cover them: {total - waiting - log.found}"))


def read_checkpoint(document: dict[str, Any]) -> dict[str, Any]:
    """A checkpoint as it was published (JSON) in the form `verify` takes; ValueError or KeyError when it is none."""
    return {
        "day": date.fromisoformat(document["day"]),
        "seal_no": int(document["seal_no"]),
        "seal_hash": bytes.fromhex(document["seal_hash"]),
        "trees": document["trees"],
        "at": datetime.fromisoformat(document["at"]),
        "public_key": bytes.fromhex(document["public_key"]),
        "signature": bytes.fromhex(document["signature"]),
    }
