"""Writing the list: called by the selection, which says on what grounds. Each verb announces what it did."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.ids import random_number
from marketplace.base.permissions import Scope
from marketplace.base.text import N_
from marketplace.record.audit import actions as audit
from marketplace.shop.roster import permissions, queries
from marketplace.shop.roster.events import ProviderListed, ProviderReinstated, ProviderRemoved, ProviderSuspended
from marketplace.shop.roster.models import RosterEntry, RosterIndustry
from marketplace.shop.roster.states import LIFECYCLE, LIVE, RosterState, ServiceClass


def enter(
    ctx: Context,
    *,
    provider_id: uuid.UUID,
    city: str,
    klass: ServiceClass,
    industries: Sequence[str],
    call_id: uuid.UUID,
    application_id: uuid.UUID,
    valid_until: date,
) -> RosterEntry:
    """Put a provider on a city's list from today, with a certificate number.

    An entry of the same class that still stands is ended: the new one takes its place. Not while that one is
    suspended (`roster.suspended`), because a new selection must not undo a measure.
    """
    ctx.require(permissions.KEEP, Scope.of(provider_id, city=city))
    before = ctx.session.scalars(
        select(RosterEntry)
        .where(
            RosterEntry.provider_id == provider_id,
            RosterEntry.city == city,
            RosterEntry.klass == klass,
            RosterEntry.state.in_(LIVE),
        )
        .with_for_update()
    ).one_or_none()
    if before is not None:
        if before.state is RosterState.SUSPENDED:
            raise Refusal(
                "roster.suspended", N_("该服务商在同一类别中被暂停，解除后才能重新入库。"), clause=queries.CLAUSE
            )
        _end(ctx, before)
    entry = ctx.add(
        RosterEntry(
            provider_id=provider_id,
            city=city,
            klass=klass,
            call_id=call_id,
            application_id=application_id,
            certificate_number=random_number(),
            valid_from=ctx.today,
            valid_until=valid_until,
            state=RosterState.ACTIVE,
            state_since=ctx.today,
        )
    )
    ctx.session.flush()
    ctx.session.add_all([RosterIndustry(entry_id=entry.id, industry=code) for code in sorted(set(industries))])
    ctx.session.flush()
    audit.record(ctx, "roster.entered", entry, provider_id=provider_id, until=valid_until)
    ctx.announce(ProviderListed(entry.id, provider_id, city, klass, entry.certificate_number))
    return entry


def warn(ctx: Context, entry_id: uuid.UUID, reason: str, clause: str) -> RosterEntry:
    """Warn a provider; it keeps taking orders."""
    return _measure(ctx, entry_id, "warn", reason, clause)


def rectify(ctx: Context, entry_id: uuid.UUID, reason: str, clause: str, by: date) -> RosterEntry:
    """Ask for rectification by a day; it keeps taking orders meanwhile."""
    if by <= ctx.today:
        raise Refusal("roster.rectify_by", N_("整改期限应晚于今天。"), clause=clause, field="by")
    return _measure(ctx, entry_id, "rectify", reason, clause, by)


def suspend(ctx: Context, entry_id: uuid.UUID, reason: str, clause: str) -> RosterEntry:
    """Suspend a provider in the city: it finishes what runs and takes nothing new."""
    entry = _measure(ctx, entry_id, "suspend", reason, clause)
    ctx.announce(ProviderSuspended(entry.id, entry.provider_id, entry.city, reason.strip()))
    return entry


def lift(ctx: Context, entry_id: uuid.UUID, reason: str, clause: str) -> RosterEntry:
    """Take a warning, rectification or suspension back."""
    suspended = queries.lock(ctx, entry_id).state is RosterState.SUSPENDED
    entry = _measure(ctx, entry_id, "lift", reason, clause)
    if suspended:
        ctx.announce(ProviderReinstated(entry.id, entry.provider_id, entry.city))
    return entry


def remove(ctx: Context, entry_id: uuid.UUID, reason: str, clause: str) -> RosterEntry:
    """Take a provider off the list before its term ends."""
    entry = _measure(ctx, entry_id, "remove", reason, clause)
    ctx.announce(ProviderRemoved(entry.id, entry.provider_id, entry.city, reason.strip()))
    return entry


def _measure(
    ctx: Context, entry_id: uuid.UUID, verb: str, reason: str, clause: str, by: date | None = None
) -> RosterEntry:
    entry = queries.lock(ctx, entry_id)
    ctx.require(permissions.KEEP, entry)
    if not reason.strip() or not clause.strip():
        raise Refusal("roster.reason_missing", N_("请写明理由和所依据的条款。"), clause=queries.CLAUSE, field="reason")
    LIFECYCLE.move(entry, verb)
    plain = entry.state is RosterState.ACTIVE
    entry.state_since = ctx.today
    entry.state_reason = None if plain else reason.strip()
    entry.state_clause = None if plain else clause.strip()
    entry.rectify_by = by
    ctx.session.flush()
    audit.record(ctx, f"roster.{verb}", entry, clause=clause.strip(), by=by)
    return entry


def end_expired(ctx: Context) -> str:
    """End every entry whose term is over. Job `roster.expire`."""
    entries = ctx.session.scalars(
        select(RosterEntry).where(RosterEntry.state.in_(LIVE), RosterEntry.valid_until < ctx.today).with_for_update()
    ).all()
    for entry in entries:
        _end(ctx, entry)
    return f"{len(entries)} ended" if entries else ""


def _end(ctx: Context, entry: RosterEntry) -> None:
    LIFECYCLE.move(entry, "end")
    entry.state_since = ctx.today
    entry.rectify_by = None
    ctx.session.flush()
    audit.record(ctx, "roster.ended", entry)
