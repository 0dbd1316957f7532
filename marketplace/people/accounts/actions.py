"""Persons, and what they may act as: giving roles, standing in, leaving."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from marketplace.base.clock import SHANGHAI
from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal, Throttled
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.people.accounts import passwords, permissions, queries, rules, seats, throttle
from marketplace.people.accounts.loaders import holds
from marketplace.people.accounts.models import Assignment, Person
from marketplace.people.accounts.states import PERSON, PersonState
from marketplace.people.organisations.states import CapacityKind
from marketplace.record.audit import actions as audit
from marketplace.record.notices import actions as notices


def create_person(ctx: Context, name: str, phone: str, email: str | None, password: str) -> Person:
    """Make a person known, by an administrator or the platform itself."""
    ctx.require(permissions.CREATE)
    person = _person(ctx, name, phone, email, password)
    audit.record(ctx, "person.created", person)
    return person


def sign_up(ctx: Context, name: str, phone: str, email: str | None, password: str, locale: str = "zh") -> Person:
    """A visitor makes herself known. She may act for nobody until she registers or joins an organisation."""
    person = _person(ctx, name, phone, email, password)
    person.locale = "en" if locale == "en" else "zh"
    audit.record(ctx, "person.signed_up", person)
    return person


def count_sign_up(ctx: Context, address: str) -> None:
    """Count an attempt to sign up, in its own transaction, so that numbers can't be probed by the thousand."""
    throttle.count(ctx, "sign-up", throttle.network(address), rules.SIGN_UP_ADDRESS)


def tell_known(ctx: Context, phone: str, email: str | None) -> None:
    """Tell whoever has this number or address that somebody tried to sign up with it: once a day, however often."""
    logins = {rules.normal_phone(phone), rules.normal_email(email)} - {None}
    for person in {p.id: p for p in (queries.by_login(ctx, str(login)) for login in logins) if p}.values():
        try:
            throttle.count(ctx, "sign-up-told", str(person.id), rules.SIGN_UP_TOLD)
        except Throttled:
            continue
        text = Text(N_("有人用您的手机号或邮箱注册账号，未能成功。如非您本人操作，请留意，不要把密码告诉他人。"), {})
        notices.tell(ctx, person_id=person.id, text=text, url="/account")


def _person(ctx: Context, name: str, phone: str, email: str | None, password: str) -> Person:
    phone, email = rules.normal_phone(phone), rules.normal_email(email)
    name = _name(name)
    secret = passwords.hashed(passwords.check(password, phone=phone, email=email))
    person = Person(name=name, phone=phone, email=email, password_hash=secret, locale="zh", state=PersonState.ACTIVE)
    ctx.add(person)
    ctx.session.flush()
    return person


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > 80:
        raise Refusal("person.name", N_("请填写姓名。"), field="name")
    return name


def change_profile(ctx: Context, name: str, email: str | None, locale: str) -> Person:
    """Correct one's own name, e-mail address and language of messages. The phone number is what one signs in with."""
    person = _lock_person(ctx, ctx.who.person_id)
    person.name, person.email = _name(name), rules.normal_email(email)
    person.locale = "en" if locale == "en" else "zh"
    ctx.session.flush()
    audit.record(ctx, "person.changed", person)
    return person


def block(ctx: Context, person_id: uuid.UUID) -> Person:
    """Shut a person out: sessions and tokens stop at once. Nobody blocks herself."""
    person = _lock_person(ctx, person_id)
    ctx.require(permissions.BLOCK, person)
    if ctx.actor and ctx.actor.person_id == person.id:
        raise Refusal("person.self", N_("不能对自己办理此操作。"))
    PERSON.move(person, "block")
    ctx.session.flush()
    audit.record(ctx, "person.blocked", person)
    return person


def unblock(ctx: Context, person_id: uuid.UUID) -> Person:
    """Let a person in again."""
    person = _lock_person(ctx, person_id)
    ctx.require(permissions.BLOCK, person)
    PERSON.move(person, "unblock")
    ctx.session.flush()
    audit.record(ctx, "person.unblocked", person)
    return person


def _lock_person(ctx: Context, person_id: uuid.UUID) -> Person:
    person = ctx.session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound("person")
    return person


