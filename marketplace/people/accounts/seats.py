"""Roles with their places: completing, checking, taking up and ending them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from marketplace.base.context import Context
from marketplace.base.errors import Forbidden, Refusal
from marketplace.base.permissions import Scope
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.accounts import permissions, places, queries, rules
from marketplace.people.accounts.loaders import holds
from marketplace.people.accounts.models import Assignment, Invitation, Person
from marketplace.people.accounts.states import PersonState
from marketplace.people.organisations import queries as organisations
from marketplace.people.organisations.states import CapacityKind
from marketplace.people.regions import queries as regions
from marketplace.record.audit import actions as audit


@dataclass(frozen=True)
class Seat:
    """A role with its place, complete and checked."""

    role: Role
    organisation_id: uuid.UUID | None
    pilot_id: uuid.UUID | None
    region: str | None
    city: str | None

    @property
    def scope(self) -> Scope:
        return Scope.of(self.organisation_id, pilot_id=self.pilot_id, city=self.city)


def of(row: Assignment | Invitation) -> Seat:
    """The seat of an assignment, or of the offer of one."""
    return Seat(row.role, row.organisation_id, row.pilot_id, row.region, row.city)


def complete(
    ctx: Context, role: Role, organisation_id: uuid.UUID | None, pilot_id: uuid.UUID | None, region: str | None
) -> Seat:
    """Complete and check a place: the organisation's capacity, the pilot's county, the level of a region."""
    if role in (Role.ENTERPRISE, Role.PROVIDER):
        if organisation_id is None:
            raise Refusal("assignment.organisation", N_("该身份需要指定单位。"), field="organisation_id")
        firm = organisations.by_id(ctx, organisation_id)
        if CapacityKind(role.value) not in organisations.capacities(ctx, organisation_id):
            raise Refusal("assignment.capacity", N_("该单位没有以此类身份注册。"), field="organisation_id")
        return Seat(role, organisation_id, None, None, firm.city)
    if role is Role.PILOT and pilot_id is None:
        raise Refusal("assignment.pilot", N_("该身份需要指定试点。"), field="pilot_id")
    if pilot_id is not None and role in (Role.PILOT, Role.FINANCE):
        place = places.place_of_pilot(ctx, pilot_id)
        if place is not None:
            region = place.region
        elif not ctx.system:
            raise Refusal("assignment.pilot", N_("该身份需要指定试点。"), field="pilot_id")
    if region is None:
        if role not in (Role.ADMIN, Role.EXPERT) and pilot_id is None:
            raise Refusal("assignment.region_missing", N_("该身份需要指定地区。"), field="region")
        return Seat(role, organisation_id, pilot_id, None, None)
    place_ = regions.get(ctx, region)
    if role is not Role.ADMIN:
        rules.check_region(role, place_.kind)
    return Seat(role, organisation_id, pilot_id, region, place_.city)


def require_granting(ctx: Context, seat: Seat) -> None:
    """Refuse unless the actor may give this role at this place."""
    if ctx.system and ctx.actor is None:
        return
    ctx.require(permissions.GRANT, seat.scope)
    if ctx.who.role is None or seat.role not in rules.GRANTS.get(ctx.who.role, ()):
        raise Forbidden(permissions.GRANT.code)


def take(
    ctx: Context,
    person_id: uuid.UUID,
    seat: Seat,
    *,
    granted_by: uuid.UUID | None,
    until: datetime | None = None,
    substitute_for: uuid.UUID | None = None,
) -> Assignment:
    """Write the assignment down; the same one that still holds is returned as it is."""
    ctx.session.get(Person, person_id, with_for_update=True)
    for held in queries.live_assignments(ctx, person_id):
        same = of(held) == seat
        if same and held.substitute_for == substitute_for and (held.valid_until is None or held.valid_until == until):
            return held
    assignment = ctx.add(
        Assignment(
            person_id=person_id,
            role=seat.role,
            organisation_id=seat.organisation_id,
            pilot_id=seat.pilot_id,
            region=seat.region,
            city=seat.city,
            valid_from=ctx.now,
            valid_until=until,
            granted_by=granted_by,
            substitute_for=substitute_for,
        )
    )
    ctx.session.flush()
    audit.record(
        ctx,
        "assignment.granted",
        assignment,
        person=person_id,
        role=seat.role.value,
        organisation=seat.organisation_id,
        region=seat.region,
        until=until,
        substitute_for=substitute_for,
    )
    return assignment


def end(ctx: Context, assignment: Assignment, verb: str) -> Assignment:
    """End an assignment and those that stand in for it, now. The last administrator stays."""
    if assignment.role is Role.ADMIN:
        others = ctx.session.scalar(
            select(func.count())
            .select_from(Assignment)
            .join(Person, Person.id == Assignment.person_id)
            .where(
                Assignment.role == Role.ADMIN,
                Assignment.id != assignment.id,
                Assignment.valid_until.is_(None),
                holds(ctx.now),
                Person.state == PersonState.ACTIVE,
            )
        )
        if not others:
            raise Refusal("assignment.last_admin", N_("至少要保留一名平台管理员。"))
    assignment.valid_until = ctx.now
    ctx.session.flush()
    ctx.session.execute(
        update(Assignment)
        .where(Assignment.substitute_for == assignment.id, Assignment.valid_until > ctx.now)
        .values(valid_until=ctx.now)
    )
    audit.record(ctx, verb, assignment, person=assignment.person_id, role=assignment.role.value)
    return assignment
