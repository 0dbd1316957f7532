"""Offering a role to a phone number, and taking it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from marketplace.base.clock import SHANGHAI
from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.accounts import passwords, permissions, queries, rules, seats
from marketplace.people.accounts.loaders import holds
from marketplace.people.accounts.models import Assignment, Invitation
from marketplace.people.accounts.states import INVITATION, InvitationState
from marketplace.people.organisations import queries as organisations
from marketplace.record.audit import actions as audit


def invite(
    ctx: Context,
    phone: str,
    role: Role,
    *,
    organisation_id: uuid.UUID | None = None,
    pilot_id: uuid.UUID | None = None,
    region: str | None = None,
    last_day: date | None = None,
) -> tuple[Invitation, str]:
    """Offer a role to a phone number. Returns the offer and the secret of its link, which is shown once.

    It says nothing about whether the number is known. It holds for seven days, and as long as the inviter's own
    assignment does.
    """
    phone = rules.normal_phone(phone)
    seat = seats.complete(ctx, role, organisation_id, pilot_id, region)
    seats.require_granting(ctx, seat)
    if queries.me(ctx).phone == phone:
        raise Refusal("assignment.self", N_("不能给自己授予身份。"), field="phone")
    if last_day is not None and last_day < ctx.today:
        raise Refusal("assignment.past", N_("截止日期不能早于今天。"), field="last_day")
    secret = passwords.new_secret()
    invitation = ctx.add(
        Invitation(
            phone=phone,
            role=role,
            organisation_id=seat.organisation_id,
            pilot_id=seat.pilot_id,
            region=seat.region,
            city=seat.city,
            assignment_until=datetime.combine(last_day + timedelta(days=1), time(), SHANGHAI) if last_day else None,
            secret_hash=passwords.digest(secret),
            state=InvitationState.OPEN,
            expires_at=ctx.now + timedelta(days=rules.INVITATION_DAYS),
            invited_by=ctx.who.person_id,
            invited_as=ctx.who.assignment_id,
        )
    )
    ctx.session.flush()
    audit.record(ctx, "invitation.made", invitation, role=role.value, organisation=seat.organisation_id)
    return invitation, secret


@dataclass(frozen=True)
class Offer:
    """An invitation as the invited person reads it."""

    invitation: Invitation
    organisation: str
    inviter: str


def offer(ctx: Context, secret: str) -> Offer:
    """What is offered behind a link, for the person whose phone number was invited; to others it does not exist."""
    invitation = _mine(ctx, secret, lock=False)
    found = organisations.names(ctx, [invitation.organisation_id])
    inviter = queries.names(ctx, [invitation.invited_by])
    name = found.get(invitation.organisation_id, "") if invitation.organisation_id else ""
    return Offer(invitation, name, inviter.get(invitation.invited_by, ""))


def _mine(ctx: Context, secret: str, *, lock: bool) -> Invitation:
    statement = select(Invitation).where(Invitation.secret_hash == passwords.digest(secret))
    invitation = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if invitation is None or invitation.phone != queries.me(ctx).phone:
        raise NotFound("invitation")
    return invitation


def accept(ctx: Context, secret: str) -> Assignment:
    """Take an offered role: with the link, signed in under the invited phone number, in time."""
    invitation = _mine(ctx, secret, lock=True)
    if invitation.expires_at <= ctx.now or not _still_holds(ctx, invitation.invited_as):
        raise Refusal("invitation.expired", N_("邀请已失效，请联系邀请人重新发出。"))
    INVITATION.move(invitation, "accept")
    invitation.accepted_by = ctx.who.person_id
    ctx.session.flush()
    audit.record(ctx, "invitation.accepted", invitation)
    return seats.take(
        ctx,
        ctx.who.person_id,
        seats.of(invitation),
        granted_by=invitation.invited_by,
        until=invitation.assignment_until,
    )


def _still_holds(ctx: Context, assignment_id: uuid.UUID) -> bool:
    found = select(Assignment.id).where(Assignment.id == assignment_id, holds(ctx.now))
    return ctx.session.execute(found).first() is not None


def withdraw(ctx: Context, invitation_id: uuid.UUID) -> Invitation:
    """Take an offer back before it is accepted."""
    invitation = ctx.session.get(Invitation, invitation_id, with_for_update=True)
    if invitation is None or not ctx.may(permissions.GRANT, invitation):
        raise NotFound("invitation")
    INVITATION.move(invitation, "withdraw")
    ctx.session.flush()
    audit.record(ctx, "invitation.withdrawn", invitation)
    return invitation
