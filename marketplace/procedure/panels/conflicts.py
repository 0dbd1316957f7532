"""Conflicts of interest that follow from data: nobody needs to declare them, and nobody can forget to."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import or_, select

from marketplace.base.clock import day_of
from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.people.accounts.models import Assignment
from marketplace.people.organisations import queries as organisations
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.rules import Profile, normal_name, relations
from marketplace.procedure.panels.models import Employment, Expert

YEARS = 3
"""Who worked for a candidate within so many years does not judge it (财库〔2016〕198号)."""

REASONS = {
    "employer": N_("三年内任职于候选单位"),
    "member": N_("三年内在平台上代表过候选单位"),
    "representative": N_("系候选单位法定代表人"),
    "shareholder": N_("持有候选单位股份"),
    "related": N_("任职单位与候选单位有关联关系"),
}


def years_before(day: date, years: int) -> date:
    """The same day some years earlier; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def derived(
    ctx: Context, experts: Sequence[Expert], organisation_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[str]]:
    """Person → codes of `REASONS`, for every expert with a conflict towards any of the organisations.

    The number of statements does not depend on the number of experts.
    """
    if not experts or not organisation_ids:
        return {}
    candidates = organisations.profiles(ctx, list(organisation_ids))
    employments = _employments(ctx, experts)
    employers = _employer_profiles(ctx, employments)
    members = _members(ctx, experts, organisation_ids)
    codes = {c.uscc for c in candidates.values()}
    found: dict[uuid.UUID, list[str]] = {}
    for expert in experts:
        reasons = []
        held = employments.get(expert.id, [])
        if any(e.employer_uscc in codes for e in held):
            reasons.append("employer")
        if expert.person_id in members:
            reasons.append("member")
        reasons += _personal(expert, candidates.values())
        current = [employers[e.employer_uscc] for e in held if e.until_day is None and e.employer_uscc in employers]
        if any(relations(own, other) for own in current for other in candidates.values() if own.uscc != other.uscc):
            reasons.append("related")
        if reasons:
            found[expert.person_id] = reasons
    return found


def _personal(expert: Expert, candidates: Collection[Profile]) -> list[str]:
    """What the expert's own name says: the same name is taken for the same person, on the safe side."""
    name, reasons = normal_name(expert.name), []
    if any(name in {normal_name(r) for r in c.legal_representatives} for c in candidates):
        reasons.append("representative")
    if any(h.uscc is None and normal_name(h.name) == name for c in candidates for h in c.holders):
        reasons.append("shareholder")
    return reasons


def _employments(ctx: Context, experts: Sequence[Expert]) -> dict[uuid.UUID, list[Employment]]:
    since = years_before(ctx.today, YEARS)
    rows = ctx.session.scalars(
        select(Employment).where(
            Employment.expert_id.in_([e.id for e in experts]),
            or_(Employment.until_day.is_(None), Employment.until_day >= since),
        )
    )
    found: dict[uuid.UUID, list[Employment]] = {}
    for row in rows:
        found.setdefault(row.expert_id, []).append(row)
    return found


def _employer_profiles(ctx: Context, employments: dict[uuid.UUID, list[Employment]]) -> dict[str, Profile]:
    codes = {e.employer_uscc for held in employments.values() for e in held}
    ids = ctx.session.scalars(select(Organisation.id).where(Organisation.uscc.in_(codes))).all()
    return {p.uscc: p for p in organisations.profiles(ctx, ids).values()}


def _members(ctx: Context, experts: Sequence[Expert], organisation_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Experts who acted for one of the organisations on the platform within the years."""
    since = years_before(ctx.today, YEARS)
    rows = ctx.session.execute(
        select(Assignment.person_id, Assignment.valid_until).where(
            Assignment.organisation_id.in_(list(organisation_ids)),
            Assignment.person_id.in_([e.person_id for e in experts]),
        )
    )
    return {person for person, until in rows if until is None or day_of(until) >= since}
