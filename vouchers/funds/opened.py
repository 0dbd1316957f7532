"""What pilots brought along: the money of released openings, by the days of their rows and not of their entries.

An opening's entries stand on the day of its release, its rows on the days on which money was promised and paid. So a
report of an earlier day adds the rows up to that day of what was released later, by the engine's own arithmetic.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, select

from marketplace.base.context import Context
from marketplace.policy.engine.facts import Outcome
from marketplace.policy.engine.rows import Contract, Kind
from vouchers.ledger.models.openings import Opening, OpeningBalance, OpeningRow
from vouchers.ledger.states import OpeningState

COUNTS = Opening.state == OpeningState.RELEASED
"""Which openings are part of the books."""


@dataclass(frozen=True)
class Brought:
    """What is to be added to a category of a fund, in fen, to what its entries say."""

    fund_id: uuid.UUID
    category: str
    committed: int
    paid: int
    clawed: int


def any_of(fund_id: Any) -> Any:
    """Whether a fund (a column) has a released opening; all else need be asked of such funds alone."""
    return select(Opening.id).where(Opening.fund_id == fund_id, COUNTS).exists()


@dataclass
class Enterprise:
    """One enterprise: selected by a renovation row, key link by any row, and the acceptance that counts."""

    selected: bool = False
    key_link: bool = False
    accepted: date | None = None
    rank: int | None = None

    def offer(self, accepted: date | None, rank: int | None) -> None:
        """The latest acceptance counts; on one day a recorded level before a blank, then the lower one (二(二))."""
        if accepted is not None and _order(accepted, rank) > _order(self.accepted, self.rank):
            self.accepted, self.rank = accepted, rank

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.key_link, self.accepted is not None, self.rank)


def _order(accepted: date | None, rank: int | None) -> tuple[date, bool, int]:
    return accepted or date.min, rank is not None, -(rank or 0)


def enterprises(ctx: Context, fund_ids: Collection[uuid.UUID], day: date) -> dict[uuid.UUID, dict[str, Enterprise]]:
    """By fund the enterprises that rows up to a day name, by their codes as they are compared; funds without any are
    left out."""
    kinds = (Opening.fund_id, OpeningRow.enterprise_key, OpeningRow.renovation, OpeningRow.accepted, OpeningRow.rank)
    rows = (
        select(*kinds, func.max(case((OpeningRow.key_link, 1), else_=0)))
        .join(OpeningRow, OpeningRow.opening_id == Opening.id)
        .where(Opening.fund_id.in_(fund_ids), COUNTS, OpeningRow.day <= day, OpeningRow.enterprise_key != "")
        .group_by(*kinds)
    )
    found: dict[uuid.UUID, dict[str, Enterprise]] = {}
    for fund_id, key, renovation, accepted, rank, key_link in ctx.session.execute(rows):
        known = found.setdefault(fund_id, {}).setdefault(key, Enterprise())
        known.key_link |= bool(key_link)
        known.selected |= bool(renovation)
        if renovation and accepted is not None and accepted <= day:
            known.offer(accepted, rank)
    return found


def until(ctx: Context, fund_ids: Collection[uuid.UUID], day: date) -> Iterator[Brought]:
    """What these funds' openings add at the end of a day to what the entries up to it say.

    Of those released by then only what had been paid back before: the ledger holds their payments net of it. Of those
    released later all that their rows up to that day come to.
    """
    netted = (
        select(Opening.fund_id, OpeningBalance.category, func.sum(OpeningBalance.refunded))
        .join(OpeningBalance, OpeningBalance.opening_id == Opening.id)
        .where(Opening.fund_id.in_(fund_ids), COUNTS, Opening.released_on <= day, OpeningBalance.refunded > 0)
        .group_by(Opening.fund_id, OpeningBalance.category)
    )
    for fund_id, category, refunded in ctx.session.execute(netted):
        yield Brought(fund_id, category, 0, 0, int(refunded))
    each = _contracts(fund_ids, day)
    later = select(
        each.c.fund_id,
        each.c.category,
        func.sum(_arranged(each)),
        func.sum(each.c.gross - each.c.refunded),
        func.sum(each.c.refunded),
    ).group_by(each.c.fund_id, each.c.category)
    for fund_id, category, *sums in ctx.session.execute(later):
        yield Brought(fund_id, category, *map(int, sums))


def _contracts(fund_ids: Collection[uuid.UUID], day: date) -> Any:
    """By contract and category what rows up to a day come to, of openings released after it."""
    later = (Opening.fund_id.in_(fund_ids), Opening.released_on > day, OpeningRow.day <= day)
    return _summed((Opening.fund_id, OpeningRow.category, OpeningRow.contract_key), later)


def _summed(by: Sequence[Any], which: Sequence[Any]) -> Any:
    """Rows of released openings summed by these columns, of which ``contract_key`` is one: see `_arranged`."""
    sums = {kind: func.sum(case((OpeningRow.kind == kind.value, OpeningRow.amount), else_=0)) for kind in Kind}
    return (
        select(
            *by,
            (sums[Kind.COMMITTED] - sums[Kind.RELEASED]).label("committed"),
            sums[Kind.PAID].label("gross"),
            sums[Kind.REFUND].label("refunded"),
        )
        .select_from(Opening)
        .join(OpeningRow, OpeningRow.opening_id == Opening.id)
        .where(COUNTS, *which)
        .group_by(*by)
        .subquery()
    )


def _arranged(each: Any) -> Any:
    """What a contract of `_summed` arranges: the larger of the two; rows without one stand for themselves."""
    return case(
        (each.c.contract_key == "", each.c.committed + each.c.gross),
        (each.c.committed >= each.c.gross - each.c.refunded, each.c.committed),
        else_=each.c.gross - each.c.refunded,
    )


def for_enterprises(ctx: Context, fund_id: uuid.UUID, keys: Collection[str]) -> dict[str, int]:
    """Fen that the rows of a fund's openings arrange for enterprises, by their codes as they are compared."""
    by = (OpeningRow.enterprise_key, OpeningRow.category, OpeningRow.contract_key)
    each = _summed(by, (Opening.fund_id == fund_id, OpeningRow.enterprise_key.in_(keys)))
    found = select(each.c.enterprise_key, func.sum(_arranged(each))).group_by(each.c.enterprise_key)
    return {key: int(amount) for key, amount in ctx.session.execute(found)}


