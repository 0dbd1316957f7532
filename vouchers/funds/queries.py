"""Where the money of a pilot stands: in its lines, by category, and as the facts that the engine judges."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.pilots.levels.models import LevelRecord
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MemberState
from marketplace.pilots.programmes import queries as pilots
from marketplace.pilots.programmes import rules
from marketplace.pilots.programmes.models import Batch, Pilot
from marketplace.policy.editions import queries as editions
from marketplace.policy.engine.facts import Facts, Outcome, Sums, counted
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.pilot import Pilot as JudgedPilot
from marketplace.policy.engine.room import Room, room
from marketplace.policy.engine.verdict import Verdict
from marketplace.shop.acceptance.models import Acceptance
from marketplace.shop.acceptance.states import Result
from vouchers.funds import history
from vouchers.funds import permissions as verbs
from vouchers.ledger.models.commitments import Commitment, Entry, Hold, Voucher
from vouchers.ledger.models.funds import BudgetLine, Fund, FundEntry, LineBucket
from vouchers.ledger.states import HoldState

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


@dataclass(frozen=True)
class Position:
    """Where a pilot's governed money stands on one day, and what its book says of it."""

    pilot: Pilot
    fund: Fund
    categories: Sequence[CategoryState]
    verdict: Verdict


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


_COMMITTED = case(
    (Commitment.kind == "voucher", Commitment.reserved + Commitment.payable + Commitment.paid),
    else_=Commitment.face - Commitment.recalled,
)
_GRANTED = case((Commitment.kind == "voucher", Commitment.available), else_=0)


def _by_category(ctx: Context, fund_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[CategoryState]]:
    """Every category that has a line of these funds, with its money (fen), by fund."""
    names = ("granted", "committed", "paid", "recalled", "clawed")
    sums = {
        row.line_id: [int(getattr(row, name)) for name in names]
        for row in ctx.session.execute(
            select(
                BudgetLine.id.label("line_id"),
                func.sum(_GRANTED).label("granted"),
                func.sum(_COMMITTED).label("committed"),
                func.sum(Commitment.paid).label("paid"),
                func.sum(Commitment.recalled).label("recalled"),
                func.sum(Commitment.clawed).label("clawed"),
            )
            .join(Commitment, Commitment.line_id == BudgetLine.id)
            .where(BudgetLine.fund_id.in_(fund_ids))
            .group_by(BudgetLine.id)
        )
    }
    found: dict[uuid.UUID, list[CategoryState]] = {fund_id: [] for fund_id in fund_ids}
    for state in _lines(ctx, BudgetLine.fund_id.in_(fund_ids)):
        moved = sums.get(state.line.id, [0] * len(names))
        found[state.line.fund_id].append(CategoryState(state.line.category, state.allotted, state.available, *moved))
    return found


def positions(ctx: Context, pilot_ids: Sequence[uuid.UUID], as_of: date | None = None) -> list[Position]:
    """Where several pilots stand today, in the order of `pilot_ids` and in as many statements as for one.

    With an earlier day `as_of`, where they stood at its end: summed from the entries, the award and receipts too. The
    caller has authorised the pilots; those without a governed fund are left out. The facts that are judged are what
    `marketplace check` reads from the exported sheet: arranged is committed (never below paid), and a granted voucher
    that no order has touched is not arranged yet.
    """
    day = ctx.today if as_of is None else min(as_of, ctx.today)
    rows = {
        row[0].id: row
        for row in ctx.session.execute(
            select(Pilot, Batch, Fund)
            .join(Batch, Batch.id == Pilot.batch_id)
            .join(Fund, and_(Fund.pilot_id == Pilot.id, Fund.source == GOVERNED))
            .where(Pilot.id.in_(pilot_ids))
            .execution_options(populate_existing=True)
        )
    }
    books = editions.books(ctx, {pilot.edition_id for pilot, _, _ in rows.values()})
    fund_ids = [fund.id for _, _, fund in rows.values()]
    categories, money = _stood(ctx, fund_ids, day) if day < ctx.today else (_by_category(ctx, fund_ids), {})
    outcomes = _outcomes(ctx, list(rows), day)
    found = []
    for pilot, batch, fund in (rows[pilot_id] for pilot_id in pilot_ids if pilot_id in rows):
        book, states = books[pilot.edition_id], categories[fund.id]
        award, received = money.get(fund.id, (fund.award, fund.received))
        facts = Facts(
            by_category={state.category: Sums(state.committed, state.paid) for state in states},
            refunded=sum(state.clawed for state in states),
            enterprises=counted(book, outcomes.get(pilot.id, ())),
        )
        judged = rules.judged(pilot, batch, award=award, received=received, as_of=day)
        found.append(Position(pilot, fund, states, judge(book, judged, facts)))
    return found


