"""A published call is public; a draft is for the officers of its place."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, or_, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.paging import Key, Page, fetch
from marketplace.base.permissions import visible as narrow
from providers.calls import permissions
from providers.calls.models import Call
from providers.calls.states import PUBLIC, CallState

NEWEST = [Key(Call.opens_on, True), Key(Call.id, True)]
OLDEST = [Key(Call.opens_on), Key(Call.id)]


def visible(ctx: Context) -> Select[Call]:
    """Published calls for everybody, drafts for their officers."""
    return narrow(ctx, permissions.READ, select(Call), city=Call.city, public=Call.published_at.is_not(None))


def get(ctx: Context, call_id: uuid.UUID, *, lock: bool = False) -> Call:
    """One call; a foreign draft is not found."""
    statement = visible(ctx).where(Call.id == call_id)
    if ctx.system and ctx.actor is None:
        statement = select(Call).where(Call.id == call_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    call = ctx.session.scalars(statement).one_or_none()
    if call is None:
        raise NotFound("call")
    return call


def search(
    ctx: Context,
    *,
    city: str | None = None,
    state: CallState | None = None,
    open_now: bool = False,
    words: str | None = None,
    since: date | None = None,
    until: date | None = None,
    order: Sequence[Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Call]:
    """Calls, the newest first; `since` and `until` bound their first day."""
    statement = visible(ctx)
    if words:
        statement = statement.where(_named(words))
    if since is not None:
        statement = statement.where(Call.opens_on >= since)
    if until is not None:
        statement = statement.where(Call.opens_on <= until)
    if city:
        statement = statement.where(Call.city == city)
    if state is not None:
        statement = statement.where(Call.state == state)
    if open_now:
        statement = statement.where(
            Call.state == CallState.OPEN, Call.opens_on <= ctx.today, Call.closes_on >= ctx.today
        )
    return fetch(ctx.session, statement, order, limit=limit, cursor=cursor)


def _named(words: str) -> ColumnElement[bool]:
    return or_(Call.title.contains(words, autoescape=True), Call.number.contains(words, autoescape=True))


def many(ctx: Context, call_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Call]:
    """Several published calls at once."""
    rows = ctx.session.scalars(select(Call).where(Call.id.in_(set(call_ids)), Call.state.in_(PUBLIC)))
    return {call.id: call for call in rows}


def overdue(ctx: Context) -> list[Call]:
    """Published calls whose last day has passed, locked, for the job that closes them."""
    return list(
        ctx.session.scalars(
            select(Call).where(Call.state == CallState.OPEN, Call.closes_on < ctx.today).with_for_update()
        )
    )


def of_officer(ctx: Context, states: Iterable[CallState]) -> list[Call]:
    """Calls that this officer manages and that stand in one of the states."""
    statement = narrow(ctx, permissions.MANAGE, select(Call), city=Call.city)
    return list(ctx.session.scalars(statement.where(Call.state.in_(list(states))).order_by(Call.closes_on).limit(20)))


def find(ctx: Context, words: str) -> list[Call]:
    """A few calls whose title or number holds the words."""
    return list(ctx.session.scalars(visible(ctx).where(_named(words)).order_by(Call.opens_on.desc()).limit(10)))
