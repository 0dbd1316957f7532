"""The ledger as a beancount journal: another program's arithmetic over the same entries."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TextIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.base.money import plain
from vouchers.ledger.models.commitments import Commitment, Entry
from vouchers.ledger.models.funds import Fund, FundEntry, LineBucket
from vouchers.ledger.states import BALANCES

_STEP = 1000
_SUMS = ("award", "received", "paid", "recovered", "returned", "interest", "remitted")


def write(session: Session, out: TextIO) -> int:
    """Write every entry and fund entry as a transaction, then assert every balance. Gives the number of entries.

    Commitments and buckets are accounts below Equity; a fund's own sums are accounts below Assets.
    """
    first = min(
        session.scalar(select(func.min(Entry.day))) or date.max,
        session.scalar(select(func.min(FundEntry.day))) or date.max,
    )
    if first == date.max:
        return 0
    _open(session, out, first)
    n = _commitments(session, out) + _buckets(session, out)
    last = max(
        session.scalar(select(func.max(Entry.day))) or date.min,
        session.scalar(select(func.max(FundEntry.day))) or date.min,
    )
    _assert(session, out, last + timedelta(days=1))
    return n


def _account(kind: str, *names: object) -> str:
    return ":".join([kind, *(str(n).replace("_", "-").capitalize() for n in names)])


def _open(session: Session, out: TextIO, first: date) -> None:
    day = first.isoformat()
    out.write('option "title" "Ledger"\n')
    for commitment_id in session.scalars(select(Commitment.id).order_by(Commitment.id)):
        for balance in ("line", *BALANCES):
            out.write(f"{day} open {_account('Equity', 'c', _name(commitment_id), balance)} CNY\n")
    for line_id, k in session.execute(select(LineBucket.line_id, LineBucket.k)):
        for part in ("allotted", "available", "committed", "lapsed"):
            out.write(f"{day} open {_account('Equity', 'b', _name(line_id), f'k{k}', part)} CNY\n")
    for fund_id in session.scalars(select(Fund.id)):
        for part in ("outside", *_SUMS):
            out.write(f"{day} open {_account('Assets', 'f', _name(fund_id), part)} CNY\n")


def _name(identity: object) -> str:
    return "U" + str(identity)


def _transaction(out: TextIO, day: date, title: str, src: str, dst: str, amount: int) -> None:
    out.write(f'{day.isoformat()} * "{title}"\n  {dst}  {plain(amount)} CNY\n  {src}  -{plain(amount)} CNY\n')


def _commitments(session: Session, out: TextIO) -> int:
    rows = session.execute(
        select(Entry.id, Entry.commitment_id, Entry.kind, Entry.src, Entry.dst, Entry.amount, Entry.day).order_by(
            Entry.id
        ),
        execution_options={"yield_per": _STEP},
    )
    n = 0
    for row in rows:
        n += 1
        name = _name(row.commitment_id)
        src, dst = (_account("Equity", "c", name, side) for side in (row.src, row.dst))
        _transaction(out, row.day, f"{row.kind} {row.id}", src, dst, row.amount)
    return n


_SIDES = {
    "allot": ("allotted", "available"),
    "unallot": ("available", "allotted"),
    "issue": ("available", "committed"),
    "recall": ("committed", "available"),
    "lapse": ("committed", "lapsed"),
    "close": ("available", "lapsed"),
    "carry": ("lapsed", "available"),
    "award": ("outside", "award"),
    "receipt": ("outside", "received"),
    "pay": ("outside", "paid"),
    "unpay": ("paid", "outside"),
    "recover": ("outside", "recovered"),
    "return": ("outside", "returned"),
    "interest": ("outside", "interest"),
    "remit": ("outside", "remitted"),
    "unreceipt": ("received", "outside"),
    "unreturn": ("returned", "outside"),
    "uninterest": ("interest", "outside"),
    "unremit": ("remitted", "outside"),
}


def _buckets(session: Session, out: TextIO) -> int:
    f = FundEntry
    rows = session.execute(
        select(f.id, f.fund_id, f.kind, f.line_id, f.k, f.amount, f.day).order_by(f.id),
        execution_options={"yield_per": _STEP},
    )
    n = 0
    for row in rows:
        n += 1
        base = (
            ("Assets", "f", _name(row.fund_id))
            if row.line_id is None
            else ("Equity", "b", _name(row.line_id), f"k{row.k}")
        )
        src, dst = (_account(*base, side) for side in _SIDES[row.kind])
        _transaction(out, row.day, f"{row.kind} {row.id}", src, dst, row.amount)
    return n


def _assert(session: Session, out: TextIO, day: date) -> None:
    """What the rows say, for beancount to compare with what it added up."""

    def say(amount: int, *account: object) -> None:
        out.write(f"{day.isoformat()} balance {_account(*map(str, account))}  {plain(amount)} CNY\n")

    for row in session.execute(select(Commitment.__table__), execution_options={"yield_per": _STEP}).mappings():
        say(-row["face"], "Equity", "c", _name(row["id"]), "line")
        for balance in BALANCES:
            say(row[balance], "Equity", "c", _name(row["id"]), balance)
    for row in session.execute(select(LineBucket.__table__)).mappings():
        base = ("Equity", "b", _name(row["line_id"]), f"k{row['k']}")
        say(-row["allotted"], *base, "allotted")
        for part in ("available", "committed", "lapsed"):
            say(row[part], *base, part)
    for row in session.execute(select(Fund.__table__)).mappings():
        for part in _SUMS:
            say(row[part], "Assets", "f", _name(row["id"]), part)
