"""Reading the list. All of it is public; nothing here narrows by person."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.ids import normal_number
from marketplace.base.paging import Key, Page, fetch
from marketplace.base.text import N_
from marketplace.people.organisations.models import Organisation
from marketplace.shop.roster.models import RosterEntry, RosterIndustry
from marketplace.shop.roster.states import LIVE, ORDERABLE, RosterState, ServiceClass

CLAUSE = "二(四)"


@dataclass(frozen=True)
class Listed:
    """An entry with what a reader wants to see beside it."""

    entry: RosterEntry
    name: str
    uscc: str
    industries: list[str] = field(default_factory=list)


def require_active(ctx: Context, provider_id: uuid.UUID, city: str, klass: ServiceClass | None = None) -> RosterEntry:
    """The entry under which a provider may take something new in a city today.

    Refuses `provider.suspended` when any of its standing entries there is suspended, and `provider.not_on_roster`
    when it has none whose term holds today (二(四)).
    """
    entries = ctx.session.scalars(
        select(RosterEntry)
        .where(RosterEntry.provider_id == provider_id, RosterEntry.city == city, RosterEntry.state.in_(LIVE))
        .order_by(RosterEntry.valid_until.desc(), RosterEntry.id)
    ).all()
    held = [e for e in entries if e.valid_from <= ctx.today <= e.valid_until]
    if any(e.state is RosterState.SUSPENDED for e in held):
        raise Refusal(
            "provider.suspended", N_("该服务商已被暂停，只能完成已在进行的项目，不能承接新业务。"), clause=CLAUSE
        )
    for entry in held:
        if entry.state in ORDERABLE and (klass is None or entry.klass is klass):
            return entry
    raise Refusal(
        "provider.not_on_roster", N_("该服务商不在本市公开遴选的服务商名录内，或名录有效期已过。"), clause=CLAUSE
    )


def lock(ctx: Context, entry_id: uuid.UUID) -> RosterEntry:
    """The entry, held until the end of the act."""
    entry = ctx.session.get(RosterEntry, entry_id, with_for_update=True, populate_existing=True)
    if entry is None:
        raise NotFound("roster_entry")
    return entry


def get(ctx: Context, entry_id: uuid.UUID) -> Listed:
    """One entry of the public list."""
    return _one(ctx, RosterEntry.id == entry_id)


def by_certificate(ctx: Context, number: str) -> Listed:
    """The entry of a certificate, as typed from paper; not found when the check symbol does not fit."""
    bare = normal_number(number)
    if bare is None:
        raise NotFound("certificate")
    return _one(ctx, RosterEntry.certificate_number == bare)


def standing_of(ctx: Context, provider_id: uuid.UUID) -> list[RosterEntry]:
    """All entries of a provider, the latest first."""
    return list(
        ctx.session.scalars(
            select(RosterEntry)
            .where(RosterEntry.provider_id == provider_id)
            .order_by(RosterEntry.valid_from.desc(), RosterEntry.id.desc())
        )
    )


def search(
    ctx: Context,
    *,
    name: str | None = None,
    klass: ServiceClass | None = None,
    industry: str | None = None,
    city: str | None = None,
    state: RosterState | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Any]:
    """The public list, the newest first; without `state` only entries that stand and whose term holds today."""
    statement = select(RosterEntry, Organisation.name, Organisation.uscc).join(
        Organisation, Organisation.id == RosterEntry.provider_id
    )
    if state is None:
        statement = statement.where(RosterEntry.state.in_(LIVE), RosterEntry.valid_until >= ctx.today)
    else:
        statement = statement.where(RosterEntry.state == state)
    if name:
        statement = statement.where(Organisation.name.contains(name, autoescape=True))
    if klass:
        statement = statement.where(RosterEntry.klass == klass)
    if city:
        statement = statement.where(RosterEntry.city == city)
    if industry:
        matching = select(RosterIndustry.entry_id).where(RosterIndustry.industry == industry)
        statement = statement.where(RosterEntry.id.in_(matching))
    keys = [Key(RosterEntry.valid_from, True), Key(RosterEntry.id, True)]
    page = fetch(ctx.session, statement, keys, limit=limit, cursor=cursor)
    industries = industries_of(ctx, [row[0].id for row in page.items])
    page.items = [Listed(entry, title, uscc, industries.get(entry.id, [])) for entry, title, uscc in page.items]
    return page


def industries_of(ctx: Context, entry_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, list[str]]:
    """The industries of several entries in one query."""
    found: dict[uuid.UUID, list[str]] = {}
    rows = ctx.session.execute(
        select(RosterIndustry.entry_id, RosterIndustry.industry)
        .where(RosterIndustry.entry_id.in_(list(entry_ids)))
        .order_by(RosterIndustry.industry)
    )
    for entry_id, industry in rows:
        found.setdefault(entry_id, []).append(industry)
    return found


def _one(ctx: Context, condition: Any) -> Listed:
    row = ctx.session.execute(
        select(RosterEntry, Organisation.name, Organisation.uscc)
        .join(Organisation, Organisation.id == RosterEntry.provider_id)
        .where(condition)
    ).one_or_none()
    if row is None:
        raise NotFound("roster_entry")
    entry, name, uscc = row
    return Listed(entry, name, uscc, list(industries_of(ctx, [entry.id]).get(entry.id, [])))
