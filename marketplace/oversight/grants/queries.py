"""Looking up lists and their rows, and what in them fits the orders of today."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from marketplace.base.clock import day_of
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.permissions import visible as narrow
from marketplace.oversight.grants import rules
from marketplace.oversight.grants.models import GrantList, GrantRow
from marketplace.oversight.grants.permissions import READ
from marketplace.oversight.grants.states import GrantListState, Likeness
from marketplace.people.organisations.models import Organisation
from marketplace.pilots.programmes.models import Pilot
from marketplace.policy.books.model import Book
from marketplace.policy.editions import queries as editions
from marketplace.policy.engine.detect import excluding
from marketplace.policy.findings import limits
from marketplace.shop.orders.models import Contract, Order
from marketplace.shop.orders.states import OrderState

DEAD = (OrderState.DECLINED, OrderState.CANCELLED)
"""Orders that get no money."""
_STREAMED = 500


def visible(ctx: Context) -> Select[GrantList]:
    """The lists this person may see: of the own city, or of the whole province."""
    return narrow(ctx, READ, select(GrantList), city=GrantList.region)


def search(ctx: Context, *, state: GrantListState | None = None, words: str | None = None) -> Select[GrantList]:
    """The same, narrowed by state and by words of the programme or the file's name."""
    statement = visible(ctx)
    if state is not None:
        statement = statement.where(GrantList.state == state)
    if words:
        named = [column.contains(words, autoescape=True) for column in (GrantList.programme, GrantList.filename)]
        statement = statement.where(or_(*named))
    return statement


