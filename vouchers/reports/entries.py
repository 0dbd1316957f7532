"""The ledger lines behind each figure of a report: what they add to it, one by one, and their sum."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.people.organisations.models import Organisation
from marketplace.pilots.programmes.models import Pilot
from vouchers.funds import opened
from vouchers.funds.history import parts_of
from vouchers.ledger.models.commitments import Commitment, DirectContract, Entry, Voucher
from vouchers.ledger.models.funds import BudgetLine, Fund, FundEntry
from vouchers.ledger.states import MOVEMENTS, CommitmentKind
from vouchers.reports import permissions as verbs

FIGURES = {
    "committed": N_("已承诺"),
    "paid": N_("已支付"),
    "granted": N_("已发放未使用"),
    "recalled": N_("已收回"),
    "clawed": N_("已追回"),
}
"""Figures that movements of vouchers and contracts make."""
BOOKED_FIGURES = {
    "award": N_("奖补总额"),
    "received": N_("已到位"),
    "allotted": N_("额度"),
    "unissued": N_("未发放"),
    "recovered": N_("追回入账"),
    "returned": N_("已交回"),
    "interest": N_("银行利息"),
    "remitted": N_("利息已上缴"),
}
"""Figures that movements of funds and lines make."""
_BOOKS: Mapping[str, Mapping[str, int]] = {
    "award": {"award": 1},
    "received": {"receipt": 1, "unreceipt": -1},
    "allotted": {"allot": 1, "unallot": -1},
    "unissued": {"allot": 1, "unallot": -1, "issue": -1, "recall": 1, "close": -1, "carry": 1},
    "recovered": {"recover": 1},
    "returned": {"return": 1, "unreturn": -1},
    "interest": {"interest": 1, "uninterest": -1},
    "remitted": {"remit": 1, "unremit": -1},
}
NEWEST = (paging.Key(Entry.id, True),)
NEWEST_BOOKED = (paging.Key(FundEntry.id, True),)
Enterprise, Provider = aliased(Organisation), aliased(Organisation)


@dataclass(frozen=True)
class Line:
    """One ledger line as a figure counts it: `amount` in fen is what it adds, or takes away where it is negative."""

    id: int
    day: date
    kind: str
    amount: int
    category: str | None
    source: str
    pilot_id: uuid.UUID
    voucher_id: uuid.UUID | None = None
    number: str = ""
    party: str = ""


@dataclass(frozen=True)
class Asked:
    """Which lines: of which figure, pilot, city, batch, source and category, up to the end of which day."""

    figure: str | None = None
    pilot_id: uuid.UUID | None = None
    city: str | None = None
    batch_id: uuid.UUID | None = None
    source: str | None = None
    category: str | None = None
    kind: str | None = None
    as_of: date | None = None


def entries(ctx: Context, *, limit: int = 50, cursor: str | None = None, **asked: Any) -> paging.Page[Line]:
    """A page of the movements of vouchers and contracts behind a figure, newest first; without one, of all."""
    wanted = Asked(**asked)
    columns = (
        Entry.id,
        Entry.day,
        Entry.kind,
        (Entry.amount * _sign(wanted.figure)).label("amount"),
        BudgetLine.category,
        Fund.source,
        Fund.pilot_id,
        Voucher.commitment_id.label("voucher_id"),
        func.coalesce(Voucher.number, DirectContract.number, "").label("number"),
        func.coalesce(Enterprise.name, Provider.name, "").label("party"),
    )
    statement = (
        _entries(ctx, select(*columns), wanted)
        .outerjoin(Voucher, Voucher.commitment_id == Commitment.id)
        .outerjoin(DirectContract, DirectContract.commitment_id == Commitment.id)
        .outerjoin(Enterprise, Enterprise.id == Voucher.enterprise_id)
        .outerjoin(Provider, Provider.id == DirectContract.provider_id)
    )
    return _lines(paging.fetch(ctx.session, statement, NEWEST, limit=limit, cursor=cursor))


def bookings(ctx: Context, *, limit: int = 50, cursor: str | None = None, **asked: Any) -> paging.Page[Line]:
    """A page of the movements of funds and lines behind a figure, newest first; without one, of all."""
    wanted = Asked(**asked)
    amount = (FundEntry.amount * _booked_sign(wanted.figure)).label("amount")
    columns = (FundEntry.id, FundEntry.day, FundEntry.kind, amount, BudgetLine.category, Fund.source, Fund.pilot_id)
    statement = _bookings(ctx, select(*columns), wanted)
    return _lines(paging.fetch(ctx.session, statement, NEWEST_BOOKED, limit=limit, cursor=cursor))


def entries_total(ctx: Context, **asked: Any) -> int:
    """What all lines of `entries` add up to, in fen."""
    wanted = Asked(**asked)
    return int(ctx.session.scalar(_entries(ctx, select(func.sum(Entry.amount * _sign(wanted.figure))), wanted)) or 0)


def bookings_total(ctx: Context, **asked: Any) -> int:
    """What all lines of `bookings` add up to, in fen."""
    wanted = Asked(**asked)
    total = select(func.sum(FundEntry.amount * _booked_sign(wanted.figure)))
    return int(ctx.session.scalar(_bookings(ctx, total, wanted)) or 0)


def brought(ctx: Context, **asked: Any) -> int:
    """What a figure owes to openings beyond their entries, in fen: their rows stand on days of their own."""
    wanted = Asked(**asked)
    if wanted.figure not in ("committed", "paid", "clawed") or wanted.kind:
        return 0
    place = replace(wanted, category=None)
    funds = ctx.session.scalars(_narrowed(ctx, select(Fund.id).where(opened.any_of(Fund.id)), place)).all()
    return sum(
        getattr(found, wanted.figure)
        for found in (opened.until(ctx, funds, wanted.as_of or ctx.today) if funds else ())
        if wanted.category in (None, found.category)
    )


def sources(ctx: Context) -> list[str]:
    """The sources of money within this person's reach."""
    statement = permissions.visible(
        ctx, verbs.READ, select(Fund.source).distinct(), pilot=Fund.pilot_id, city=Fund.city
    )
    return sorted(ctx.session.scalars(statement), key=lambda source: (source != "province", source))