def grant(
    ctx: Context,
    person_id: uuid.UUID,
    role: Role,
    *,
    organisation_id: uuid.UUID | None = None,
    pilot_id: uuid.UUID | None = None,
    region: str | None = None,
    valid_until: datetime | None = None,
) -> Assignment:
    """Give a person a role at a place; given again while it holds, it is the same assignment.

    Administrators give any role, a city its pilots' officers, finance, experts and auditors, members of a firm their
    own role there; the platform itself anything. Nobody gives a role to herself.
    """
    person = ctx.session.get(Person, person_id)
    if person is None:
        raise NotFound("person")
    seat = seats.complete(ctx, role, organisation_id, pilot_id, region)
    seats.require_granting(ctx, seat)
    if ctx.actor and ctx.actor.person_id == person.id:
        raise Refusal("assignment.self", N_("不能给自己授予身份。"))
    return seats.take(ctx, person.id, seat, granted_by=ctx.actor.person_id if ctx.actor else None, until=valid_until)


def seat_member(
    ctx: Context,
    person_id: uuid.UUID,
    organisation_id: uuid.UUID,
    capacity: CapacityKind,
    granted_by: uuid.UUID | None = None,
) -> Assignment | None:
    """Make a person a member of the firm she registered or was found to own; offices and banks have no such role."""
    if capacity not in (CapacityKind.ENTERPRISE, CapacityKind.PROVIDER):
        return None
    seat = seats.complete(ctx, Role(capacity.value), organisation_id, None, None)
    return seats.take(ctx, person_id, seat, granted_by=granted_by if granted_by != person_id else None)


def unseat_members(ctx: Context, organisation_id: uuid.UUID, keep: uuid.UUID) -> int:
    """End every membership of an organisation except one person's; returns how many ended."""
    members = ctx.session.scalars(
        select(Assignment).where(
            Assignment.organisation_id == organisation_id,
            Assignment.role.in_([Role.ENTERPRISE, Role.PROVIDER]),
            Assignment.person_id != keep,
            holds(ctx.now),
        )
    ).all()
    for member in members:
        seats.end(ctx, member, "assignment.revoked")
    return len(members)


def revoke(ctx: Context, assignment_id: uuid.UUID) -> Assignment:
    """End somebody's assignment, by whoever could give it. The last administrator stays."""
    assignment = _lock_assignment(ctx, assignment_id)
    seats.require_granting(ctx, seats.of(assignment))
    return seats.end(ctx, assignment, "assignment.revoked")


def leave(ctx: Context, assignment_id: uuid.UUID) -> Assignment:
    """Give up one's own assignment, at once."""
    assignment = _lock_assignment(ctx, assignment_id)
    if assignment.person_id != ctx.who.person_id:
        raise NotFound("assignment")
    return seats.end(ctx, assignment, "assignment.left")


def _lock_assignment(ctx: Context, assignment_id: uuid.UUID) -> Assignment:
    if ctx.actor is not None:
        queries.assignment(ctx, assignment_id)
    found = ctx.session.get(Assignment, assignment_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("assignment")
    return found


def substitute(ctx: Context, person_id: uuid.UUID, last_day: date) -> Assignment:
    """Let a colleague stand in for the acting assignment up to and including a day (at most 90 days ahead).

    Only somebody who is already at the same organisation, pilot or authority may stand in, and a substitute can't
    pass the role on. Maker and checker are still two persons: they are compared by person, not by role.
    """
    who = ctx.who
    own = ctx.session.get(Assignment, who.assignment_id) if who.assignment_id else None
    if own is None or own.substitute_for is not None:
        raise Refusal("substitute.not_own", N_("代理身份不能再委托他人代理。"))
    if person_id not in {colleague for colleague, _ in queries.colleagues(ctx)}:
        raise Refusal("substitute.not_here", N_("只能委托本单位的同事代理。"), field="person_id")
    if not ctx.today <= last_day <= ctx.today + timedelta(days=rules.SUBSTITUTE_DAYS):
        raise Refusal(
            "substitute.until", N_("代理期限应在今天起 {days} 天以内。"), field="last_day", days=rules.SUBSTITUTE_DAYS
        )
    until = datetime.combine(last_day + timedelta(days=1), time(), SHANGHAI)
    if own.valid_until is not None:
        until = min(until, own.valid_until)
    return seats.take(ctx, person_id, seats.of(own), granted_by=who.person_id, until=until, substitute_for=own.id)


def end_substitute(ctx: Context, assignment_id: uuid.UUID) -> Assignment:
    """Take a substitute's role back before its end, by the person who is stood in for."""
    found = ctx.session.get(Assignment, assignment_id, with_for_update=True)
    own = ctx.session.get(Assignment, found.substitute_for) if found and found.substitute_for else None
    if found is None or own is None or own.person_id != ctx.who.person_id:
        raise NotFound("assignment")
    if found.valid_until is not None and found.valid_until <= ctx.now:
        return found
    return seats.end(ctx, found, "assignment.revoked")
