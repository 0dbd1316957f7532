"""What stands in the ledger. The chapters above say who may see it; nothing here adds up from the origin."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vouchers.ledger import sums
from vouchers.ledger.models.commitments import Commitment, Redemption, Voucher
from vouchers.ledger.models.funds import BudgetLine, LineBucket
from vouchers.ledger.states import BALANCES, CommitmentKind


@dataclass(frozen=True)
class Balances:
    """What the face of a commitment is made of, in fen."""

    face: int
    available: int
    reserved: int
    payable: int
    paid: int
    recalled: int
    clawed: int


@dataclass
class Trial:
    """One line of the trial balance, in fen. Granted and committed together are what is promised."""

    line_id: uuid.UUID
    category: str
    share: str
    allotted: int = 0
    unissued: int = 0
    lapsed: int = 0
    granted: int = 0
    """Vouchers: face that is not yet held, expired or recalled."""
    committed: int = 0
    """Vouchers: reserved, payable and paid. Contracts: the face that is not recalled."""
    paid: int = 0


def balances(session: Session, commitment_id: uuid.UUID) -> Balances | None:
    """The balances of one commitment: its row, nothing is added up."""
    row = session.execute(
        select(Commitment.face, *(getattr(Commitment, b) for b in BALANCES)).where(Commitment.id == commitment_id)
    ).one_or_none()
    return None if row is None else Balances(*row)


def of_enterprise(session: Session, enterprise_id: uuid.UUID) -> Sequence[tuple[Voucher, Commitment]]:
    """An enterprise's vouchers with their balances, the newest first."""
    found = session.execute(
        select(Voucher, Commitment)
        .join(Commitment, Commitment.id == Voucher.commitment_id)
        .where(Voucher.enterprise_id == enterprise_id)
        .order_by(Voucher.commitment_id.desc())
        .execution_options(populate_existing=True)
    )
    return [(voucher, commitment) for voucher, commitment in found]


def owed(session: Session, provider_id: uuid.UUID, *, after: int = 0, limit: int = 100) -> Sequence[Redemption]:
    """A provider's redeemed parts that are not wholly settled or refunded, in order; `after` is the last id seen."""
    return session.scalars(
        select(Redemption)
        .where(
            Redemption.provider_id == provider_id,
            Redemption.entry_id > after,
            Redemption.refunded + Redemption.settled < Redemption.amount,
        )
        .order_by(Redemption.entry_id)
        .limit(limit)
        .execution_options(populate_existing=True)
    ).all()


def trial(session: Session, pilot_id: uuid.UUID, as_of: date | None = None) -> list[Trial]:
    """The trial balance of a pilot by line, as it is or as it stood at the end of a day.

    Of the present it reads the rows' own balances; of a day the nightly sums, and the entries written since.
    Allotted, unissued and lapsed are always those of the present.
    """
    lines = {
        line_id: Trial(line_id, category, str(share.value), *(int(n or 0) for n in money))
        for line_id, category, share, *money in session.execute(
            select(
                BudgetLine.id,
                BudgetLine.category,
                BudgetLine.share,
                func.sum(LineBucket.allotted),
                func.sum(LineBucket.available),
                func.sum(LineBucket.lapsed),
            )
            .join(LineBucket, LineBucket.line_id == BudgetLine.id)
            .where(BudgetLine.pilot_id == pilot_id)
            .group_by(BudgetLine.id, BudgetLine.category, BudgetLine.share)
            .order_by(BudgetLine.category, BudgetLine.id)
        )
    }
    found = _present(session, pilot_id) if as_of is None else _at(session, list(lines), as_of)
    for (line_id, kind), stood in found.items():
        _add(lines[line_id], kind, stood)
    return list(lines.values())


def _add(line: Trial, kind: CommitmentKind, stood: dict[str, int]) -> None:
    line.paid += stood["paid"]
    if kind is CommitmentKind.VOUCHER:
        line.granted += stood["available"]
        line.committed += stood["reserved"] + stood["payable"] + stood["paid"]
    else:
        line.committed += sum(stood[b] for b in BALANCES if b != "recalled")


_Sums = dict[tuple[uuid.UUID, CommitmentKind], dict[str, int]]


def _present(session: Session, pilot_id: uuid.UUID) -> _Sums:
    rows = session.execute(
        select(Commitment.line_id, Commitment.kind, *(func.sum(getattr(Commitment, b)) for b in BALANCES))
        .where(Commitment.pilot_id == pilot_id)
        .group_by(Commitment.line_id, Commitment.kind)
    )
    return {(line, kind): dict(zip(BALANCES, map(int, stood), strict=True)) for line, kind, *stood in rows}


def _at(session: Session, lines: list[uuid.UUID], as_of: date) -> _Sums:
    """Daily sums up to the day, and entries beyond the horizon up to the day."""
    found: _Sums = defaultdict(lambda: dict.fromkeys((*BALANCES, "line"), 0))
    for move in sums.moved(session, lines, as_of):
        balances_of = found[move.line_id, move.kind]
        balances_of[move.src] -= move.amount
        balances_of[move.dst] += move.amount
    return found
