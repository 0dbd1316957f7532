"""Measures, for the provider they concern, the officers of the place, and auditors."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Select, select

from marketplace.base.context import Context
from marketplace.base.permissions import reach
from marketplace.base.permissions import visible as narrow
from marketplace.people.organisations.models import Organisation
from marketplace.shop.roster.models import RosterEntry
from marketplace.shop.roster.queries import Listed, industries_of
from marketplace.shop.roster.states import LIVE, RosterState
from providers.standing import permissions
from providers.standing.models import StandingMeasure


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


def entries(ctx: Context) -> list[Listed]:
    """Entries of the list within this person's reach, standing ones first, for the working page."""
    condition: Any = reach(ctx, permissions.READ, own=[RosterEntry.provider_id], city=RosterEntry.city)
    rows = ctx.session.execute(
        select(RosterEntry, Organisation.name, Organisation.uscc)
        .join(Organisation, Organisation.id == RosterEntry.provider_id)
        .where(condition)
        .order_by(RosterEntry.state.in_(LIVE).desc(), RosterEntry.valid_from.desc(), RosterEntry.id.desc())
        .limit(200)
    ).all()
    trades = industries_of(ctx, [row[0].id for row in rows])
    return [Listed(entry, name, uscc, trades.get(entry.id, [])) for entry, name, uscc in rows]


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
