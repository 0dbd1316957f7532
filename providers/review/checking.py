"""Opening the applications and checking their conditions: the machine first, then a person."""

from __future__ import annotations

import uuid

from sqlalchemy import update

from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.text import N_, Text
from marketplace.base.workdays import add_workdays
from marketplace.record.audit import actions as audit
from marketplace.record.notices import actions as notices
from providers.applications import actions as applying
from providers.applications import facts
from providers.applications import queries as applications
from providers.applications.events import ApplicationSupplemented
from providers.applications.models import Application
from providers.applications.states import APPLICATION, ApplicationState
from providers.calls import queries as calls
from providers.calls.models import Call
from providers.calls.states import CALL
from providers.review import permissions, queries
from providers.review.models import ConditionCheck
from providers.review.states import Finding

SUPPLEMENT_DAYS = 5
"""Working days for a supplement, unless the officer says otherwise."""


def begin(ctx: Context, call_id: uuid.UUID) -> Call:
    """Open the applications of a closed call and let the machine check their conditions."""
    call = calls.get(ctx, call_id, lock=True)
    ctx.require(permissions.REVIEW, call)
    CALL.move(call, "review")
    found = applications.of_call(ctx, call.id, [ApplicationState.SUBMITTED], lock=True)
    ctx.session.execute(update(Application).where(Application.id.in_([a.id for a in found])).values(opened_at=ctx.now))
    for application in found:
        _check(ctx, call, application)
    ctx.session.flush()
    audit.record(ctx, "review.begun", call, applications=len(found))
    return call


def _check(ctx: Context, call: Call, application: Application) -> None:
    """Write the machine's findings down; what a person decided before stays."""
    held = {c.code: c for c in queries.all_checks(ctx, [application.id]).get(application.id, [])}
    outcomes = facts.outcomes(ctx, call, application.applicant_organisation_id, application.dossier)
    for position, outcome in enumerate(outcomes, start=1):
        machine = Finding(outcome.result)
        row = held.get(outcome.condition.code)
        if row is None:
            row = ctx.add(
                ConditionCheck(
                    application_id=application.id,
                    position=position,
                    code=outcome.condition.code,
                    label=outcome.condition.label,
                    needed=outcome.condition.value,
                )
            )
        row.machine, row.actual = machine, outcome.actual
        row.decision = None if machine is Finding.PERSON else machine
        row.reason = row.decided_by = row.decided_at = None


def recheck(ctx: Context, fact: ApplicationSupplemented) -> None:
    """A supplement came in: the machine looks again, and what persons decided is theirs to decide again."""
    application = applications.get(ctx, fact.application_id)
    _check(ctx, calls.get(ctx, fact.call_id), application)
    ctx.session.flush()


def decide_condition(
    ctx: Context, application_id: uuid.UUID, code: str, *, passed: bool, reason: str = ""
) -> ConditionCheck:
    """An officer decides a condition: what the machine left open, or, with a reason, otherwise than the machine."""
    application, call = _reviewed(ctx, application_id)
    checks = queries.all_checks(ctx, [application.id], lock=True).get(application.id, [])
    row = next((c for c in checks if c.code == code), None)
    if row is None:
        raise NotFound("condition_check")
    if application.state is not ApplicationState.SUBMITTED:
        raise Refusal("review.concluded", N_("该申报不在形式审查中，不能更改条件判断。"), clause=call.clause)
    decision = Finding.PASS if passed else Finding.FAIL
    if not reason.strip() and (decision is not row.machine):
        raise Refusal("review.reason_missing", N_("请写明判断理由。"), clause=call.clause, field="reason")
    row.decision = decision
    row.reason = reason.strip() or None
    row.decided_by = ctx.actor.person_id if ctx.actor else None
    row.decided_at = ctx.now
    ctx.session.flush()
    audit.record(ctx, "review.condition", application, code=code, machine=row.machine, decision=decision)
    return row


def ask(ctx: Context, application_id: uuid.UUID, note: str, working_days: int = SUPPLEMENT_DAYS) -> Application:
    """Return an application for a supplement, saying what is missing, with a last day counted in working days."""
    application, call = _reviewed(ctx, application_id)
    if not note.strip() or working_days < 1:
        raise Refusal("review.note_missing", N_("请写明需要补正的内容和期限。"), clause=call.clause, field="note")
    APPLICATION.move(application, "return")
    application.note = note.strip()
    application.supplement_until = add_workdays(ctx.today, working_days).day
    ctx.session.flush()
    audit.record(ctx, "application.returned", application, until=application.supplement_until)
    _tell(
        ctx,
        application,
        N_("“{title}”：请在 {until} 前补正：{note}"),
        title=call.title,
        until=application.supplement_until,
        note=application.note,
    )
    return application


def conclude(ctx: Context, application_id: uuid.UUID) -> Application:
    """End the condition check: qualified when every condition is met, otherwise unqualified with the reasons.

    Refuses while a condition is undecided (`review.undecided`) and while a supplement may still come in
    (`review.supplement_open`); one that did not come in time is unqualified.
    """
    application, call = _reviewed(ctx, application_id)
    checks = queries.all_checks(ctx, [application.id]).get(application.id, [])
    late = applying.overdue(application, ctx.today)
    if application.state is ApplicationState.RETURNED and not late:
        raise Refusal(
            "review.supplement_open",
            N_("补正期限至 {day}，期满前不能作出结论。"),
            clause=call.clause,
            day=application.supplement_until,
        )
    undecided = sum(c.decision is None for c in checks)
    if undecided and not late:
        raise Refusal("review.undecided", N_("还有 {count} 项条件没有判断。"), clause=call.clause, count=undecided)
    failed = [c for c in checks if c.decision is Finding.FAIL]
    if failed or late:
        APPLICATION.move(application, "disqualify")
        labels = "；".join(c.label + (f"（{c.reason}）" if c.reason else "") for c in failed)
        application.note = labels or "未在期限内补正"
        _tell(ctx, application, N_("“{title}”：形式审查不通过：{note}"), title=call.title, note=application.note)
    else:
        APPLICATION.move(application, "qualify")
        application.note = None
        _tell(ctx, application, N_("“{title}”：形式审查通过，等待专家评审。"), title=call.title)
    application.supplement_until = None
    ctx.session.flush()
    audit.record(ctx, "review.concluded", application, state=application.state, failed=[c.code for c in failed])
    return application


def _reviewed(ctx: Context, application_id: uuid.UUID) -> tuple[Application, Call]:
    application = applications.get(ctx, application_id, lock=True)
    ctx.require(permissions.REVIEW, application)
    return application, calls.get(ctx, application.call_id)


def _tell(ctx: Context, application: Application, template: str, **values: object) -> None:
    notices.tell(
        ctx,
        organisation_id=application.applicant_organisation_id,
        text=Text(template, values),
        url=f"/applications/{application.id}",
    )
