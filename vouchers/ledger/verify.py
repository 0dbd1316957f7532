"""Proof that the ledger is sound: every invariant is one query, every chain is computed again from its entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from marketplace.base.types import Instant
from marketplace.record.audit.sealing import cluster
from vouchers.ledger import chain
from vouchers.ledger.invariants import INVARIANTS, SEALED, SUMMED, Invariant
from vouchers.ledger.models.commitments import Commitment, DirectContract, Entry, Voucher
from vouchers.ledger.models.funds import Fund, FundEntry

SHOWN = 20
"""Differences named per invariant; the rest are counted."""
UNSEALED = timedelta(minutes=10)
_STEP = 1000


@dataclass(frozen=True)
class Difference:
    """One thing that does not agree: which invariant, which row, what is there and what should be."""

    invariant: str
    subject: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.subject} is {self.found}, should be {self.expected}"


@dataclass
class Report:
    """What was looked at, how much of it, and what does not agree."""

    counts: dict[str, int] = field(default_factory=dict)
    checks: dict[str, int] = field(default_factory=dict)
    """Invariant → number of differences."""
    differences: list[Difference] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not any(self.checks.values())


def verify(session: Session, now: datetime | None = None) -> Report:
    """Check I1 to I8, every chain and the sums by day; I9 too when `now` is given and the ledger is being sealed."""
    report = Report()
    for name, model in (("funds", Fund), ("fund entries", FundEntry), ("commitments", Commitment), ("entries", Entry)):
        report.counts[name] = session.execute(text(f"SELECT count(*) FROM {model.__tablename__}")).scalar_one()  # noqa: S608
    for invariant in INVARIANTS:
        _ask(session, report, invariant, {})
    _chains(session, report)
    _ask(session, report, SUMMED, {"cluster": cluster(session)})
    if now is not None:
        _ask(session, report, SEALED, {"before": now - UNSEALED})
    return report


def _ask(session: Session, report: Report, invariant: Invariant, values: dict[str, Any]) -> None:
    statement = text(
        f"SELECT subject, found, expected, count(*) OVER () AS many FROM ({invariant.sql}) AS x"  # noqa: S608
        f" ORDER BY subject LIMIT {SHOWN}"
    )
    if "before" in values:
        statement = statement.bindparams(bindparam("before", type_=Instant()))
    rows = session.execute(statement, values).all()
    report.checks[invariant.label] = rows[0].many if rows else 0
    report.differences += [Difference(invariant.code, str(r.subject), str(r.found), str(r.expected)) for r in rows]


def _chains(session: Session, report: Report) -> None:
    """Compute every hash again, one commitment after another, holding one at a time."""
    label = "I7 every hash follows from its entry and the hash before"
    faults = 0
    for fault in _broken(session):
        faults += 1
        if faults <= SHOWN:
            report.differences.append(fault)
    report.checks[label] = faults


def _broken(session: Session) -> Iterator[Difference]:
    entry, commitment = Entry.__table__.c, Commitment.__table__.c
    rows = session.execute(
        select(Entry.__table__, *(commitment[n].label(f"c_{n}") for n in (*chain.BORN, "chain", "seq")), *_faces())
        .join(Commitment.__table__, entry.commitment_id == commitment.id)
        .outerjoin(Voucher.__table__, Voucher.__table__.c.commitment_id == commitment.id)
        .outerjoin(DirectContract.__table__, DirectContract.__table__.c.commitment_id == commitment.id)
        .order_by(entry.commitment_id, entry.seq),
        execution_options={"yield_per": _STEP},
    )
    last: Any = None
    hash_ = b""
    for row in rows.mappings():
        if last is None or last["commitment_id"] != row["commitment_id"]:
            if last is not None and last["c_chain"] != hash_:
                yield _fault(last, "chain", last["c_chain"], hash_)
            hash_ = _seed(row)
        if row["prev_hash"] != hash_:
            yield _fault(row, f"entry {row['id']} prev_hash", row["prev_hash"], hash_)
        hash_ = chain.link(dict(row), row["prev_hash"])
        if row["hash"] != hash_:
            yield _fault(row, f"entry {row['id']} hash", row["hash"], hash_)
            hash_ = row["hash"]
        last = row
    if last is not None and last["c_chain"] != hash_:
        yield _fault(last, "chain", last["c_chain"], hash_)


def _faces() -> list[Any]:
    voucher, contract = Voucher.__table__.c, DirectContract.__table__.c
    return [voucher[n].label(f"voucher_{n}") for n in chain.VOUCHER] + [
        contract[n].label(f"contract_{n}") for n in chain.CONTRACT
    ]


def _seed(row: Any) -> bytes:
    kind = row["c_kind"].value
    names = chain.VOUCHER if kind == "voucher" else chain.CONTRACT
    born = {n: row[f"c_{n}"] for n in chain.BORN} | {"kind": kind}
    return chain.seed(born, {n: row[f"{kind}_{n}"] for n in names})


def _fault(row: Any, what: str, found: bytes, expected: bytes) -> Difference:
    return Difference("I7", f"commitment {row['commitment_id']} {what}", found.hex()[:16], expected.hex()[:16])
