"""Putting enterprises on a pilot's list: nominated by the pilot's office, confirmed by the city."""

from __future__ import annotations

import uuid

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, NotFound, Refusal
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import CapacityKind
from marketplace.pilots.members import permissions, queries, rules
from marketplace.pilots.members.events import MemberConfirmed, MemberNominated, MemberWithdrawn
from marketplace.pilots.members.models import Member
from marketplace.pilots.members.rules import Nomination
from marketplace.pilots.members.states import MEMBER, MemberState
from marketplace.pilots.programmes import queries as pilots
from marketplace.pilots.programmes.models import Pilot
from marketplace.policy.books.model import Book
from marketplace.policy.sanctions import queries as sanctions
from marketplace.policy.sanctions.models import Ban
from marketplace.policy.sanctions.states import Subject
from marketplace.record.audit import actions as audit


def nominate(
    ctx: Context,
    pilot_id: uuid.UUID,
    enterprise_id: uuid.UUID,
    *,
    focus: str,
    target_level: str,
    key_link: bool = False,
    key_enterprise: bool = False,
    baseline_level: str | None = None,
    urgency: int = 1,
    note: str = "",
) -> Member:
    """Put a confirmed enterprise on the list of a running pilot.

    `focus` is the cluster or chain it belongs to. Refuses who is outside it (三(二)1, 二(一)), large, banned, listed
    already in the programme (四(二)), and a target below the book's (二(二)).
    """
    pilot = _running(ctx, pilot_id)
    book = pilots.book(ctx, pilot.id)
    enterprise = organisations.by_id(ctx, enterprise_id)
    given = Nomination(focus, target_level, key_link, key_enterprise, baseline_level, urgency, note)
    ban = sanctions.active(ctx, Subject.ORGANISATION, enterprise_id, ctx.today)
    capacities = organisations.capacities(ctx, enterprise_id)
    member = checked(book, pilot, enterprise, capacities, ban, given)
    if queries.standing_among(ctx, pilot.programme_id, [enterprise_id]):
        raise rules.already(book, enterprise.name)
    member.nominated_by = ctx.actor.person_id if ctx.actor else None
    save(ctx, member)
    return member


def checked(
    book: Book,
    pilot: Pilot,
    enterprise: Organisation,
    capacities: set[CapacityKind],
    ban: Ban | None,
    given: Nomination,
) -> Member:
    """The membership as it would be written, after every rule that needs no other row."""
    rules.check_enterprise(book, pilot, enterprise, capacities)
    rules.check_ban(ban)
    rules.check_focus(book, pilot, enterprise.name, given.focus, key_enterprise=given.key_enterprise)
    target = rules.step(book, given.target_level, "target_level")
    if target is None:
        raise Invalid({"target_level": [N_("此项必填。")]})
    rules.check_target(book, target, key_link=given.key_link)
    if given.urgency < 1:
        raise Invalid({"urgency": [N_("迫切程度从 1 开始排序。")]})
    return Member(
        pilot_id=pilot.id,
        programme_id=pilot.programme_id,
        enterprise_id=enterprise.id,
        city=pilot.city,
        chain_or_cluster=given.focus.strip(),
        key_enterprise=given.key_enterprise,
        key_link=given.key_link,
        baseline_level=rules.step(book, given.baseline_level, "baseline_level"),
        target_level=target,
        urgency=given.urgency,
        note=given.note.strip() or None,
        state=MemberState.NOMINATED,
    )


def save(ctx: Context, member: Member) -> None:
    """Write a checked membership; the database itself lets nobody in twice."""
    ctx.add(member)
    ctx.session.flush()
    audit.record(
        ctx, "member.nominated", member, enterprise_id=member.enterprise_id, key_link=member.key_link,
        target_level=member.target_level,
    )  # fmt: skip
    ctx.announce(MemberNominated(member.id, member.pilot_id, member.enterprise_id))


def _running(ctx: Context, pilot_id: uuid.UUID) -> Pilot:
    pilot = pilots.get(ctx, pilot_id)
    if not ctx.may(permissions.READ, pilot):
        raise NotFound("pilot")
    ctx.require(permissions.NOMINATE, pilot)
    return pilots.require_running(ctx, pilot_id)


def confirm(ctx: Context, member_id: uuid.UUID) -> Member:
    """The city confirms a nomination, by another person than who made it; only then may the enterprise order."""
    member = queries.get(ctx, member_id, lock=True)
    ctx.require(permissions.CONFIRM, member)
    pilot = pilots.require_running(ctx, member.pilot_id)
    book = pilots.book(ctx, pilot.id)
    enterprise = organisations.by_id(ctx, member.enterprise_id)
    if ctx.actor is not None and ctx.actor.person_id == member.nominated_by:
        raise Refusal("person.same", N_("提名与确认须由不同人员完成。"), clause=book.targets.key_link_clause)
    rules.check_ban(sanctions.active(ctx, Subject.ORGANISATION, member.enterprise_id, ctx.today))
    rules.check_focus(
        book, pilot, enterprise.name, member.chain_or_cluster, key_enterprise=member.key_enterprise
    )  # fmt: skip
    MEMBER.move(member, "confirm")
    member.confirmed_at = ctx.now
    member.confirmed_by = ctx.actor.person_id if ctx.actor else None
    ctx.session.flush()
    audit.record(ctx, "member.confirmed", member, enterprise_id=member.enterprise_id)
    ctx.announce(MemberConfirmed(member.id, member.pilot_id, member.enterprise_id, member.key_link))
    return member


def withdraw(ctx: Context, member_id: uuid.UUID, reason: str) -> Member:
    """Take an enterprise off the list, with the reason; later chapters may refuse while money is under way."""
    member = queries.get(ctx, member_id, lock=True)
    ctx.require(permissions.WITHDRAW, member)
    if not reason.strip():
        raise Refusal("member.reason_missing", N_("请写明移出名单的理由。"), field="reason")
    MEMBER.move(member, "withdraw")
    member.withdrawal_reason = reason.strip()
    ctx.session.flush()
    audit.record(ctx, "member.withdrawn", member, enterprise_id=member.enterprise_id)
    ctx.announce(MemberWithdrawn(member.id, member.pilot_id, member.enterprise_id))
    return member
