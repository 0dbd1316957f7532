"""Where money stood on an earlier day: summed from the entries up to that day, never from today's balances."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select

from marketplace.base.context import Context
from vouchers.ledger.models.commitments import Commitment, Entry
from vouchers.ledger.models.funds import BudgetLine, FundEntry
from vouchers.ledger.states import CommitmentKind

_IN = {"allot": ("allotted", "unissued"), "recall": ("unissued",)}
_OUT = {"unallot": ("allotted", "unissued"), "issue": ("unissued",)}
"""What a movement of a fund adds to and takes from the money of a category."""


def money(ctx: Context, fund_ids: Collection[uuid.UUID], as_of: date) -> dict[uuid.UUID, tuple[int, int]]:
    """Awarded and received by fund, in fen, at the end of the day `as_of`."""
    found = {fund_id: [0, 0] for fund_id in fund_ids}
    statement = (
        select(FundEntry.fund_id, FundEntry.kind, func.sum(FundEntry.amount))
        .where(FundEntry.fund_id.in_(fund_ids), FundEntry.kind.in_(("award", "receipt")), FundEntry.day <= as_of)
        .group_by(FundEntry.fund_id, FundEntry.kind)
    )
    for fund_id, kind, amount in ctx.session.execute(statement):
        found[fund_id][kind == "receipt"] = int(amount)
    return {fund_id: (award, received) for fund_id, (award, received) in found.items()}


def categories(
    ctx: Context, fund_ids: Collection[uuid.UUID], as_of: date
) -> dict[uuid.UUID, dict[str, dict[str, int]]]:
    """By fund and category the sums of `CategoryState` in fen, at the end of the day `as_of`."""
    found: dict[uuid.UUID, dict[str, dict[str, int]]] = {fund_id: {} for fund_id in fund_ids}
    divided = (
        select(FundEntry.fund_id, BudgetLine.category, FundEntry.kind, func.sum(FundEntry.amount))
        .join(BudgetLine, BudgetLine.id == FundEntry.line_id)
        .where(FundEntry.fund_id.in_(fund_ids), FundEntry.day <= as_of)
        .group_by(FundEntry.fund_id, BudgetLine.category, FundEntry.kind)
    )
    for fund_id, category, kind, amount in ctx.session.execute(divided):
        state = found[fund_id].setdefault(category, defaultdict(int))
        for name in _IN.get(kind, ()):
            state[name] += int(amount)
        for name in _OUT.get(kind, ()):
            state[name] -= int(amount)
    moved = (
        select(BudgetLine.fund_id, BudgetLine.category, Commitment.kind, Entry.src, Entry.dst, func.sum(Entry.amount))
        .join(Commitment, Commitment.id == Entry.commitment_id)
        .join(BudgetLine, BudgetLine.id == Commitment.line_id)
        .where(BudgetLine.fund_id.in_(fund_ids), Entry.day <= as_of)
        .group_by(BudgetLine.fund_id, BudgetLine.category, Commitment.kind, Entry.src, Entry.dst)
    )
    for fund_id, category, commitment, src, dst, amount in ctx.session.execute(moved):
        state = found[fund_id].setdefault(category, defaultdict(int))
        contract = commitment is CommitmentKind.CONTRACT
        for name in _names(dst, contract):
            state[name] += int(amount)
        for name in _names(src, contract):
            state[name] -= int(amount)
    return found


def _names(balance: str, contract: bool) -> tuple[str, ...]:
    """The sums of a category that a balance of a commitment belongs to; a contract is committed as a whole."""
    if balance == "line":
        return ()
    if balance == "available":
        return ("committed",) if contract else ("granted",)
    if balance in ("reserved", "payable"):
        return ("committed",)
    if balance == "paid":
        return ("committed", "paid")
    if balance == "clawed":
        return ("committed", "clawed") if contract else ("clawed",)
    return ("recalled",)


_NEITHER = ("issue", "expire", "recall")
"""Movements of a voucher that change neither what is committed nor what is paid."""


@dataclass(frozen=True)
class Month:
    """Sums since the beginning, in fen, at the end of a month (its last day, or the day of the report)."""

    day: date
    received: int
    committed: int
    paid: int


def months(ctx: Context, fund_id: uuid.UUID, until: date) -> list[Month]:
    """Received, committed and paid month by month, from the first movement to the day `until`.

    The database sums by day, which costs it no arithmetic on dates; days are few.
    """
    steps: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    receipts = (
        select(FundEntry.day, func.sum(FundEntry.amount))
        .where(FundEntry.fund_id == fund_id, FundEntry.kind == "receipt", FundEntry.day <= until)
        .group_by(FundEntry.day)
    )
    for day, amount in ctx.session.execute(receipts):
        steps[day.year, day.month][0] += int(amount)
    moved = (
        select(Entry.day, Commitment.kind, Entry.src, Entry.dst, func.sum(Entry.amount))
        .join(Commitment, Commitment.id == Entry.commitment_id)
        .where(
            Commitment.line_id.in_(select(BudgetLine.id).where(BudgetLine.fund_id == fund_id)),
            Entry.day <= until,
            or_(Entry.kind.not_in(_NEITHER), Commitment.kind == CommitmentKind.CONTRACT),
        )
        .group_by(Entry.day, Commitment.kind, Entry.src, Entry.dst)
    )
    for day, commitment, src, dst, amount in ctx.session.execute(moved):
        contract = commitment is CommitmentKind.CONTRACT
        gained, lost = _names(dst, contract), _names(src, contract)
        for place, name in ((1, "committed"), (2, "paid")):
            steps[day.year, day.month][place] += int(amount) * ((name in gained) - (name in lost))
    return _summed(steps, until)


def _summed(steps: dict[tuple[int, int], list[int]], until: date) -> list[Month]:
    """Every month from the first to the last, those without a movement too."""
    if not steps:
        return []
    found, sums, (year, month) = [], [0, 0, 0], min(steps)
    while (year, month) <= (until.year, until.month):
        sums = [one + other for one, other in zip(sums, steps.get((year, month), (0, 0, 0)), strict=True)]
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        found.append(Month(min(date(year, month, 1) - timedelta(days=1), until), *sums))
    return found
