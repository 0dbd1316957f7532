"""What officers, auditors and, once it is decided, applicants read of a review."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.people.organisations import queries as organisations
from marketplace.procedure.panels import queries as panels
from marketplace.procedure.panels.models import Panel
from providers.applications import queries as applications
from providers.applications.models import Application
from providers.applications.states import ApplicationState
from providers.calls import queries as calls
from providers.calls.models import Call
from providers.review import permissions, rules
from providers.review.models import ConditionCheck, Ranking

SUBJECT = "call"
"""What panels and public notices of a selection are about: the call."""

_CONCLUDED = frozenset(ApplicationState) - {
    ApplicationState.DRAFT,
    ApplicationState.SUBMITTED,
    ApplicationState.RETURNED,
    ApplicationState.WITHDRAWN,
}


def call(ctx: Context, call_id: uuid.UUID) -> Call:
    """A call whose review this person may read; 404 otherwise."""
    found = calls.get(ctx, call_id)
    if not ctx.may(permissions.READ, found):
        raise NotFound("call")
    return found


def checks(ctx: Context, application: Application) -> list[ConditionCheck]:
    """The condition checks of an application that was authorised already; the applicant's after the conclusion."""
    if not ctx.may(permissions.READ, application) and application.state not in _CONCLUDED:
        return []
    return all_checks(ctx, [application.id]).get(application.id, [])


def all_checks(
    ctx: Context, application_ids: Iterable[uuid.UUID], *, lock: bool = False
) -> dict[uuid.UUID, list[ConditionCheck]]:
    """The checks of several applications at once. Does not ask who looks."""
    statement = (
        select(ConditionCheck)
        .where(ConditionCheck.application_id.in_(list(application_ids)))
        .order_by(ConditionCheck.application_id, ConditionCheck.position)
    )
    found: dict[uuid.UUID, list[ConditionCheck]] = {}
    for row in ctx.session.scalars(statement.with_for_update() if lock else statement):
        found.setdefault(row.application_id, []).append(row)
    return found


def panel(ctx: Context, call_id: uuid.UUID) -> Panel | None:
    """The last panel of a call that this person may see."""
    return next(iter(panels.of_subject(ctx, SUBJECT, call_id)), None)


def ranking(ctx: Context, call_id: uuid.UUID) -> list[tuple[Ranking, str]]:
    """The ranking last made of a call, each with the applicant's name, by class and place."""
    rows = ctx.session.execute(
        select(Ranking, Application.applicant_organisation_id)
        .join(Application, Application.id == Ranking.application_id)
        .where(Ranking.call_id == call_id)
        .order_by(Ranking.klass, Ranking.place, Ranking.application_id)
    ).all()
    names = organisations.names(ctx, [organisation_id for _, organisation_id in rows])
    return [(row, names.get(organisation_id, "")) for row, organisation_id in rows]


def preview(ctx: Context, call: Call) -> list[rules.Ranked]:
    """The ranking as it follows from the closed panel, before anybody proposes it."""
    scored = applications.of_call(ctx, call.id, [ApplicationState.SCORED, ApplicationState.PROPOSED])
    last = panels.last_closed(ctx, SUBJECT, call.id)
    results = {r.candidate_id: r for r in panels.results(ctx, last.id)} if last else {}
    return rules.rank(
        [rules.Scored(a.id, a.klass, a.score or 0, results[a.id].means if a.id in results else {}) for a in scored],
        seats=call.seats,
        pass_line=call.pass_line,
        tie_break=call.tie_break,
    )
