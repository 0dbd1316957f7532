"""What accounts do when something happens to an organisation."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.accounts import actions, signing
from marketplace.people.accounts.loaders import holds
from marketplace.people.accounts.models import Assignment
from marketplace.people.organisations.events import (
    AccountConfirmed,
    OrganisationRegistered,
    OwnershipClaimed,
    OwnershipDecided,
    PaperFiled,
)
from marketplace.people.organisations.rules import on_behalf
from marketplace.record.documents import actions as documents

_FIRMS = (Role.ENTERPRISE, Role.PROVIDER)


def seat_founder(ctx: Context, fact: OrganisationRegistered) -> None:
    """Whoever registers an organisation becomes its first member; an officer who did it on its behalf does not."""
    if fact.person_id is None or (ctx.actor is not None and on_behalf(ctx.actor.role)):
        return
    held = actions.seat_member(ctx, fact.person_id, fact.organisation_id, fact.capacity)
    if held is not None:
        signing.adopt(ctx, fact.person_id, held.id)


def open_paper_to_pilots(ctx: Context, fact: PaperFiled) -> None:
    """The offices of the pilots where an organisation sits may read its licence, because they may confirm it."""
    pilots = set(
        ctx.session.scalars(
            select(Assignment.pilot_id).where(
                Assignment.role == Role.PILOT, Assignment.region == fact.region, holds(ctx.now)
            )
        )
    )
    document = documents.get(ctx, fact.document_id)
    for pilot_id in pilots:
        documents.open_to(ctx, document, pilot_id=pilot_id)


def refuse_own_claim(ctx: Context, fact: OwnershipClaimed) -> None:
    """A member has nothing to claim: she switches to the organisation instead."""
    if _membership(ctx, fact.claimant_id, fact.organisation_id) is not None:
        raise Refusal("case.own", N_("您已是该单位成员，请先切换到该单位的身份再办理。"), field="uscc")


def seat_claimant(ctx: Context, fact: OwnershipDecided) -> None:
    """A claim that was granted makes a member; an exclusive one ends the others' membership."""
    if not fact.granted:
        return
    if fact.exclusive:
        actions.unseat_members(ctx, fact.organisation_id, keep=fact.claimant_id)
    officer = ctx.actor.person_id if ctx.actor else None
    actions.seat_member(ctx, fact.claimant_id, fact.organisation_id, fact.capacity, granted_by=officer)


def refuse_own_invitee(ctx: Context, fact: AccountConfirmed) -> None:
    """A colleague whom the proposer brought in (or who brought the proposer in) is no second pair of eyes.

    Otherwise one stolen password would be enough to change where the money goes. An officer can always confirm.
    """
    if fact.proposed_by is None or fact.confirmed_by is None:
        return
    if ctx.actor is None or ctx.actor.role not in _FIRMS:
        return
    second = _membership(ctx, fact.confirmed_by, fact.organisation_id)
    first = _membership(ctx, fact.proposed_by, fact.organisation_id)
    brought = (second and second.granted_by == fact.proposed_by) or (first and first.granted_by == fact.confirmed_by)
    if brought:
        raise Refusal(
            "account.confirmer_invited",
            N_("互相邀请的同事不能复核彼此提出的账户，请由所在地工信局、试点办公室或财政经办复核。"),
        )


def _membership(ctx: Context, person_id: uuid.UUID, organisation_id: uuid.UUID) -> Assignment | None:
    return ctx.session.scalars(
        select(Assignment)
        .where(
            Assignment.person_id == person_id,
            Assignment.organisation_id == organisation_id,
            Assignment.role.in_(_FIRMS),
            holds(ctx.now),
        )
        .order_by(Assignment.created_at)
        .limit(1)
    ).one_or_none()
