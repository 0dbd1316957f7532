"""Looking persons and their assignments up."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from marketplace.base import permissions as ground
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.roles import Role
from marketplace.people.accounts import permissions
from marketplace.people.accounts.loaders import holds
from marketplace.people.accounts.models import ApiToken, Assignment, Invitation, Person, WebSession
from marketplace.people.accounts.states import InvitationState, PersonState
from marketplace.people.organisations.models import Organisation


def me(ctx: Context) -> Person:
    """The acting person's own row."""
    person = ctx.session.get(Person, ctx.who.person_id)
    if person is None:
        raise NotFound("person")
    return person


def by_phone(ctx: Context, phone: str) -> Person | None:
    """A person by phone number, in normal form. For acts and commands; never answer a visitor with it."""
    return ctx.session.scalars(select(Person).where(Person.phone == phone)).one_or_none()


def by_login(ctx: Context, login: str) -> Person | None:
    """A person by what she types to sign in: phone number or e-mail address, in normal form."""
    column = Person.email if "@" in login else Person.phone
    return ctx.session.scalars(select(Person).where(column == login)).one_or_none()


def names(ctx: Context, person_ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """Names of several persons at once, for timelines and histories that were authorised already."""
    wanted = {p for p in person_ids if p}
    if not wanted:
        return {}
    rows = ctx.session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {key: name for key, name in rows}


def named(words: str) -> Select[Any]:
    """The persons with these words in their names; for who may read names already."""
    return select(Person.id).where(Person.name.contains(words, autoescape=True))


def elsewhere(region: str) -> Select[Any]:
    """The assignments that lie outside of a city or province; those that name no place lie nowhere."""
    here = Assignment.city.like(region[:2] + "%") if region.endswith("0000") else Assignment.city == region
    return select(Assignment.id).where(Assignment.city.is_not(None), ~here)


def persons_of(
    ctx: Context,
    *,
    organisation_id: uuid.UUID | None = None,
    pilot_id: uuid.UUID | None = None,
    role: Role | None = None,
    region: str | None = None,
) -> list[Person]:
    """Everybody with a live assignment that fits all the given marks: whom to tell. Nobody when none is given."""
    marks = _marks(organisation_id, pilot_id, role, region)
    if not marks:
        return []
    members = select(Assignment.person_id).where(holds(ctx.now), *marks)
    return list(
        ctx.session.scalars(
            select(Person).where(Person.id.in_(members), Person.state == PersonState.ACTIVE).order_by(Person.id)
        )
    )


def _marks(
    organisation_id: uuid.UUID | None, pilot_id: uuid.UUID | None, role: Role | None, region: str | None
) -> list[ColumnElement[bool]]:
    given = (
        (Assignment.organisation_id, organisation_id),
        (Assignment.pilot_id, pilot_id),
        (Assignment.role, role),
        (Assignment.region, region),
    )
    return [column == value for column, value in given if value is not None]


def own_assignments(ctx: Context) -> list[tuple[Assignment, str]]:
    """The acting person's live assignments, each with the name of its organisation (or nothing)."""
    rows = ctx.session.execute(
        select(Assignment, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Assignment.person_id == ctx.who.person_id, holds(ctx.now))
        .order_by(Assignment.created_at, Assignment.id)
    )
    return [(assignment, name or "") for assignment, name in rows]


def live_assignments(ctx: Context, person_id: uuid.UUID) -> list[Assignment]:
    """What a person may act as now, oldest first."""
    return list(
        ctx.session.scalars(
            select(Assignment)
            .where(Assignment.person_id == person_id, holds(ctx.now))
            .order_by(Assignment.created_at, Assignment.id)
        )
    )


def visible(ctx: Context) -> Select[Any]:
    """Live assignments in the reach of whoever looks, with person and organisation: (Assignment, Person, name)."""
    statement: Any = (
        select(Assignment, Person, Organisation.name)
        .join(Person, Person.id == Assignment.person_id)
        .outerjoin(Organisation, Organisation.id == Assignment.organisation_id)
        .where(holds(ctx.now))
    )
    return ground.visible(
        ctx,
        permissions.READ,
        statement,
        own=[Assignment.organisation_id],
        pilot=Assignment.pilot_id,
        city=Assignment.city,
    )


def search(ctx: Context, *, role: Role | None = None, words: str = "") -> Select[Any]:
    """The same list, narrowed by role and by the beginning of a name or phone number."""
    statement = visible(ctx)
    if role is not None:
        statement = statement.where(Assignment.role == role)
    if words:
        statement = statement.where(or_(Person.name.startswith(words, autoescape=True), Person.phone == words))
    return statement


def assignment(ctx: Context, assignment_id: uuid.UUID) -> Assignment:
    """One live assignment within reach, or one's own."""
    statement = select(Assignment).where(Assignment.id == assignment_id, holds(ctx.now))
    within = ground.reach(
        ctx,
        permissions.READ,
        own=[Assignment.organisation_id],
        pilot=Assignment.pilot_id,
        city=Assignment.city,
    )
    found = ctx.session.scalars(statement.where(or_(within, Assignment.person_id == ctx.who.person_id))).one_or_none()
    if found is None:
        raise NotFound("assignment")
    return found


def colleagues(ctx: Context) -> list[tuple[uuid.UUID, str]]:
    """(id, name) of other persons at the place of the acting assignment: who may stand in."""
    who = ctx.who
    if who.organisation_id is None and who.pilot_id is None and who.region is None:
        return []
    here = [
        column == value
        for column, value in (
            (Assignment.organisation_id, who.organisation_id),
            (Assignment.pilot_id, who.pilot_id),
            (Assignment.region, who.region if who.pilot_id is None else None),
        )
        if value is not None
    ]
    rows = ctx.session.execute(
        select(Person.id, Person.name)
        .join(Assignment, Assignment.person_id == Person.id)
        .where(holds(ctx.now), or_(*here), Person.id != who.person_id, Assignment.substitute_for.is_(None))
        .where(Person.state == PersonState.ACTIVE)
        .distinct()
        .order_by(Person.name, Person.id)
    )
    return [(person_id, name) for person_id, name in rows]


def substitutes(ctx: Context) -> list[Assignment]:
    """Who stands in for the acting assignment now."""
    if ctx.who.assignment_id is None:
        return []
    return list(
        ctx.session.scalars(
            select(Assignment)
            .where(Assignment.substitute_for == ctx.who.assignment_id, holds(ctx.now))
            .order_by(Assignment.created_at, Assignment.id)
        )
    )


def own_sessions(ctx: Context) -> list[WebSession]:
    """Browsers in which the acting person is signed in now, newest first."""
    return list(
        ctx.session.scalars(
            select(WebSession)
            .where(
                WebSession.person_id == ctx.who.person_id,
                WebSession.ended_at.is_(None),
                WebSession.expires_at > ctx.now,
            )
            .order_by(WebSession.created_at.desc(), WebSession.id.desc())
        )
    )


def own_tokens(ctx: Context) -> list[ApiToken]:
    """The acting person's tokens, newest first, those that ended too."""
    return list(
        ctx.session.scalars(
            select(ApiToken)
            .where(ApiToken.person_id == ctx.who.person_id)
            .order_by(ApiToken.created_at.desc(), ApiToken.id.desc())
            .limit(100)
        )
    )


def open_invitations(ctx: Context) -> list[Invitation]:
    """Invitations within reach that nobody has taken yet, newest first."""
    statement = ground.visible(
        ctx,
        permissions.READ,
        select(Invitation),
        own=[Invitation.organisation_id],
        pilot=Invitation.pilot_id,
        city=Invitation.city,
    )
    return list(
        ctx.session.scalars(
            statement.where(Invitation.state == InvitationState.OPEN, Invitation.expires_at > ctx.now)
            .order_by(Invitation.created_at.desc(), Invitation.id.desc())
            .limit(100)
        )
    )
