"""Openings and their rows, as far as somebody may see them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import Select, func, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.people.organisations.models import Organisation
from marketplace.policy.engine.rows import Kind, Row, folded
from vouchers.ledger.models.openings import Opening, OpeningBalance, OpeningRow
from vouchers.ledger.states import OpeningState
from vouchers.opening import permissions as verbs

NEWEST = (paging.Key(Opening.id, True),)  # ids rise with the time of their making
OLDEST = (paging.Key(Opening.id),)
BY_NUMBER = (paging.Key(OpeningRow.number),)
FEW = 500
"""Codes that one statement names."""


def visible(ctx: Context) -> Select[Opening]:
    """Openings this person may see."""
    statement = select(Opening).execution_options(populate_existing=True)
    return permissions.visible(ctx, verbs.READ, statement, pilot=Opening.pilot_id, city=Opening.city)


def get(ctx: Context, opening_id: uuid.UUID, *, lock: bool = False) -> Opening:
    """One opening, or NotFound; locked, the acts on it follow one another."""
    statement = visible(ctx).where(Opening.id == opening_id)
    row = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound("opening")
    return row


def listed(
    ctx: Context,
    *,
    state: OpeningState | None = None,
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
    words: str = "",
    order: Sequence[paging.Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Opening]:
    """A page of openings, newest first; `words` is a number."""
    statement = visible(ctx)
    for column, value in ((Opening.state, state), (Opening.pilot_id, pilot_id), (Opening.city, city)):
        if value is not None:
            statement = statement.where(column == value)
    if words:
        statement = statement.where(Opening.number == words.upper())
    return paging.fetch(ctx.session, statement, order, limit=limit, cursor=cursor)


def counts(ctx: Context) -> dict[OpeningState, int]:
    """How many openings within reach stand in each state."""
    statement = visible(ctx).with_only_columns(Opening.state, func.count()).group_by(Opening.state)
    return {state: number for state, number in ctx.session.execute(statement)}


def to_release(ctx: Context) -> int:
    """How many wait for another person than the one who prepared them."""
    mine = visible(ctx).where(Opening.state == OpeningState.SUBMITTED, Opening.maker_id != ctx.who.person_id)
    return ctx.session.scalar(select(func.count()).select_from(mine.subquery())) or 0


def to_correct(ctx: Context) -> int:
    """How many of this person's own were sent back."""
    mine = visible(ctx).where(Opening.state == OpeningState.RETURNED, Opening.maker_id == ctx.who.person_id)
    return ctx.session.scalar(select(func.count()).select_from(mine.subquery())) or 0


def rows(
    ctx: Context,
    opening_id: uuid.UUID,
    *,
    kind: Kind | None = None,
    category: str | None = None,
    words: str = "",
    order: Sequence[paging.Key] = BY_NUMBER,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[OpeningRow]:
    """A page of an opening's rows as the sheet had them; `words` is a contract or the code of a firm."""
    opening = get(ctx, opening_id)
    statement = select(OpeningRow).where(OpeningRow.opening_id == opening.id)
    if kind is not None:
        statement = statement.where(OpeningRow.kind == kind.value)
    if category:
        statement = statement.where(OpeningRow.category == category)
    if words:
        asked = folded(words)
        statement = statement.where(
            (OpeningRow.contract_key == asked)
            | (OpeningRow.enterprise_key == asked)
            | (OpeningRow.provider == words.strip().upper())
        )
    return paging.fetch(ctx.session, statement, order, limit=limit, cursor=cursor)


def engine_rows(ctx: Context, opening_id: uuid.UUID) -> list[Row]:
    """All rows of an opening as the engine takes them; the caller has authorised it."""
    wanted = (
        OpeningRow.number,
        OpeningRow.day,
        OpeningRow.kind,
        OpeningRow.amount,
        OpeningRow.category,
        OpeningRow.enterprise,
        OpeningRow.provider,
        OpeningRow.contract,
        OpeningRow.invoices,
        OpeningRow.invoice_lost,
        OpeningRow.other_support,
        OpeningRow.key_link,
        OpeningRow.rank,
        OpeningRow.accepted,
        OpeningRow.total,
    )
    found = ctx.session.execute(select(*wanted).where(OpeningRow.opening_id == opening_id).order_by(OpeningRow.number))
    return [
        Row(
            number=row.number,
            day=row.day,
            kind=Kind(row.kind),
            amount=row.amount,
            category=row.category,
            enterprise=row.enterprise,
            provider=row.provider,
            contract=row.contract,
            invoices=tuple(row.invoices.split("、")) if row.invoices else (),
            invoice_lost=row.invoice_lost,
            other_support=row.other_support,
            key_link=row.key_link,
            level=row.rank,
            accepted=row.accepted,
            total=row.total,
        )
        for row in found
    ]


def same_rows(ctx: Context, pilot_id: uuid.UUID, digest: str) -> Opening | None:
    """The opening of a pilot that says the same, unless it was withdrawn; the caller has authorised the pilot."""
    statement = select(Opening).where(
        Opening.pilot_id == pilot_id, Opening.rows_sha256 == digest, Opening.state != OpeningState.WITHDRAWN
    )
    return ctx.session.scalars(statement).one_or_none()


def organisations(ctx: Context, codes: Collection[str]) -> dict[str, uuid.UUID]:
    """Organisations of the platform by their codes, folded, a few hundred per statement."""
    wanted = sorted({code.upper() for code in codes if code})
    found: dict[str, uuid.UUID] = {}
    for start in range(0, len(wanted), FEW):
        statement = select(Organisation.uscc, Organisation.id).where(Organisation.uscc.in_(wanted[start : start + FEW]))
        found |= {folded(code): organisation_id for code, organisation_id in ctx.session.execute(statement)}
    return found


def balances(ctx: Context, opening_id: uuid.UUID) -> dict[str, tuple[int, int, int, int]]:
    """By category of a released opening: contracts, arranged, paid and refunded (fen); the caller has authorised it."""
    statement = (
        select(
            OpeningBalance.category,
            func.count(),
            func.sum(OpeningBalance.arranged),
            func.sum(OpeningBalance.paid),
            func.sum(OpeningBalance.refunded),
        )
        .where(OpeningBalance.opening_id == opening_id)
        .group_by(OpeningBalance.category)
    )
    return {category: (n, int(a), int(p), int(r)) for category, n, a, p, r in ctx.session.execute(statement)}
