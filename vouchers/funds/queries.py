"""Where the money of a pilot stands: in its lines, by category, and as the facts that the engine judges."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, case, func, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.pilots.levels.models import LevelRecord
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.states import MemberState
from marketplace.pilots.programmes import queries as pilots
from marketplace.pilots.programmes.models import Pilot
from marketplace.policy.engine.facts import Facts, Outcome, Sums, counted
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.pilot import Pilot as JudgedPilot
from marketplace.policy.engine.verdict import Verdict
from marketplace.shop.acceptance.models import Acceptance
from marketplace.shop.acceptance.states import Result
from vouchers.funds import permissions as verbs
from vouchers.ledger.models.commitments import Commitment, Voucher
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


def visible(ctx: Context) -> Select[Fund]:
    """Funds this person may see."""
    return permissions.visible(ctx, verbs.READ, select(Fund), pilot=Fund.pilot_id, city=Fund.city)


def listed(ctx: Context, *, limit: int = 50, cursor: str | None = None) -> paging.Page[tuple[Fund, str]]:
    """A page of funds with the names of their pilots, newest first."""
    statement = permissions.visible(
        ctx, verbs.READ, select(Fund, Pilot.name), pilot=Fund.pilot_id, city=Fund.city
    ).join(Pilot, Pilot.id == Fund.pilot_id)
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
    rows = ctx.session.execute(
        select(
            BudgetLine,
            func.coalesce(func.sum(LineBucket.allotted), 0),
            func.coalesce(func.sum(LineBucket.available), 0),
            func.coalesce(func.sum(LineBucket.committed), 0),
            func.coalesce(func.sum(LineBucket.lapsed), 0),
        )
        .join(LineBucket, LineBucket.line_id == BudgetLine.id)
        .where(BudgetLine.pilot_id == pilot_id)
        .group_by(BudgetLine.id)
        .order_by(BudgetLine.share.desc(), BudgetLine.category)
    )
    return [LineState(row[0], *(int(value) for value in row[1:])) for row in rows]


def by_fund(ctx: Context, fund: Fund) -> list[LineState]:
    """The lines of one fund with their sums, by category; the caller has authorised the pilot."""
    return [state for state in lines(ctx, fund.pilot_id) if state.line.fund_id == fund.id]


_COMMITTED = case(
    (Commitment.kind == "voucher", Commitment.reserved + Commitment.payable + Commitment.paid),
    else_=Commitment.face - Commitment.recalled,
)
_GRANTED = case((Commitment.kind == "voucher", Commitment.available), else_=0)


def by_category(ctx: Context, pilot_id: uuid.UUID) -> list[CategoryState]:
    """Every category that has a line of the governed fund, with its money (fen)."""
    fund = governed(ctx, pilot_id)
    sums = {
        row.category: row
        for row in ctx.session.execute(
            select(
                BudgetLine.category,
                func.sum(_GRANTED).label("granted"),
                func.sum(_COMMITTED).label("committed"),
                func.sum(Commitment.paid).label("paid"),
                func.sum(Commitment.recalled).label("recalled"),
                func.sum(Commitment.clawed).label("clawed"),
            )
            .join(Commitment, Commitment.line_id == BudgetLine.id)
            .where(BudgetLine.fund_id == fund.id)
            .group_by(BudgetLine.category)
        )
    }
    found = []
    for state in by_fund(ctx, fund):
        row = sums.get(state.line.category)
        moved = [
            int(getattr(row, name)) if row else 0 for name in ("granted", "committed", "paid", "recalled", "clawed")
        ]
        found.append(CategoryState(state.line.category, state.allotted, state.available, *moved))
    return found


def position(ctx: Context, pilot_id: uuid.UUID) -> Facts:
    """The pilot's books as the engine's facts: what `marketplace check` would read from its exported sheet.

    Arranged is committed (never below paid); a granted voucher that no order has touched is not arranged yet.
    """
    categories = by_category(ctx, pilot_id)
    sums = {c.category: Sums(c.committed, c.paid) for c in categories}
    refunded = sum(c.clawed for c in categories)
    book = pilots.book(ctx, pilot_id)
    return Facts(by_category=sums, refunded=refunded, enterprises=counted(book, _outcomes(ctx, pilot_id, ctx.today)))


def allotted(ctx: Context, pilot_id: uuid.UUID) -> Facts:
    """The division of the award as facts: what the ceiling is enforced on when money is allotted (四(二))."""
    return Facts(by_category={c.category: Sums(c.allotted, c.paid) for c in by_category(ctx, pilot_id)})


def _outcomes(ctx: Context, pilot_id: uuid.UUID, as_of: date) -> list[Outcome]:
    """One outcome per enterprise with money of the renovation share: key link, accepted or not, level reached."""
    latest = (
        select(
            Acceptance.enterprise_id,
            LevelRecord.rank,
            func.row_number()
            .over(
                partition_by=Acceptance.enterprise_id,
                order_by=(Acceptance.accepted_on.desc(), LevelRecord.rank.asc()),
            )
            .label("place"),
        )
        .join(LevelRecord, LevelRecord.id == Acceptance.level_record_id)
        .where(Acceptance.pilot_id == pilot_id, Acceptance.result == Result.PASSED, Acceptance.accepted_on <= as_of)
        .subquery()
    )
    spending = (
        select(Voucher.enterprise_id)
        .join(Commitment, Commitment.id == Voucher.commitment_id)
        .join(BudgetLine, BudgetLine.id == Commitment.line_id)
        .where(
            Voucher.pilot_id == pilot_id,
            BudgetLine.share == "renovation",
            Commitment.reserved + Commitment.payable + Commitment.paid > 0,
        )
        .distinct()
        .subquery()
    )
    rows = ctx.session.execute(
        select(spending.c.enterprise_id, func.coalesce(Member.key_link, False), latest.c.enterprise_id, latest.c.rank)
        .outerjoin(
            Member,
            and_(
                Member.enterprise_id == spending.c.enterprise_id,
                Member.pilot_id == pilot_id,
                Member.state != MemberState.WITHDRAWN,
            ),
        )
        .outerjoin(latest, and_(latest.c.enterprise_id == spending.c.enterprise_id, latest.c.place == 1))
    )
    return [Outcome(bool(key), accepted is not None, rank) for _, key, accepted, rank in rows]


def judged_pilot(ctx: Context, pilot_id: uuid.UUID) -> JudgedPilot:
    """The pilot as the engine knows it: award and receipts from the ledger, calendar from its batch, today."""
    pilot, batch = pilots.with_batch(ctx, pilot_id)
    fund = governed(ctx, pilot_id)
    return JudgedPilot(
        name=pilot.name,
        type=pilot.type,
        pilot_class=pilot.klass,
        award=fund.award,
        received=fund.received,
        batch=batch.book_batch or str(batch.number),
        approved_on=pilot.approved_on or ctx.today,
        as_of=ctx.today,
        year1_end=batch.year1_end,
        year2_end=batch.year2_end,
    )


def verdict(ctx: Context, pilot_id: uuid.UUID) -> Verdict:
    """What the rule book says of the pilot's books today."""
    book = pilots.book(ctx, pilot_id)
    return judge(book, judged_pilot(ctx, pilot_id), position(ctx, pilot_id))
