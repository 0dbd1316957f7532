"""Entering the list after a decision, and measures against those who stand on it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.ids import spoken
from marketplace.base.states import Label
from marketplace.base.text import N_, Text
from marketplace.record.audit import actions as audit
from marketplace.record.notices import actions as notices
from marketplace.shop.roster import actions as roster
from marketplace.shop.roster import queries as entries
from marketplace.shop.roster.models import RosterEntry
from providers.applications import queries as applications
from providers.applications.states import ApplicationState
from providers.calls import queries as calls
from providers.review.events import SelectionDecided
from providers.standing import permissions
from providers.standing.models import StandingMeasure
from providers.standing.states import LABELS, Measure


def on_decided(ctx: Context, fact: SelectionDecided) -> None:
    """Put the chosen on the list, for the term of their call, and tell them their certificate number."""
    call = calls.get(ctx, fact.call_id)
    until = last_day(ctx.today, call.term_years)
    for application in applications.of_call(ctx, call.id, [ApplicationState.SELECTED]):
        entry = roster.enter(
            ctx,
            provider_id=application.applicant_organisation_id,
            city=call.city,
            klass=application.klass,
            industries=application.industries,
            call_id=call.id,
            application_id=application.id,
            valid_until=until,
        )
        notices.tell(
            ctx,
            organisation_id=entry.provider_id,
            text=Text(
                N_("贵单位已列入服务商名录，有效期至 {until}，证书编号 {number}。"),
                {"until": until, "number": spoken(entry.certificate_number)},
            ),
            url=f"/roster/certificates/{entry.certificate_number}",
        )


def last_day(start: date, years: int) -> date:
    """The last day of a term of full years: the day before the anniversary."""
    try:
        anniversary = start.replace(year=start.year + years)
    except ValueError:
        anniversary = start.replace(year=start.year + years, month=3, day=1)
    return anniversary - timedelta(days=1)


def take(
    ctx: Context, entry_id: uuid.UUID, kind: Measure, *, reason: str, clause: str, due_on: date | None = None
) -> StandingMeasure:
    """Take one measure against a provider on the list, with reason and clause; the provider is told at once.

    `due_on` is the last day of a rectification, and only of that.
    """
    entry = entries.lock(ctx, entry_id)
    ctx.require(permissions.MEASURE, entry)
    if (kind is Measure.RECTIFY) != (due_on is not None):
        raise Refusal(
            "standing.due", N_("限期整改须写明期限，其他处理不写期限。"), clause=entries.CLAUSE, field="due_on"
        )
    _do(ctx, entry, kind, reason, clause, due_on)
    measure = ctx.add(
        StandingMeasure(
            entry_id=entry.id,
            provider_id=entry.provider_id,
            city=entry.city,
            kind=kind,
            reason=reason.strip(),
            clause=clause.strip(),
            day=ctx.today,
            due_on=due_on,
            decided_by=ctx.actor.person_id if ctx.actor else None,
        )
    )
    ctx.session.flush()
    audit.record(ctx, f"standing.{kind.value}", measure, entry_id=entry.id)
    notices.tell(
        ctx,
        organisation_id=entry.provider_id,
        text=Text(
            N_("名录处理：{measure}。理由：{reason}（{clause}）。"),
            {"measure": Label(LABELS[kind]), "reason": measure.reason, "clause": measure.clause},
        ),
        url="/standing",
    )
    return measure


def _do(ctx: Context, entry: RosterEntry, kind: Measure, reason: str, clause: str, due_on: date | None) -> None:
    if kind is Measure.RECTIFY and due_on is not None:
        roster.rectify(ctx, entry.id, reason, clause, due_on)
        return
    verbs = {
        Measure.WARN: roster.warn,
        Measure.SUSPEND: roster.suspend,
        Measure.LIFT: roster.lift,
        Measure.REMOVE: roster.remove,
    }
    verbs[kind](ctx, entry.id, reason, clause)