def shifts(ctx: Context, fund_ids: Collection[uuid.UUID], until: date) -> Iterator[tuple[date, int, int]]:
    """What the months of these funds must move: day, committed and paid in fen.

    Each row counts on its own day; what the entries of its opening moved on the day of the release is taken away there.
    """
    mine = and_(Opening.fund_id.in_(fund_ids), COUNTS)
    posted = select(Opening).where(mine, Opening.released_on <= until)
    for opening in ctx.session.scalars(posted):
        yield opening.released_on or until, -opening.arranged, -opening.paid
    rows = (
        select(
            OpeningRow.day,
            OpeningRow.kind,
            OpeningRow.amount,
            OpeningRow.opening_id,
            OpeningRow.category,
            OpeningRow.contract_key,
        )
        .join(Opening, Opening.id == OpeningRow.opening_id)
        .where(mine, OpeningRow.day <= until)
        .order_by(OpeningRow.day, OpeningRow.opening_id, OpeningRow.number)
    )
    contracts: dict[tuple[object, ...], Contract] = defaultdict(Contract)
    for day, kind, amount, *which in ctx.session.execute(rows):
        contract = contracts[tuple(which)]
        before = contract.sums(named=bool(which[-1]))
        contract.add(Kind(kind), amount)
        after = contract.sums(named=bool(which[-1]))
        yield day, after.arranged - before.arranged, after.paid - before.paid
