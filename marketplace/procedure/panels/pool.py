"""Keeping the pool of experts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, update

from marketplace.base import uscc as codes
from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.permissions import Scope
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.accounts import actions as accounts
from marketplace.people.accounts import queries as persons
from marketplace.people.accounts.rules import normal_phone
from marketplace.procedure.panels import permissions, queries
from marketplace.procedure.panels.models import Employment, Expert
from marketplace.record.audit import actions as audit


def enlist(
    ctx: Context,
    *,
    phone: str,
    fields: Sequence[str],
    title: str,
    employer_uscc: str,
    employer_name: str,
    employed_from: date | None = None,
    city: str | None = None,
) -> Expert:
    """Take a person who has signed up into the pool of the officer's place, and give the role of an expert.

    Refuses a phone number nobody signed up with (`expert.person_unknown`) and a second entry (`expert.known`).
    """
    city = city or ctx.who.region or ""
    ctx.require(permissions.KEEP_POOL, Scope.of(city=city))
    person = persons.by_phone(ctx, normal_phone(phone))
    if person is None:
        raise Refusal(
            "expert.person_unknown", N_("该手机号尚未注册，请先请专家注册账号，或向其发出邀请。"), field="phone"
        )
    if ctx.session.scalar(select(Expert.id).where(Expert.person_id == person.id)):
        raise Refusal("expert.known", N_("{name} 已在专家库中。"), field="phone", name=person.name)
    expert = ctx.add(
        Expert(
            person_id=person.id,
            city=city,
            name=person.name,
            fields=sorted({f.strip() for f in fields if f.strip()}),
            title=title.strip(),
            active=True,
        )
    )
    ctx.session.flush()
    _employ(ctx, expert, employer_uscc, employer_name, employed_from, None)
    if not any(a.role is Role.EXPERT for a in persons.live_assignments(ctx, person.id)):
        accounts.grant(ctx, person.id, Role.EXPERT, region=city)
    audit.record(ctx, "expert.enlisted", expert, person_id=person.id)
    return expert


def employ(
    ctx: Context,
    expert_id: uuid.UUID,
    *,
    employer_uscc: str,
    employer_name: str,
    from_day: date | None = None,
    until_day: date | None = None,
) -> Employment:
    """Write down where an expert works (`until_day` empty: now, which ends the employment before) or worked."""
    expert = queries.expert(ctx, expert_id, lock=True)
    ctx.require(permissions.KEEP_POOL, expert)
    if until_day is None:
        ctx.session.execute(
            update(Employment)
            .where(Employment.expert_id == expert.id, Employment.until_day.is_(None))
            .values(until_day=ctx.today)
        )
    row = _employ(ctx, expert, employer_uscc, employer_name, from_day, until_day)
    audit.record(ctx, "expert.employed", expert, employer=row.employer_uscc, until=until_day)
    return row


def _employ(
    ctx: Context, expert: Expert, code: str, name: str, from_day: date | None, until_day: date | None
) -> Employment:
    code = codes.check(code, field="employer_uscc")
    if from_day is not None and from_day > (until_day or ctx.today):
        raise Refusal("employment.dates", N_("开始日期不能晚于结束日期或今天。"), field="employed_from")
    row = ctx.add(
        Employment(
            expert_id=expert.id, employer_uscc=code, employer_name=name.strip(), from_day=from_day, until_day=until_day
        )
    )
    ctx.session.flush()
    return row


def set_active(ctx: Context, expert_id: uuid.UUID, active: bool) -> Expert:
    """Take an expert out of future draws, or back in."""
    expert = queries.expert(ctx, expert_id, lock=True)
    ctx.require(permissions.KEEP_POOL, expert)
    expert.active = active
    audit.record(ctx, "expert.activated" if active else "expert.retired", expert)
    return expert