def get(ctx: Context, list_id: uuid.UUID, *, lock: bool = False) -> GrantList:
    """One list this person may see; 404 otherwise."""
    statement = visible(ctx).where(GrantList.id == list_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = ctx.session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound("grant_list")
    return found


def rows(ctx: Context, *, list_id: uuid.UUID, known: bool | None = None, words: str | None = None) -> Select[GrantRow]:
    """The rows of a list, which the caller has authorised; `known` are those whose enterprise is registered here."""
    statement = select(GrantRow).where(GrantRow.list_id == list_id)
    if known is not None:
        statement = statement.where(GrantRow.enterprise_id.is_not(None) if known else GrantRow.enterprise_id.is_(None))
    if words:
        parts = (GrantRow.name, GrantRow.project, GrantRow.contract)
        same_code = GrantRow.uscc == words.upper()
        statement = statement.where(or_(same_code, *(part.contains(words, autoescape=True) for part in parts)))
    return statement


def count_known(ctx: Context, list_id: uuid.UUID) -> int:
    """Rows of a list, which the caller has authorised, whose enterprise is registered here."""
    inner = rows(ctx, list_id=list_id, known=True).subquery()
    return ctx.session.scalar(select(func.count()).select_from(inner)) or 0


@dataclass(frozen=True)
class Match:
    """A row that fits an order, and how closely."""

    likeness: Likeness
    row_id: uuid.UUID
    row_key: str
    row_number: int
    project: str
    contract: str
    programme: str
    amount_fen: int | None
    granted_on: date | None
    filename: str
    by_code: bool
    order_id: uuid.UUID
    order_number: str
    order_title: str
    order_contract: str
    pilot_id: uuid.UUID
    city: str
    enterprise: str


def matches(
    ctx: Context,
    *,
    list_id: uuid.UUID | None = None,
    row_ids: Collection[uuid.UUID] | None = None,
    order_id: uuid.UUID | None = None,
) -> Iterator[Match]:
    """What fits between the rows of active lists and the orders with vouchers, the rows in their order.

    One join over the enterprise, read in a stream and compared as it comes. A city's list is compared with the orders
    of the city, a province's with all of the province's. Money that a pilot's book permits beside its own fits nothing,
    and under a book that excludes none no money does (四(二)). Narrowed by list, rows or order; the one order's voucher
    may still be under way. Does not ask who looks.
    """
    statement = _candidates()
    if list_id is not None:
        statement = statement.where(GrantRow.list_id == list_id)
    if row_ids is not None:
        statement = statement.where(GrantRow.id.in_(row_ids))
    if order_id is None:
        statement = statement.where(Order.voucher_id.is_not(None))
    else:
        statement = statement.where(Order.id == order_id)
    books: dict[uuid.UUID, Book] | None = None
    excluded: dict[tuple[uuid.UUID, str], bool] = {}
    alike_bps, days = limits.of("support.similar")["alike_bps"], limits.of("support.enterprise")["days"]
    for row in ctx.session.execute(statement.execution_options(yield_per=_STREAMED)):
        found = rules.likeness(_compared(row), alike_bps=alike_bps, days=days)
        if found is None:
            continue
        if books is None:
            books = _books(ctx)
        key = (row.pilot_id, row.programme)
        if key not in excluded:
            excluded[key] = _excludes(books, row.pilot_id, row.programme)
        if excluded[key]:
            yield _match(row, found)


def _candidates() -> Select[Any]:
    covers = or_(
        GrantList.region == Order.city,
        and_(GrantList.region.endswith("0000"), func.substr(GrantList.region, 1, 2) == func.substr(Order.city, 1, 2)),
    )
    statement: Any = (
        select(
            GrantRow.id.label("row_id"),
            GrantRow.row_key,
            GrantRow.number,
            GrantRow.uscc,
            GrantRow.project,
            GrantRow.project_key,
            GrantRow.contract,
            GrantRow.contract_key,
            GrantRow.programme,
            GrantRow.amount_fen,
            GrantRow.granted_on,
            GrantList.filename,
            Order.id.label("order_id"),
            Order.number.label("order_number"),
            Order.title,
            Order.created_at.label("ordered_at"),
            Order.pilot_id,
            Order.city,
            Contract.number.label("contract_number"),
            Organisation.name.label("enterprise"),
        )
        .select_from(GrantRow)
        .join(GrantList, GrantList.id == GrantRow.list_id)
        .join(Order, Order.enterprise_id == GrantRow.enterprise_id)
        .join(Organisation, Organisation.id == Order.enterprise_id)
        .outerjoin(Contract, Contract.order_id == Order.id)
        .where(
            GrantList.state == GrantListState.ACTIVE,
            Order.state.not_in(DEAD),
            covers,
        )
        .order_by(GrantList.created_at, GrantList.id, GrantRow.number, Order.created_at, Order.id)
    )
    return statement


def _compared(row: Any) -> rules.Compared:
    return rules.Compared(
        by_code=bool(row.uscc),
        row_project=row.project_key,
        row_contract=row.contract_key,
        order_project=rules.project_key(row.title),
        order_contract=rules.contract_key(row.contract_number) if row.contract_number else "",
        granted_on=row.granted_on,
        ordered_on=day_of(row.ordered_at),
    )


def _books(ctx: Context) -> dict[uuid.UUID, Book]:
    """The book of every pilot."""
    pilots = ctx.session.execute(select(Pilot.id, Pilot.edition_id)).all()
    books = editions.books(ctx, {row.edition_id for row in pilots})
    return {row.id: books[row.edition_id] for row in pilots}


def _excludes(books: Mapping[uuid.UUID, Book], pilot_id: uuid.UUID, programme: str) -> bool:
    book = books[pilot_id]
    return bool(book.other_support.excluding_zh) and bool(excluding(book, programme))


def _match(row: Any, found: Likeness) -> Match:
    return Match(
        likeness=found,
        row_id=row.row_id,
        row_key=row.row_key,
        row_number=row.number,
        project=row.project,
        contract=row.contract,
        programme=row.programme,
        amount_fen=row.amount_fen,
        granted_on=row.granted_on,
        filename=row.filename,
        by_code=bool(row.uscc),
        order_id=row.order_id,
        order_number=row.order_number,
        order_title=row.title,
        order_contract=row.contract_number or "",
        pilot_id=row.pilot_id,
        city=row.city,
        enterprise=row.enterprise,
    )
