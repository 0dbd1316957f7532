"""Where a notice goes outside the platform: the addresses of the persons it is for."""

from __future__ import annotations

from collections.abc import Iterable

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.people.accounts import queries
from marketplace.people.accounts.models import Person
from marketplace.people.accounts.states import PersonState
from marketplace.record.notices.actions import Address
from marketplace.record.notices.models import Notice


def addresses(ctx: Context, notice: Notice) -> Iterable[Address]:
    """E-mail and phone of one person, or of everybody whose live assignment fits what the notice names."""
    if notice.person_id is not None:
        person = ctx.session.get(Person, notice.person_id)
        found = [person] if person is not None and person.state is PersonState.ACTIVE else []
    else:
        found = queries.persons_of(
            ctx,
            organisation_id=notice.organisation_id,
            pilot_id=notice.pilot_id,
            role=Role(notice.role) if notice.role else None,
            region=notice.region,
        )
    return [Address(email=person.email, phone=person.phone) for person in found]
