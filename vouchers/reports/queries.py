"""The settlement report of a pilot: its money by category, and each rule of its book; and which pilots are public."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.pilots.programmes.models import Pilot
from marketplace.pilots.programmes.states import PUBLIC_STATES, PilotState
from marketplace.policy.books.model import Book, PilotType
from marketplace.policy.engine.verdict import Check, Verdict
from vouchers.funds import queries as funds
from vouchers.ledger.models.funds import Fund
from vouchers.reports import permissions as verbs

NAMED = (paging.Key(Pilot.name), paging.Key(Pilot.id))
NEWEST = (paging.Key(Pilot.created_at, True), paging.Key(Pilot.id, True))


@dataclass(frozen=True)
class Row:
    """One category with its names and its bucket; amounts in fen."""

    code: str
    name_zh: str
    name_en: str
    bucket: str
    money: funds.CategoryState


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
    def total(self) -> funds.CategoryState:
        """The sums over all categories, in fen."""
        names = ("allotted", "unissued", "granted", "committed", "paid", "recalled", "clawed")
        sums = {name: sum(getattr(row.money, name) for row in self.rows) for name in names}
        return funds.CategoryState("", **sums)

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
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Settlement]:
    """A page of reports within this person's reach, by the pilots' names; as many statements for many as for one."""
    governed = and_(Fund.pilot_id == Pilot.id, Fund.source == funds.GOVERNED)
    statement = _narrowed(visible(ctx).join(Fund, governed).with_only_columns(Pilot.id), city, state)
    page = paging.fetch(ctx.session, statement, NAMED, limit=limit, cursor=cursor)
    page.items = [_settled(ctx, position) for position in funds.positions(ctx, page.items)]
    return page


def _narrowed(statement: Select[uuid.UUID], city: str | None, state: PilotState | None) -> Select[uuid.UUID]:
    if city:
        statement = statement.where(Pilot.city == city)
    return statement.where(Pilot.state == state) if state else statement


def settlement(ctx: Context, pilot_id: uuid.UUID) -> Settlement:
    """The report of one pilot as of today, or NotFound."""
    pilot = ctx.session.scalars(visible(ctx).where(Pilot.id == pilot_id)).one_or_none()
    if pilot is None:
        raise NotFound("pilot")
    return _settled(ctx, funds.position(ctx, pilot.id))


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
    page.items = [_settled(ctx, position) for position in funds.positions(ctx, page.items)]
    return page


def summary(ctx: Context, pilot_id: uuid.UUID) -> Settlement:
    """The same of one pilot, or NotFound."""
    if ctx.session.scalar(public().where(Pilot.id == pilot_id)) is None:
        raise NotFound("pilot")
    return _settled(ctx, funds.position(ctx, pilot_id))


def _settled(ctx: Context, position: funds.Position) -> Settlement:
    book = position.verdict.book
    kind = book.types[position.pilot.type]
    rows = []
    money = {state.category: state for state in position.categories}
    for code, category in kind.categories.items():
        state = money.pop(code, funds.CategoryState(code))
        rows.append(Row(code, category.name_zh, category.name_en, category.bucket, state))
    rows += [Row(code, code, code, "foreign", state) for code, state in money.items()]
    return Settlement(position.pilot, book, kind, ctx.today, position.fund, rows, position.verdict)
