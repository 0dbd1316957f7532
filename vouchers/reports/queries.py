"""The settlement report of a pilot: its money by category, and each rule of its book; and which pilots are public."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.text import N_
from marketplace.pilots.programmes.models import Pilot, Tranche
from marketplace.pilots.programmes.states import PUBLIC_STATES, PilotState
from marketplace.policy.books.model import Book, PilotType
from marketplace.policy.engine.verdict import Check, Verdict
from vouchers.funds import history, positions
from vouchers.funds import queries as funds
from vouchers.funds.history import PARTS, CategoryState
from vouchers.ledger.models.funds import Fund
from vouchers.reports import permissions as verbs
from vouchers.reports.projection import Projection, project

NAMED = (paging.Key(Pilot.name), paging.Key(Pilot.id))
MOVED = (paging.Key(Fund.paid, True), paging.Key(Fund.received, True), paging.Key(Pilot.id))
"""The pilots from whose fund most was paid first, then those where most has arrived."""
NEWEST = (paging.Key(Pilot.created_at, True), paging.Key(Pilot.id, True))


@dataclass(frozen=True)
class Row:
    """One category with its names and its bucket; amounts in fen."""

    code: str
    name_zh: str
    name_en: str
    bucket: str
    money: CategoryState


@dataclass(frozen=True)
class Settlement:
    """Everything the report shows of one pilot on one day."""

    pilot: Pilot
    book: Book
    kind: PilotType
    as_of: date
    fund: Fund
    rows: Sequence[Row]
    verdict: Verdict

    @property
    def award(self) -> int:
        """What was awarded by that day, in fen: the base of the ceiling and the floor (四(二))."""
        return self.verdict.pilot.award

    @property
    def received(self) -> int:
        """What had arrived by that day, in fen (四(一))."""
        return self.verdict.pilot.received

    @property
    def total(self) -> CategoryState:
        """The sums over all categories, in fen."""
        return total_of([row.money for row in self.rows])

    @property
    def projection(self) -> Projection | None:
        """Where the pilot would stand on its last day; None once that has come."""
        return project(self.verdict, {row.code: row.money.granted for row in self.rows})

    def check(self, code: str, base: str | None = None) -> Check | None:
        """One check of the verdict, if the book applies it."""
        return next((c for c in self.verdict.checks if c.code == code and c.base == base), None)

    @property
    def shares(self) -> Sequence[Check]:
        """The checks of the division between renovation and the other uses, on every base of the book (四(二))."""
        return [check for check in self.verdict.checks if check.base is not None]


def visible(ctx: Context) -> Select[Pilot]:
    """Pilots whose report this person may read."""
    return permissions.visible(ctx, verbs.READ, select(Pilot), pilot=Pilot.id, city=Pilot.city).where(
        Pilot.state.in_(PUBLIC_STATES)
    )


def reports(
    ctx: Context,
    *,
    city: str | None = None,
    state: PilotState | None = None,
    order: Sequence[paging.Key] = NAMED,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Settlement]:
    """A page of reports within this person's reach, by the pilots' names; as many statements for many as for one."""
    governed = and_(Fund.pilot_id == Pilot.id, Fund.source == funds.GOVERNED)
    statement = _narrowed(visible(ctx).join(Fund, governed).with_only_columns(Pilot.id), city, state)
    page = paging.fetch(ctx.session, statement, order, limit=limit, cursor=cursor)
    page.items = [settled(position) for position in positions.positions(ctx, page.items)]
    return page


def _narrowed(statement: Select[uuid.UUID], city: str | None, state: PilotState | None) -> Select[uuid.UUID]:
    if city:
        statement = statement.where(Pilot.city == city)
    return statement.where(Pilot.state == state) if state else statement


def settlement(ctx: Context, pilot_id: uuid.UUID, as_of: date | None = None) -> Settlement:
    """The report of one pilot, today or at the end of an earlier day, or NotFound.

    Refuses a day before the approval (there was no pilot) and one that has not come yet.
    """
    pilot = ctx.session.scalars(visible(ctx).where(Pilot.id == pilot_id)).one_or_none()
    if pilot is None:
        raise NotFound("pilot")
    check_day(ctx, as_of)
    if as_of is not None and pilot.approved_on is not None and as_of < pilot.approved_on:
        text = N_("试点于{approved}核定，此前没有报告。")
        raise Refusal("report.before_approval", text, field="as_of", approved=pilot.approved_on)
    return settled(positions.position(ctx, pilot.id, as_of))


def check_day(ctx: Context, as_of: date | None) -> None:
    """Refuse a day that has not come yet."""
    if as_of is not None and as_of > ctx.today:
        raise Refusal("report.day_to_come", N_("{day}还没有到，最晚可查今天。"), field="as_of", day=as_of)


def trend(ctx: Context, report: Settlement) -> list[history.Month]:
    """Received, committed and paid month by month, up to the day of the report."""
    return history.months(ctx, [report.fund.id], report.as_of)


@dataclass(frozen=True)
class Source:
    """The money from one source at the end of a day, over one pilot or several; amounts in fen."""

    code: str
    award: int
    received: int
    recovered: int
    returned: int
    interest: int
    remitted: int
    total: CategoryState


def sources(ctx: Context, pilot_ids: Collection[uuid.UUID], day: date) -> list[Source]:
    """By source of money, the governed one first; the caller has authorised the pilots."""
    rows = ctx.session.execute(select(Fund.id, Fund.source).where(Fund.pilot_id.in_(pilot_ids))).all()
    stood = history.stood(ctx, [row.id for row in rows], day)
    by_source: dict[str, list[history.Stood]] = {}
    for row in sorted(rows, key=lambda row: (row.source != funds.GOVERNED, row.source)):
        by_source.setdefault(row.source, []).append(stood[row.id])
    return [
        Source(
            code=code,
            award=sum(fund.award for fund in found),
            received=sum(fund.received for fund in found),
            recovered=sum(fund.recovered for fund in found),
            returned=sum(fund.returned for fund in found),
            interest=sum(fund.interest for fund in found),
            remitted=sum(fund.remitted for fund in found),
            total=total_of([state for fund in found for state in fund.categories]),
        )
        for code, found in by_source.items()
    ]


def total_of(states: Collection[CategoryState], code: str = "") -> CategoryState:
    """Several categories added up."""
    return CategoryState(code, **{part: sum(getattr(state, part) for state in states) for part in PARTS})


@dataclass(frozen=True)
class Arrival:
    """A tranche on its way from the province to the pilot.

    `came` is the day of its receipt, None while it had not come by the day of the report; `days` are calendar days, up
    to that day where it had not.
    """

    tranche: Tranche
    came: date | None
    name_zh: str
    name_en: str
    days: int


def nth(number: int) -> tuple[str, str]:
    """What a tranche is called that has no name in its book, in Chinese and English."""
    return f"第 {number} 笔", f"Payment {number}"


def arrivals_of(ctx: Context, reports: Sequence[Settlement]) -> dict[uuid.UUID, list[Arrival]]:
    """By pilot how long each released tranche took to arrive: the notice wants it passed on at once (五(四))."""
    about = {report.pilot.id: report for report in reports}
    rows = ctx.session.scalars(
        select(Tranche).where(Tranche.pilot_id.in_(about)).order_by(Tranche.pilot_id, Tranche.number)
    )
    found: dict[uuid.UUID, list[Arrival]] = {}
    for tranche in rows:
        report = about[tranche.pilot_id]
        if tranche.released_on is None or tranche.released_on > report.as_of:
            continue
        came = tranche.received_on if tranche.received_on and tranche.received_on <= report.as_of else None
        rule = report.book.tranches.get(tranche.book_tranche)  # a book need not know any
        names = (rule.name_zh, rule.name_en) if rule else nth(tranche.number)
        days = ((came or report.as_of) - tranche.released_on).days
        found.setdefault(tranche.pilot_id, []).append(Arrival(tranche, came, *names, days))
    return found


@dataclass(frozen=True)
class Whole:
    """A pilot's report with every section; whoever may read the report may read them."""

    report: Settlement
    sources: Sequence[Source]
    months: Sequence[history.Month]
    arrivals: Sequence[Arrival]


