"""From the secret at the door to the person who acts: one statement each."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from marketplace.base.context import Actor
from marketplace.people.accounts.models import ApiToken, Assignment, Person, WebSession
from marketplace.people.accounts.passwords import digest
from marketplace.people.accounts.states import PersonState
from marketplace.people.organisations.models import Organisation

_COLUMNS = (
    Person.id,
    Person.name,
    Assignment.id,
    Assignment.role,
    Assignment.organisation_id,
    Assignment.pilot_id,
    Assignment.region,
    Organisation.name,
)


def holds(now: datetime) -> ColumnElement[bool]:
    """The condition that an assignment holds at a moment."""
    return and_(Assignment.valid_from <= now, or_(Assignment.valid_until.is_(None), Assignment.valid_until > now))


def by_session(session: Session, now: datetime, secret: str) -> Actor | None:
    """The person behind a browser's secret; without role when the assignment has ended meanwhile."""
    row = session.execute(
        select(*_COLUMNS)
        .select_from(WebSession)
        .join(Person, Person.id == WebSession.person_id)
        .outerjoin(
            Assignment,
            and_(Assignment.id == WebSession.assignment_id, Assignment.person_id == Person.id, holds(now)),
        )
        .outerjoin(Organisation, Organisation.id == Assignment.organisation_id)
        .where(
            WebSession.secret_hash == digest(secret),
            WebSession.ended_at.is_(None),
            WebSession.expires_at > now,
            Person.state == PersonState.ACTIVE,
        )
    ).one_or_none()
    return None if row is None else _actor(tuple(row))


def end_of(session: Session, secret: str) -> datetime:
    """When the session of a browser's secret ends, whatever happens."""
    return session.scalars(select(WebSession.expires_at).where(WebSession.secret_hash == digest(secret))).one()


def by_token(session: Session, now: datetime, secret: str) -> Actor | None:
    """The person behind a bearer token, narrowed to the token's verbs; None when its assignment has ended."""
    row = session.execute(
        select(*_COLUMNS, ApiToken.scopes)
        .select_from(ApiToken)
        .join(Person, Person.id == ApiToken.person_id)
        .join(Assignment, and_(Assignment.id == ApiToken.assignment_id, Assignment.person_id == Person.id, holds(now)))
        .outerjoin(Organisation, Organisation.id == Assignment.organisation_id)
        .where(
            ApiToken.secret_hash == digest(secret),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > now,
            Person.state == PersonState.ACTIVE,
        )
    ).one_or_none()
    return None if row is None else _actor(tuple(row[:-1]), frozenset(row[-1]))


def _actor(row: tuple[Any, ...], permissions: frozenset[str] | None = None) -> Actor:
    person: uuid.UUID = row[0]
    return Actor(
        person_id=person,
        name=row[1],
        assignment_id=row[2],
        role=row[3],
        organisation_id=row[4],
        pilot_id=row[5],
        region=row[6],
        organisation_name=row[7] or "",
        permissions=permissions,
    )
