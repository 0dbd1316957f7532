"""Imposing and lifting bans. A ban looks forward only: what runs already goes on."""

from __future__ import annotations

import uuid
from datetime import date

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.permissions import Scope, province_of
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.people.regions import queries as regions
from marketplace.policy.books.model import Book, Sanction
from marketplace.policy.editions import queries as editions
from marketplace.policy.engine import acts
from marketplace.policy.sanctions import permissions, queries
from marketplace.policy.sanctions.events import BanImposed, BanLifted
from marketplace.policy.sanctions.models import Ban
from marketplace.policy.sanctions.states import BAN, BanState, Subject
from marketplace.record.audit import actions as audit


def impose(
    ctx: Context,
    *,
    subject_kind: Subject,
    subject_id: str,
    reason: str,
    edition_id: uuid.UUID | None = None,
    basis: str = "",
    clause: str = "",
    until: date | None = None,
    document_id: uuid.UUID | None = None,
) -> Ban:
    """Ban a region or an organisation from today on.

    With `edition_id` basis, clause and years are the rule book's (六(二): three years after falsification). Without,
    the rule of the call or scheme that was broken is named in `basis` and `clause`, with the last day in `until`.
    """
    name, city = _subject(ctx, subject_kind, subject_id)
    ctx.require(permissions.IMPOSE, Scope.of(city=city, province=province_of(city)))
    if not reason.strip():
        raise Refusal("ban.reason_missing", N_("请写明处理理由。"), field="reason")
    if edition_id is not None:
        book = editions.book(ctx, edition_id)
        sanction = ban_of(book)
        basis, clause, until = book.name_zh, sanction.clause, acts.ban_until(sanction, ctx.today)
    elif not basis.strip() or not clause.strip() or until is None:
        raise Refusal("ban.basis_missing", N_("请写明所依据的规则、条款和截止日期。"), field="basis")
    if until < ctx.today:
        raise Refusal("ban.ends_in_the_past", N_("截止日期 {until} 早于今天。"), field="until", until=until)
    ban = ctx.add(
        Ban(
            subject_kind=subject_kind,
            subject_id=subject_id,
            subject_name=name,
            city=city,
            edition_id=edition_id,
            basis=basis.strip(),
            clause=clause.strip(),
            reason=reason.strip(),
            document_id=document_id,
            from_day=ctx.today,
            until_day=until,
            state=BanState.IMPOSED,
            imposed_by=ctx.actor.person_id if ctx.actor else None,
            imposed_by_name=(ctx.actor.organisation_name or ctx.actor.name) if ctx.actor else "",
        )
    )
    ctx.session.flush()
    audit.record(ctx, "ban.imposed", ban, subject=subject_id, clause=ban.clause, until=until)
    ctx.announce(BanImposed(ban.id, subject_kind.value, subject_id, ban.from_day, until, ban.clause))
    return ban


def lift(ctx: Context, ban_id: uuid.UUID, reason: str) -> Ban:
    """Take a ban back, after an appeal that held; the row stays."""
    ban = queries.get(ctx, ban_id, lock=True)
    ctx.require(permissions.IMPOSE, Scope.of(city=ban.city, province=province_of(ban.city) if ban.city else None))
    if not reason.strip():
        raise Refusal("ban.reason_missing", N_("请写明处理理由。"), clause=ban.clause, field="reason")
    BAN.move(ban, "lift")
    ban.lifted_at = ctx.now
    ban.lifted_by = ctx.actor.person_id if ctx.actor else None
    ban.lift_reason = reason.strip()
    audit.record(ctx, "ban.lifted", ban)
    ctx.announce(BanLifted(ban.id, ban.subject_kind.value, ban.subject_id))
    return ban


def ban_of(book: Book) -> Sanction:
    """The ban that a book threatens; refuses where it has none (`ban.not_in_book`)."""
    for sanction in book.sanctions.values():
        if sanction.effect == "ban":
            return sanction
    raise Refusal("ban.not_in_book", N_("政策规则“{book}”没有取消资格的规定。"), field="edition_id", book=book.code)


def _subject(ctx: Context, kind: Subject, subject_id: str) -> tuple[str, str]:
    """Name and city of whoever is banned; refuses what does not exist."""
    if kind is Subject.REGION:
        region = regions.get(ctx, subject_id)
        return region.name, region.city
    try:
        organisation_id = uuid.UUID(subject_id)
    except ValueError:
        raise NotFound("organisation") from None
    organisation = organisations.get(ctx, organisation_id)
    return organisation.name, organisation.city
