"""Looking up members."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import Select, func, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.permissions import visible as narrow
from marketplace.people.organisations import queries as organisations
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import OrganisationState
from marketplace.pilots.members import rules
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.permissions import READ
from marketplace.pilots.members.states import MemberState
from marketplace.pilots.programmes import queries as pilots
from marketplace.policy.engine.verdict import Check


def visible(ctx: Context) -> Select[Member]:
    """Members this person may see: an enterprise its own rows, officers those of their place."""
    return narrow(ctx, READ, select(Member), own=[Member.enterprise_id], pilot=Member.pilot_id, city=Member.city)


def search(
    ctx: Context,
    *,
    pilot_id: uuid.UUID | None = None,
    state: MemberState | None = None,
    key_link: bool | None = None,
    words: str = "",
) -> Select[Member]:
    """The same, narrowed by pilot, state, key link, and by a part of the enterprise's name or its credit code."""
    wanted = [(Member.pilot_id, pilot_id), (Member.state, state), (Member.key_link, key_link)]
    statement = visible(ctx).where(*(column == value for column, value in wanted if value is not None))
    if words.strip():
        named = Organisation.name.contains(words.strip(), autoescape=True) | (
            Organisation.uscc == words.strip().upper()
        )
        statement = statement.where(Member.enterprise_id.in_(select(Organisation.id).where(named)))
    return statement


def get(ctx: Context, member_id: uuid.UUID, *, lock: bool = False) -> Member:
    """One member this person may see; 404 otherwise."""
    statement = select(Member) if ctx.system and ctx.actor is None else visible(ctx)
    statement = statement.where(Member.id == member_id)
    member = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if member is None:
        raise NotFound("member")
    return member


def live(ctx: Context, enterprise_id: uuid.UUID, pilot_id: uuid.UUID) -> Member | None:
    """The confirmed membership of an enterprise in a pilot, or None; asks nothing."""
    return ctx.session.scalars(
        select(Member).where(
            Member.enterprise_id == enterprise_id, Member.pilot_id == pilot_id, Member.state == MemberState.CONFIRMED
        )
    ).one_or_none()


def live_among(
    ctx: Context, pilot_ids: Iterable[uuid.UUID], enterprise_ids: Iterable[uuid.UUID]
) -> set[tuple[uuid.UUID, uuid.UUID]]:
    """Which of some enterprises are confirmed members of which of some pilots: (pilot, enterprise); asks nothing."""
    rows = ctx.session.execute(
        select(Member.pilot_id, Member.enterprise_id).where(
            Member.pilot_id.in_(set(pilot_ids)),
            Member.enterprise_id.in_(set(enterprise_ids)),
            Member.state == MemberState.CONFIRMED,
        )
    )
    return {(pilot_id, enterprise_id) for pilot_id, enterprise_id in rows}


def require_live(ctx: Context, enterprise_id: uuid.UUID, pilot_id: uuid.UUID) -> Member:
    """The confirmed membership; refuses `member.not_in_pilot` (二(一)) and `member.outside_focus` (三(二))."""
    pilot = pilots.read(ctx, pilot_id)
    name = organisations.by_id(ctx, enterprise_id).name
    return rules.check_live(pilots.book(ctx, pilot_id), pilot, name, live(ctx, enterprise_id, pilot_id))


def enterprises(ctx: Context, pilot_id: uuid.UUID, *, limit: int = 500) -> list[Member]:
    """The confirmed members of a pilot by urgency, for a choice on a form; the caller has authorised the pilot."""
    statement = select(Member).where(Member.pilot_id == pilot_id, Member.state == MemberState.CONFIRMED)
    return list(ctx.session.scalars(statement.order_by(Member.urgency, Member.created_at, Member.id).limit(limit)))


def in_need(ctx: Context, pilot_id: uuid.UUID) -> list[uuid.UUID]:
    """The enterprises that may be helped: confirmed, on the pilot's list and within its focus, by urgency (二(一)).

    The caller has authorised the pilot.
    """
    pilot = pilots.read(ctx, pilot_id)
    book = pilots.book(ctx, pilot_id)
    rows = ctx.session.execute(
        select(Member, Organisation.name)
        .join(Organisation, Organisation.id == Member.enterprise_id)
        .where(
            Member.pilot_id == pilot_id,
            Member.state == MemberState.CONFIRMED,
            Organisation.state == OrganisationState.CONFIRMED,
        )
        .order_by(Member.urgency, Member.created_at, Member.id)
    )
    return [member.enterprise_id for member, name in rows if rules.within_focus(book, pilot, name, member)]


def of_enterprise(ctx: Context, enterprise_id: uuid.UUID) -> list[Member]:
    """The memberships of an enterprise within reach, newest first."""
    statement = visible(ctx).where(Member.enterprise_id == enterprise_id)
    return list(ctx.session.scalars(statement.order_by(Member.created_at.desc(), Member.id.desc())))


def standing_among(ctx: Context, programme_id: uuid.UUID, enterprise_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Which of the enterprises have a live membership in a programme; asks nothing."""
    wanted = select(Member.enterprise_id).where(
        Member.programme_id == programme_id,
        Member.enterprise_id.in_(set(enterprise_ids)),
        Member.state != MemberState.WITHDRAWN,
    )
    return set(ctx.session.scalars(wanted))


def counts(ctx: Context, pilot_id: uuid.UUID) -> tuple[int, int]:
    """How many enterprises a pilot has selected (confirmed), and how many of them are key links."""
    rows = ctx.session.execute(
        select(Member.key_link, func.count())
        .where(Member.pilot_id == pilot_id, Member.state == MemberState.CONFIRMED)
        .group_by(Member.key_link)
    )
    found = {bool(key_link): count for key_link, count in rows}
    return sum(found.values()), found.get(True, 0)


def key_link_check(ctx: Context, pilot_id: uuid.UUID) -> Check | None:
    """The share of key links among the selected as the engine judges it, with clause and arithmetic (二(一))."""
    selected, key_link = counts(ctx, pilot_id)
    return rules.key_link_check(
        pilots.book(ctx, pilot_id), pilots.judged(ctx, pilot_id), selected=selected, key_link=key_link
    )


def waiting(ctx: Context) -> list[tuple[uuid.UUID, int]]:
    """Pilots within reach with nominations that wait for confirmation: (pilot, how many)."""
    inner = visible(ctx).where(Member.state == MemberState.NOMINATED).subquery()
    rows = ctx.session.execute(select(inner.c.pilot_id, func.count()).group_by(inner.c.pilot_id))
    return [(pilot_id, count) for pilot_id, count in rows]
