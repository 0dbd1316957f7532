"""Reading judgements."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.shop.acceptance import permissions as verbs
from marketplace.shop.acceptance.models import Acceptance
from marketplace.shop.acceptance.states import Result
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import OrderState

NEWEST = (paging.Key(Acceptance.created_at, True), paging.Key(Acceptance.id, True))
OLDEST = (paging.Key(Acceptance.created_at), paging.Key(Acceptance.id))


def visible(ctx: Context) -> Select[Acceptance]:
    """Judgements this person may see."""
    return permissions.visible(
        ctx,
        verbs.READ,
        select(Acceptance),
        own=[Acceptance.enterprise_id, Acceptance.provider_id],
        pilot=Acceptance.pilot_id,
        city=Acceptance.city,
    )


def get(ctx: Context, acceptance_id: uuid.UUID) -> Acceptance:
    """One judgement, or NotFound."""
    row = ctx.session.scalars(visible(ctx).where(Acceptance.id == acceptance_id)).one_or_none()
    if row is None:
        raise NotFound("acceptance")
    return row


def of_order(ctx: Context, order_id: uuid.UUID) -> Sequence[Acceptance]:
    """The judgements of one order, latest first; the caller has authorised the order."""
    return ctx.session.scalars(
        select(Acceptance).where(Acceptance.order_id == order_id).order_by(Acceptance.round.desc())
    ).all()


def waiting_order(ctx: Context, order_id: uuid.UUID) -> Order:
    """One order that this person may judge, or NotFound."""
    statement = permissions.visible(ctx, verbs.JUDGE, select(Order), city=Order.city)
    row = ctx.session.scalars(statement.where(Order.id == order_id)).one_or_none()
    if row is None:
        raise NotFound("order")
    return row


def orders_of(ctx: Context, rows: Sequence[Acceptance]) -> dict[uuid.UUID, Order]:
    """The orders of several judgements at once, by id; the caller has authorised the judgements."""
    wanted = {row.order_id for row in rows}
    return {o.id: o for o in ctx.session.scalars(select(Order).where(Order.id.in_(wanted)))} if wanted else {}


def how_many_wait(ctx: Context) -> int:
    """How many orders wait for this person's judgement."""
    return ctx.session.scalar(select(func.count()).select_from(_waiting(ctx).subquery())) or 0


def passed(ctx: Context, order_id: uuid.UUID) -> Acceptance | None:
    """The judgement that passed an order's renovation, if there is one."""
    return ctx.session.scalars(
        select(Acceptance).where(Acceptance.order_id == order_id, Acceptance.result == Result.PASSED)
    ).one_or_none()


def listed(
    ctx: Context,
    *,
    result: Result | None = None,
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
    order_id: uuid.UUID | None = None,
    words: str = "",
    since: date | None = None,
    until: date | None = None,
    order: Sequence[paging.Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Acceptance]:
    """A page of judgements, newest first; `words` are of the order, the days those on which it was judged."""
    wanted = [
        (Acceptance.result, result),
        (Acceptance.pilot_id, pilot_id),
        (Acceptance.city, city),
        (Acceptance.order_id, order_id),
    ]
    statement = visible(ctx).where(*(column == value for column, value in wanted if value is not None))
    if words:
        statement = statement.where(Acceptance.order_id.in_(orders.named(select(Order.id), words)))
    if since is not None:
        statement = statement.where(Acceptance.accepted_on >= since)
    if until is not None:
        statement = statement.where(Acceptance.accepted_on <= until)
    return paging.fetch(ctx.session, statement, order, limit=limit, cursor=cursor)


def waiting(
    ctx: Context, *, words: str = "", pilot_id: uuid.UUID | None = None, limit: int = 50, cursor: str | None = None
) -> paging.Page[Order]:
    """Orders whose delivery is confirmed and whose renovation nobody has passed or failed for good, oldest first."""
    statement = orders.named(_waiting(ctx), words)
    if pilot_id is not None:
        statement = statement.where(Order.pilot_id == pilot_id)
    keys = (paging.Key(Order.confirmed_at), paging.Key(Order.id))
    return paging.fetch(ctx.session, statement, keys, limit=limit, cursor=cursor)


def _waiting(ctx: Context) -> Select[Order]:
    judged = select(Acceptance.order_id).where(Acceptance.result != Result.RECTIFY)
    return permissions.visible(ctx, verbs.JUDGE, select(Order), city=Order.city).where(
        Order.state == OrderState.CONFIRMED, Order.id.not_in(judged)
    )
