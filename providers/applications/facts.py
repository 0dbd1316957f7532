"""What a machine knows of an applicant, for the conditions of a call."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from marketplace.base.context import Context
from marketplace.policy.sanctions import queries as sanctions
from marketplace.policy.sanctions.states import Subject
from marketplace.shop.roster import queries as roster
from marketplace.shop.roster.states import RosterState
from providers.applications.queries import Held
from providers.calls.models import Call
from providers.calls.rules import Condition, Outcome, condition, hold
from providers.calls.states import Fact

NEVER = 100
"""Years since a removal that never was."""


def copy_of(held: Held) -> dict[str, Any]:
    """The dossier as it is frozen into an application: plain JSON."""
    dossier = held.dossier
    return {
        "founded_on": dossier.founded_on.isoformat(),
        "staff": dossier.staff,
        "technical_staff": dossier.technical_staff,
        "revenue_fen": dossier.revenue_fen,
        "bad_credit": dossier.bad_credit,
        "introduction": dossier.introduction,
        "knowledge": dossier.knowledge,
        "engineering": dossier.engineering,
        "ecosystem": dossier.ecosystem,
        "continuity": dossier.continuity,
        "cases": [
            {
                "client_name": c.client_name,
                "industry": c.industry,
                "title": c.title,
                "finished_on": c.finished_on.isoformat(),
                "amount_fen": c.amount_fen,
                "effect": c.effect,
                "contact": c.contact,
            }
            for c in held.cases
        ],
        "proofs": [
            {"kind": p.kind.value, "name": p.name, "number": p.number, "document_id": str(p.document_id)}
            for p in held.proofs
        ],
    }


def whole_years(start: date, end: date) -> int:
    """Full years between two days."""
    return max(0, end.year - start.year - ((end.month, end.day) < (start.month, start.day)))


def facts_of(
    ctx: Context, call: Call, organisation_id: uuid.UUID, dossier: Mapping[str, Any] | None
) -> dict[Fact, int | None]:
    """The facts about an applicant at the last day of the call. None is unknown: a person decides."""
    if dossier is None:
        return dict.fromkeys(Fact)
    banned = sanctions.active(ctx, Subject.ORGANISATION, organisation_id, ctx.today) is not None
    cases = dossier["cases"]
    wanted = set(call.industries)
    return {
        Fact.YEARS_IN_BUSINESS: whole_years(date.fromisoformat(dossier["founded_on"]), call.closes_on),
        Fact.CASES: len(cases),
        Fact.CASES_IN_INDUSTRY: sum(not wanted or c["industry"] in wanted for c in cases),
        Fact.SOFTWARE_COPYRIGHTS: sum(p["kind"] == "copyright" for p in dossier["proofs"]),
        Fact.STAFF: dossier["staff"],
        Fact.TECHNICAL_STAFF: dossier["technical_staff"],
        Fact.BAD_CREDIT: int(dossier["bad_credit"] or banned),
        Fact.YEARS_SINCE_REMOVAL: _years_since_removal(ctx, call, organisation_id),
    }


def _years_since_removal(ctx: Context, call: Call, organisation_id: uuid.UUID) -> int:
    days = [
        e.state_since
        for e in roster.standing_of(ctx, organisation_id)
        if e.city == call.city and e.state is RosterState.REMOVED
    ]
    return whole_years(max(days), call.closes_on) if days else NEVER


def conditions_of(call: Call) -> list[Condition]:
    """The conditions of a call as objects."""
    return [condition(data) for data in call.conditions]


def outcomes(ctx: Context, call: Call, organisation_id: uuid.UUID, dossier: Mapping[str, Any] | None) -> list[Outcome]:
    """Every condition of the call held against the applicant: pass, fail, or for a person to decide."""
    return hold(conditions_of(call), facts_of(ctx, call, organisation_id, dossier))


def lacking(found: Iterable[Outcome]) -> list[Outcome]:
    """Those that the machine found not to be met."""
    return [outcome for outcome in found if outcome.result == "fail"]