def _stood(
    ctx: Context, fund_ids: Sequence[uuid.UUID], day: date
) -> tuple[dict[uuid.UUID, list[CategoryState]], dict[uuid.UUID, tuple[int, int]]]:
    """The money of each category, and award and receipts, at the end of an earlier day."""
    sums = history.categories(ctx, fund_ids, day)
    states = {
        fund_id: [CategoryState(category, **found) for category, found in by_category.items()]
        for fund_id, by_category in sums.items()
    }
    return states, history.money(ctx, fund_ids, day)


def position(ctx: Context, pilot_id: uuid.UUID, as_of: date | None = None) -> Position:
    """Where one pilot stands, or stood on a day; NotFound without a governed fund. The caller has authorised it."""
    for found in positions(ctx, [pilot_id], as_of):
        return found
    raise NotFound("fund")


def allotted(ctx: Context, pilot_id: uuid.UUID) -> Facts:
    """The division of the award as facts: what the ceiling is enforced on when money is allotted (四(二))."""
    fund = governed(ctx, pilot_id)
    return Facts(by_category={c.category: Sums(c.allotted, c.paid) for c in _by_category(ctx, [fund.id])[fund.id]})


def rooms(ctx: Context, pilot_id: uuid.UUID) -> dict[str, Room]:
    """How much more may be allotted to each category of the pilot's type; the caller has authorised the pilot."""
    judged, facts, book = judged_pilot(ctx, pilot_id), allotted(ctx, pilot_id), pilots.book(ctx, pilot_id)
    return {code: room(book, judged, facts, code) for code in book.types[judged.type].categories}


def _outcomes(ctx: Context, pilot_ids: Collection[uuid.UUID], as_of: date) -> dict[uuid.UUID, list[Outcome]]:
    """By pilot one outcome per enterprise that ordered with money of the renovation share: key link, accepted, level.

    What counts is the acceptance of an order that such money was set aside for: the sheet of the pilot's entries knows
    no other. Who they are stays in the database, which counts the enterprises that came out alike.
    """
    earlier = [] if as_of >= ctx.today else [_reserved_by(as_of)]
    spending = (
        select(Voucher.pilot_id, Voucher.enterprise_id, Hold.order_id)
        .join(Commitment, Commitment.id == Voucher.commitment_id)
        .join(BudgetLine, BudgetLine.id == Commitment.line_id)
        .join(Hold, Hold.commitment_id == Commitment.id)
        .where(Voucher.pilot_id.in_(pilot_ids), BudgetLine.share == "renovation", Hold.state != HoldState.NEW, *earlier)
        .distinct()
        .cte("spending")
    )
    latest = (
        select(
            spending.c.pilot_id,
            spending.c.enterprise_id,
            LevelRecord.rank,
            func.row_number()
            .over(
                partition_by=(spending.c.pilot_id, spending.c.enterprise_id),
                order_by=(Acceptance.accepted_on.desc(), LevelRecord.rank.asc()),
            )
            .label("place"),
        )
        .join(Acceptance, Acceptance.order_id == spending.c.order_id)
        .join(LevelRecord, LevelRecord.id == Acceptance.level_record_id)
        .where(Acceptance.result == Result.PASSED, Acceptance.accepted_on <= as_of)
        .subquery()
    )
    selected = select(spending.c.pilot_id, spending.c.enterprise_id).distinct().subquery()
    each = (
        select(
            selected.c.pilot_id,
            func.coalesce(Member.key_link, False).label("key_link"),
            latest.c.enterprise_id.is_not(None).label("renovated"),
            latest.c.rank,
        )
        .outerjoin(
            Member,
            and_(
                Member.enterprise_id == selected.c.enterprise_id,
                Member.pilot_id == selected.c.pilot_id,
                Member.state != MemberState.WITHDRAWN,
            ),
        )
        .outerjoin(
            latest,
            and_(
                latest.c.pilot_id == selected.c.pilot_id,
                latest.c.enterprise_id == selected.c.enterprise_id,
                latest.c.place == 1,
            ),
        )
        .subquery()
    )
    kinds = (each.c.pilot_id, each.c.key_link, each.c.renovated, each.c.rank)
    found: dict[uuid.UUID, list[Outcome]] = {}
    for pilot_id, key, renovated, rank, count in ctx.session.execute(select(*kinds, func.count()).group_by(*kinds)):
        found.setdefault(pilot_id, []).extend([Outcome(bool(key), bool(renovated), rank)] * count)
    return found


def _reserved_by(day: date) -> ColumnElement[bool]:
    """Whether a hold's money had been set aside by the end of a day; found by the commitment, which is indexed."""
    return (
        select(Entry.id)
        .where(
            Entry.commitment_id == Hold.commitment_id,
            Entry.hold_id == Hold.id,
            Entry.kind == "reserve",
            Entry.day <= day,
        )
        .exists()
    )


def judged_pilot(ctx: Context, pilot_id: uuid.UUID) -> JudgedPilot:
    """The pilot as the engine knows it: award and receipts from the ledger, calendar from its batch, today."""
    pilot, batch = pilots.with_batch(ctx, pilot_id)
    fund = governed(ctx, pilot_id)
    return rules.judged(pilot, batch, award=fund.award, received=fund.received, as_of=ctx.today)
