"""The settlement report of one pilot: its money by category, and each rule of its book."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.pilots.programmes.models import Pilot
from marketplace.pilots.programmes.states import PilotState
from marketplace.policy.books.model import Book, PilotType
from marketplace.policy.engine.verdict import Check, Verdict
from vouchers.funds import queries as funds
from vouchers.ledger.models.funds import Fund
from vouchers.reports import permissions as verbs

REPORTED = (PilotState.APPROVED, PilotState.SUSPENDED, PilotState.CLOSED)
NAMED = (paging.Key(Pilot.name), paging.Key(Pilot.id))


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


def visible(ctx: Context) -> Select[Pilot]:
    """Pilots whose report this person may read."""
    return permissions.visible(ctx, verbs.READ, select(Pilot), pilot=Pilot.id, city=Pilot.city).where(
        Pilot.state.in_(REPORTED)
    )


def pilots(ctx: Context, *, limit: int = 50, cursor: str | None = None) -> paging.Page[Pilot]:
    """A page of pilots with a report, by name."""
    return paging.fetch(ctx.session, visible(ctx), NAMED, limit=limit, cursor=cursor)


def settlement(ctx: Context, pilot_id: uuid.UUID) -> Settlement:
    """The report of one pilot as of today, or NotFound."""
    pilot = ctx.session.scalars(visible(ctx).where(Pilot.id == pilot_id)).one_or_none()
    if pilot is None:
        raise NotFound("pilot")
    verdict = funds.verdict(ctx, pilot.id)
    kind = verdict.book.types[pilot.type]
    rows = []
    money = {state.category: state for state in funds.by_category(ctx, pilot.id)}
    for code, category in kind.categories.items():
        state = money.pop(code, funds.CategoryState(code))
        rows.append(Row(code, category.name_zh, category.name_en, category.bucket, state))
    rows += [Row(code, code, code, "foreign", state) for code, state in money.items()]
    return Settlement(pilot, verdict.book, kind, ctx.today, funds.governed(ctx, pilot.id), rows, verdict)
