"""Measures, for the provider they concern, the officers of the place, and auditors."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select

from marketplace.base.context import Context
from marketplace.base.ids import normal_number
from marketplace.base.paging import Key, Page, fetch
from marketplace.base.permissions import reach
from marketplace.base.permissions import visible as narrow
from marketplace.people.organisations.models import Organisation
from marketplace.shop.roster.models import RosterEntry
from marketplace.shop.roster.queries import Listed, industries_of
from marketplace.shop.roster.states import RosterState, ServiceClass
from providers.standing import permissions
from providers.standing.models import StandingMeasure

NEWEST = [Key(RosterEntry.valid_from, True), Key(RosterEntry.id, True)]
ENDING = [Key(RosterEntry.valid_until), Key(RosterEntry.id)]


def visible(ctx: Context) -> Select[StandingMeasure]:
    """Measures this person may read."""
    return narrow(
        ctx,
        permissions.READ,
        select(StandingMeasure),
        own=[StandingMeasure.provider_id],
        city=StandingMeasure.city,
    )


def of_entry(ctx: Context, entry_id: uuid.UUID) -> list[StandingMeasure]:
    """The measures of an entry, the latest first."""
    statement = visible(ctx).where(StandingMeasure.entry_id == entry_id)
    return list(ctx.session.scalars(statement.order_by(StandingMeasure.id.desc())))


def entries(
    ctx: Context,
    *,
    state: RosterState | None = None,
    klass: ServiceClass | None = None,
    city: str | None = None,
    words: str | None = None,
    until: date | None = None,
    order: Sequence[Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Any]:
    """Entries of the list within this person's reach; `until` is the latest end of the term that is wanted."""
    condition: Any = reach(ctx, permissions.READ, own=[RosterEntry.provider_id], city=RosterEntry.city)
    statement = (
        select(RosterEntry, Organisation.name, Organisation.uscc)
        .join(Organisation, Organisation.id == RosterEntry.provider_id)
        .where(condition)
    )
    for column, value in ((RosterEntry.state, state), (RosterEntry.klass, klass), (RosterEntry.city, city)):
        if value:
            statement = statement.where(column == value)
    if words:
        bare = normal_number(words)
        named = Organisation.name.contains(words, autoescape=True)
        statement = statement.where(or_(named, RosterEntry.certificate_number == bare) if bare else named)
    if until is not None:
        statement = statement.where(RosterEntry.valid_until <= until)
    page = fetch(ctx.session, statement, order, limit=limit, cursor=cursor)
    trades = industries_of(ctx, [row[0].id for row in page.items])
    page.items = [Listed(entry, name, uscc, trades.get(entry.id, [])) for entry, name, uscc in page.items]
    return page


def rectifications_due(ctx: Context) -> list[RosterEntry]:
    """Entries whose rectification period is over, for the officers who must look."""
    condition: Any = reach(ctx, permissions.MEASURE, own=[], city=RosterEntry.city)
    return list(
        ctx.session.scalars(
            select(RosterEntry)
            .where(condition, RosterEntry.state == RosterState.RECTIFYING, RosterEntry.rectify_by < ctx.today)
            .order_by(RosterEntry.rectify_by)
            .limit(20)
        )
    )
