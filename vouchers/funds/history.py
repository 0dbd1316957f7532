"""Where money stood at the end of a day, today's too: summed from entries, never from today's balances."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, timedelta

from sqlalchemy import select

from marketplace.base.context import Context
from vouchers.funds import opened
from vouchers.ledger import sums
from vouchers.ledger.models.funds import BudgetLine
from vouchers.ledger.states import CommitmentKind

_IN = {"allot": ("allotted", "unissued"), "recall": ("unissued",), "carry": ("unissued",)}
_OUT = {"unallot": ("allotted", "unissued"), "issue": ("unissued",), "close": ("unissued",)}
"""What a movement of a fund adds to and takes from the money of a category."""
_OF_FUND = {
    "award": ("award", 1),
    "receipt": ("received", 1),
    "unreceipt": ("received", -1),
    "recover": ("recovered", 1),
    "return": ("returned", 1),
    "unreturn": ("returned", -1),
    "interest": ("interest", 1),
    "uninterest": ("interest", -1),
    "remit": ("remitted", 1),
    "unremit": ("remitted", -1),
}
"""Which sum of a fund a movement of its own changes, and which way."""


@dataclass(frozen=True)
class CategoryState:
    """One category of a pilot in fen: granted is issued and unused, committed is promised to orders and contracts."""

    category: str
    allotted: int = 0
    unissued: int = 0
    granted: int = 0
    committed: int = 0
    paid: int = 0
    recalled: int = 0
    clawed: int = 0


_SUMS = ("award", "received", "recovered", "returned", "interest", "remitted")
PARTS = tuple(part.name for part in fields(CategoryState) if part.name != "category")
"""The amounts of a category, in the order of a report."""


@dataclass(frozen=True)
class Stood:
    """A fund at the end of a day, in fen: awarded, received, got back from who was paid, given back to the source;
    and beside the award what the bank paid as interest, and what of it went to the treasury."""

    award: int
    received: int
    recovered: int
    returned: int
    interest: int
    remitted: int
    opened: bool
    """Whether it began with a released opening."""
    categories: list[CategoryState]
    """In the order of its lines: renovation first, then the other uses."""


def stood(ctx: Context, fund_ids: Collection[uuid.UUID], day: date) -> dict[uuid.UUID, Stood]:
    """Where these funds stood at the end of a day, in as many statements for many as for one."""
    lines, opened_ = _lines(ctx, fund_ids)
    money: dict[uuid.UUID, dict[str, int]] = {fund_id: defaultdict(int) for fund_id in fund_ids}
    states: dict[uuid.UUID, dict[str, int]] = {line_id: defaultdict(int) for line_id in lines}
    for book in sums.booked(ctx.session, fund_ids, day):
        if book.line_id is None:
            name, way = _OF_FUND.get(book.kind, (book.kind, 1))
            money[book.fund_id][name] += way * book.amount
            continue
        for name in _IN.get(book.kind, ()):
            states[book.line_id][name] += book.amount
        for name in _OUT.get(book.kind, ()):
            states[book.line_id][name] -= book.amount
    for move in sums.moved(ctx.session, list(lines), day):
        for name in parts_of(move.dst, move.kind):
            states[move.line_id][name] += move.amount
        for name in parts_of(move.src, move.kind):
            states[move.line_id][name] -= move.amount
    at = {place: line_id for line_id, place in lines.items()}
    for brought in opened.until(ctx, opened_, day) if opened_ else ():
        state = states[at[brought.fund_id, brought.category]]
        state["committed"] += brought.committed
        state["paid"] += brought.paid
        state["clawed"] += brought.clawed
    found = {
        fund_id: Stood(**{name: sums_[name] for name in _SUMS}, opened=fund_id in opened_, categories=[])
        for fund_id, sums_ in money.items()
    }
    for line_id, (fund_id, category) in lines.items():
        found[fund_id].categories.append(CategoryState(category, **states[line_id]))
    return found


def categories(ctx: Context, fund_id: uuid.UUID) -> list[CategoryState]:
    """The categories of one fund as they stand, with what the act under way has written."""
    return stood(ctx, [fund_id], ctx.today)[fund_id].categories


def _lines(
    ctx: Context, fund_ids: Collection[uuid.UUID]
) -> tuple[dict[uuid.UUID, tuple[uuid.UUID, str]], set[uuid.UUID]]:
    """Fund and category of each line, in the order of a report; and which funds have an opening behind their lines."""
    rows = ctx.session.execute(
        select(BudgetLine.id, BudgetLine.fund_id, BudgetLine.category, opened.any_of(BudgetLine.fund_id))
        .where(BudgetLine.fund_id.in_(fund_ids))
        .order_by(BudgetLine.share.desc(), BudgetLine.category)
    ).all()
    lines = {line_id: (fund_id, category) for line_id, fund_id, category, _ in rows}
    return lines, {fund_id for _, fund_id, _, has_opening in rows if has_opening}


def parts_of(balance: str, kind: CommitmentKind) -> tuple[str, ...]:
    """The sums of a category that a balance of a commitment belongs to; a contract is committed as a whole."""
    contract = kind is CommitmentKind.CONTRACT
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


@dataclass(frozen=True)
class Month:
    """Sums since the beginning, in fen, at the end of a month (its last day, or the day of the report)."""

    day: date
    received: int
    committed: int
    paid: int


_RECEIVED = {"receipt": 1, "unreceipt": -1}


def months(ctx: Context, fund_ids: Collection[uuid.UUID], until: date) -> list[Month]:
    """Received, committed and paid of these funds together, month by month, from the first movement to the day `until`.

    The database sums by day, which costs it no arithmetic on dates; days are few.
    """
    steps: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for book in sums.booked(ctx.session, fund_ids, until, by_day=True):
        if book.kind in _RECEIVED and book.day:
            steps[book.day.year, book.day.month][0] += _RECEIVED[book.kind] * book.amount
    lines, opened_ = _lines(ctx, fund_ids)
    for move in sums.moved(ctx.session, list(lines), until, by_day=True):
        gained, lost = parts_of(move.dst, move.kind), parts_of(move.src, move.kind)
        for place, name in ((1, "committed"), (2, "paid")):
            change = (name in gained) - (name in lost)
            if change and move.day:
                steps[move.day.year, move.day.month][place] += change * move.amount
    for day, committed, paid in opened.shifts(ctx, opened_, until) if opened_ else ():
        steps[day.year, day.month][1] += committed
        steps[day.year, day.month][2] += paid
    return _summed(steps, until)


def _summed(steps: dict[tuple[int, int], list[int]], until: date) -> list[Month]:
    """Every month from the first to the last, those without a movement too."""
    if not steps:
        return []
    found, totals, (year, month) = [], [0, 0, 0], min(steps)
    while (year, month) <= (until.year, until.month):
        totals = [one + other for one, other in zip(totals, steps.get((year, month), (0, 0, 0)), strict=True)]
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        found.append(Month(min(date(year, month, 1) - timedelta(days=1), until), *totals))
    return found