def _lines(page: paging.Page[Any]) -> paging.Page[Line]:
    page.items = [Line(*row) for row in page.items]
    return page


def _entries(ctx: Context, statement: Select[Any], asked: Asked) -> Select[Any]:
    statement = (
        statement.select_from(Entry)
        .join(Commitment, Commitment.id == Entry.commitment_id)
        .join(BudgetLine, BudgetLine.id == Commitment.line_id)
        .join(Fund, Fund.id == BudgetLine.fund_id)
        .where(Entry.day <= (asked.as_of or ctx.today))
    )
    if asked.figure:
        statement = statement.where(or_(*(_is(kind, move) for kind, move, _ in _changes(asked.figure))))
    if asked.kind:
        statement = statement.where(Entry.kind == asked.kind)
    return _narrowed(ctx, statement, asked)


def _bookings(ctx: Context, statement: Select[Any], asked: Asked) -> Select[Any]:
    statement = (
        statement.select_from(FundEntry)
        .join(Fund, Fund.id == FundEntry.fund_id)
        .outerjoin(BudgetLine, BudgetLine.id == FundEntry.line_id)
        .where(FundEntry.day <= (asked.as_of or ctx.today))
    )
    if asked.figure:
        statement = statement.where(FundEntry.kind.in_(_BOOKS[asked.figure]))
    if asked.kind:
        statement = statement.where(FundEntry.kind == asked.kind)
    return _narrowed(ctx, statement, asked)


def _narrowed(ctx: Context, statement: Select[Any], asked: Asked) -> Select[Any]:
    statement = permissions.visible(ctx, verbs.READ, statement, pilot=Fund.pilot_id, city=Fund.city)
    wanted = (
        (Fund.pilot_id, asked.pilot_id),
        (Fund.city, asked.city),
        (Fund.source, asked.source),
        (BudgetLine.category, asked.category),
    )
    statement = statement.where(*(column == value for column, value in wanted if value is not None))
    if asked.batch_id is not None:
        statement = statement.where(Fund.pilot_id.in_(select(Pilot.id).where(Pilot.batch_id == asked.batch_id)))
    return statement


def _changes(figure: str) -> list[tuple[CommitmentKind, str, int]]:
    """Kind of commitment, movement, and whether it adds to the figure (1) or takes away (-1)."""
    found = []
    for kind in CommitmentKind:
        for move in MOVEMENTS:
            src, dst = move.partition(":")[2].split(">")
            change = (figure in parts_of(dst, kind)) - (figure in parts_of(src, kind))
            if change:
                found.append((kind, move, change))
    return found


def _is(kind: CommitmentKind, move: str) -> ColumnElement[bool]:
    name, _, ends = move.partition(":")
    src, dst = ends.split(">")
    return and_(Commitment.kind == kind, Entry.kind == name, Entry.src == src, Entry.dst == dst)


def _sign(figure: str | None) -> Any:
    if figure is None:
        return 1
    return case(*((_is(kind, move), change) for kind, move, change in _changes(figure)), else_=0)


def _booked_sign(figure: str | None) -> Any:
    return 1 if figure is None else case(_BOOKS[figure], value=FundEntry.kind, else_=0)
