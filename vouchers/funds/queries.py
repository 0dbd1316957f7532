"""The funds of a pilot with their lines, and what may still be divided and promised."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.text import N_
from marketplace.pilots.programmes import queries as pilots
from marketplace.pilots.programmes import rules
from marketplace.pilots.programmes.models import Pilot
from marketplace.policy.engine.facts import Facts, Sums
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.pilot import Pilot as JudgedPilot
from marketplace.policy.engine.room import Room, room
from marketplace.policy.engine.verdict import Check
from vouchers.funds import history
from vouchers.funds import permissions as verbs
from vouchers.ledger.models.funds import BudgetLine, Fund, FundEntry, LineBucket

GOVERNED = "province"
"""The source whose division the rule book governs."""
NEWEST = (paging.Key(Fund.created_at, True), paging.Key(Fund.id, True))


@dataclass(frozen=True)
class LineState:
    """A line with the sums of its buckets, in fen."""

    line: BudgetLine
    allotted: int
    available: int
    committed: int
    lapsed: int


def visible(ctx: Context) -> Select[Fund]:
    """Funds this person may see."""
    return permissions.visible(ctx, verbs.READ, select(Fund), pilot=Fund.pilot_id, city=Fund.city)


def listed(
    ctx: Context,
    *,
    words: str = "",
    city: str | None = None,
    unallotted: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[tuple[Fund, str]]:
    """A page of funds with the names of their pilots, newest first; `unallotted` are those with something to divide."""
    statement = permissions.visible(
        ctx, verbs.READ, select(Fund, Pilot.name), pilot=Fund.pilot_id, city=Fund.city
    ).join(Pilot, Pilot.id == Fund.pilot_id)
    if words:
        statement = statement.where(Pilot.name.contains(words, autoescape=True))
    if city is not None:
        statement = statement.where(Fund.city == city)
    if unallotted:
        statement = statement.where(Fund.renovation_allotted + Fund.other_allotted < Fund.award)
    return paging.fetch(ctx.session, statement, NEWEST, limit=limit, cursor=cursor)


def of_pilot(ctx: Context, pilot_id: uuid.UUID) -> Sequence[Fund]:
    """The funds of a pilot, the governed one first; NotFound when there are none to see."""
    rows = ctx.session.scalars(
        visible(ctx).where(Fund.pilot_id == pilot_id).order_by(Fund.source != GOVERNED, Fund.source)
    ).all()
    if not rows:
        raise NotFound("fund")
    return rows


def governed(ctx: Context, pilot_id: uuid.UUID) -> Fund:
    """The province's fund of a pilot."""
    row = ctx.session.scalars(
        select(Fund).where(Fund.pilot_id == pilot_id, Fund.source == GOVERNED).execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("fund")
    return row


def lock(ctx: Context, fund_id: uuid.UUID) -> None:
    """Hold the fund's row until the act ends, so that what is judged is what is booked."""
    ctx.session.execute(select(Fund.id).where(Fund.id == fund_id).with_for_update())


def line(ctx: Context, line_id: uuid.UUID) -> BudgetLine:
    """One line of a fund this person may see."""
    statement = permissions.visible(
        ctx, verbs.READ, select(BudgetLine), pilot=BudgetLine.pilot_id, city=BudgetLine.city
    )
    row = ctx.session.scalars(statement.where(BudgetLine.id == line_id)).one_or_none()
    if row is None:
        raise NotFound("line")
    return row


def booked(ctx: Context, key: str) -> bool:
    """Whether the acting organisation has moved a fund's money under this key before."""
    scope = str(ctx.who.organisation_id or ctx.who.person_id)
    statement = select(FundEntry.id).where(FundEntry.idem_scope == scope, FundEntry.idem_key == key)
    return ctx.session.scalar(statement) is not None


def corrections(ctx: Context, fund_id: uuid.UUID, tranche_id: uuid.UUID) -> int:
    """How often the arrival of a tranche of this fund was taken back."""
    statement = select(func.count(FundEntry.id)).where(
        FundEntry.fund_id == fund_id, FundEntry.reference == tranche_id, FundEntry.kind == "unreceipt"
    )
    return int(ctx.session.scalar(statement) or 0)


def lines(ctx: Context, pilot_id: uuid.UUID) -> list[LineState]:
    """The lines of a pilot with their sums, by category; the caller has authorised the pilot."""
    return _lines(ctx, BudgetLine.pilot_id == pilot_id)


def by_fund(ctx: Context, fund: Fund) -> list[LineState]:
    """The lines of one fund with their sums, by category; the caller has authorised the pilot."""
    return _lines(ctx, BudgetLine.fund_id == fund.id)


def _lines(ctx: Context, condition: ColumnElement[bool]) -> list[LineState]:
    rows = ctx.session.execute(
        select(
            BudgetLine,
            func.coalesce(func.sum(LineBucket.allotted), 0),
            func.coalesce(func.sum(LineBucket.available), 0),
            func.coalesce(func.sum(LineBucket.committed), 0),
            func.coalesce(func.sum(LineBucket.lapsed), 0),
        )
        .join(LineBucket, LineBucket.line_id == BudgetLine.id)
        .where(condition)
        .group_by(BudgetLine.id)
        .order_by(BudgetLine.share.desc(), BudgetLine.category)
    )
    return [LineState(row[0], *(int(value) for value in row[1:])) for row in rows]


def allotted(ctx: Context, pilot_id: uuid.UUID) -> Facts:
    """The division of the award as facts: what the ceiling is enforced on when money is allotted (四(二))."""
    fund = governed(ctx, pilot_id)
    return Facts(by_category={c.category: Sums(c.allotted, c.paid) for c in history.categories(ctx, fund.id)})


def division(ctx: Context, pilot_id: uuid.UUID) -> dict[str, Check]:
    """The checks of the shares of the award, of the award as it is divided, by code (四(二))."""
    verdict = judge(pilots.book(ctx, pilot_id), judged_pilot(ctx, pilot_id), allotted(ctx, pilot_id))
    return {check.code: check for check in verdict.checks if check.base == "award"}


def promised(ctx: Context, pilot_id: uuid.UUID) -> Facts:
    """What is promised as facts: vouchers in hand, and what orders and contracts commit, before one more (四(二))."""
    fund = governed(ctx, pilot_id)
    states = history.categories(ctx, fund.id)
    return Facts(by_category={c.category: Sums(c.granted + c.committed, c.paid) for c in states})


def line_of(ctx: Context, pilot_id: uuid.UUID, category: str) -> LineState:
    """The line that pays a category of a pilot's governed money; refuses while none is open (四(二))."""
    fund = governed(ctx, pilot_id)
    for state in _lines(ctx, and_(BudgetLine.fund_id == fund.id, BudgetLine.category == category)):
        return state
    raise Refusal(
        "line.none",
        N_("资金用途“{category}”尚未安排额度，请财政经办先行安排。"),
        clause="四(二)",
        category=pilots.categories(ctx, pilot_id).get(category, category),
    )


def rooms(ctx: Context, pilot_id: uuid.UUID) -> dict[str, Room]:
    """How much more may be allotted to each category of the pilot's type; the caller has authorised the pilot."""
    judged, facts, book = judged_pilot(ctx, pilot_id), allotted(ctx, pilot_id), pilots.book(ctx, pilot_id)
    return {code: room(book, judged, facts, code) for code in book.types[judged.type].categories}


def judged_pilot(ctx: Context, pilot_id: uuid.UUID) -> JudgedPilot:
    """The pilot as the engine knows it: award and receipts from the ledger, calendar from its batch, today."""
    pilot, batch = pilots.with_batch(ctx, pilot_id)
    fund = governed(ctx, pilot_id)
    return rules.judged(pilot, batch, award=fund.award, received=fund.received, as_of=ctx.today)