def whole(ctx: Context, pilot_id: uuid.UUID, as_of: date | None = None) -> Whole:
    """The report of one pilot as `settlement` gives it, with its sources, its months and how its money arrived."""
    report = settlement(ctx, pilot_id, as_of)
    return Whole(
        report=report,
        sources=sources(ctx, [report.pilot.id], report.as_of),
        months=trend(ctx, report),
        arrivals=arrivals_of(ctx, [report]).get(report.pilot.id, []),
    )


def public() -> Select[uuid.UUID]:
    """Ids of the pilots whose sums everybody may read: the approved ones, also while suspended and after their end."""
    governed = and_(Fund.pilot_id == Pilot.id, Fund.source == funds.GOVERNED)
    return select(Pilot.id).join(Fund, governed).where(Pilot.state.in_(PUBLIC_STATES))


def summaries(
    ctx: Context,
    *,
    city: str | None = None,
    state: PilotState | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Settlement]:
    """A page of what the public reads of each pilot, newest first; as many statements for many pilots as for one."""
    statement = _narrowed(public(), city, state)
    page = paging.fetch(ctx.session, statement, NEWEST, limit=limit, cursor=cursor)
    page.items = [settled(position) for position in positions.positions(ctx, page.items)]
    return page


def summary(ctx: Context, pilot_id: uuid.UUID) -> Settlement:
    """The same of one pilot, or NotFound."""
    if ctx.session.scalar(public().where(Pilot.id == pilot_id)) is None:
        raise NotFound("pilot")
    return settled(positions.position(ctx, pilot_id))


def settled(position: positions.Position) -> Settlement:
    """A position as the report shows it: each category of the pilot's type with its names, then foreign ones."""
    book = position.verdict.book
    kind = book.types[position.pilot.type]
    rows = []
    money = {state.category: state for state in position.categories}
    for code, category in kind.categories.items():
        state = money.pop(code, CategoryState(code))
        rows.append(Row(code, category.name_zh, category.name_en, category.bucket, state))
    rows += [Row(code, code, code, "foreign", state) for code, state in money.items()]
    judged = position.verdict
    return Settlement(position.pilot, book, kind, judged.pilot.as_of, position.fund, rows, judged)
