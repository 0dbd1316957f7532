"""Applying: begin, revise, submit within the period, supplement, withdraw."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, NotFound, Refusal
from marketplace.base.permissions import Scope
from marketplace.base.text import N_, Text
from marketplace.people.organisations import industries as trades
from marketplace.people.organisations import queries as organisations
from marketplace.policy.sanctions import queries as sanctions
from marketplace.policy.sanctions.states import Subject
from marketplace.record.audit import actions as audit
from marketplace.record.notices import actions as notices
from marketplace.shop.roster.states import ServiceClass
from providers.applications import facts, permissions, queries
from providers.applications.dossiers import add_case, add_proof, drop_case, drop_proof, save
from providers.applications.events import ApplicationSubmitted, ApplicationSupplemented
from providers.applications.models import Application
from providers.applications.states import APPLICATION, LIVE, ApplicationState
from providers.calls import queries as calls
from providers.calls.events import CallCancelled
from providers.calls.models import Call
from providers.calls.rules import Outcome
from providers.calls.states import CallState

__all__ = [
    "add_case",
    "add_proof",
    "begin",
    "check",
    "drop_case",
    "drop_proof",
    "revise",
    "save",
    "submit",
    "supplement",
    "tell_cancelled",
    "withdraw",
]

TRUTH_CLAUSE = "六(二)"
"""Falsification is vetoed and bars from applying."""
SUBJECT = "provider"


def begin(
    ctx: Context, call_id: uuid.UUID, *, klass: ServiceClass, industries: Sequence[str] = (), proposal: str = ""
) -> Application:
    """Start an application of the acting provider's organisation; only the applicant sees it.

    Refuses a second live one in the same class (`application.twice`) and a class that is not sought.
    """
    call = calls.get(ctx, call_id, lock=True)
    organisation_id = ctx.who.organisation_id
    if organisation_id is None:
        raise NotFound("call")
    ctx.require(permissions.APPLY, Scope.of(organisation_id))
    if call.state is not CallState.OPEN or ctx.today > call.closes_on:
        raise _not_open(ctx, call)
    _refuse_twice(ctx, call, klass)
    application = ctx.add(
        Application(
            call_id=call.id,
            city=call.city,
            applicant_organisation_id=organisation_id,
            subject_kind=SUBJECT,
            subject_id=organisation_id,
            klass=_sought(call, klass),
            industries=_industries(call, industries),
            proposal=proposal.strip(),
            state=ApplicationState.DRAFT,
        )
    )
    ctx.session.flush()
    audit.record(ctx, "application.begun", application, call_id=call.id)
    return application


def _refuse_twice(ctx: Context, call: Call, klass: ServiceClass, *, besides: uuid.UUID | None = None) -> None:
    """One live application of an organisation in a class of a call."""
    if any(a.klass is klass and a.state in LIVE and a.id != besides for a in queries.own(ctx, call.id)):
        raise Refusal("application.twice", N_("贵单位已在本次遴选中申报该类别。"), clause=call.clause, field="klass")


def revise(
    ctx: Context, application_id: uuid.UUID, *, klass: ServiceClass, industries: Sequence[str], proposal: str
) -> Application:
    """Change an application before it is submitted, or while it waits for a supplement (then not its class)."""
    application, call = _own(ctx, application_id)
    if application.state not in (ApplicationState.DRAFT, ApplicationState.RETURNED):
        raise Refusal("application.submitted", N_("申报已提交，不能修改。"), clause=call.clause)
    if application.state is ApplicationState.RETURNED and klass is not application.klass:
        raise Refusal("application.class_fixed", N_("补正时不能更换申报类别。"), clause=call.clause, field="klass")
    _refuse_twice(ctx, call, klass, besides=application.id)
    application.klass = _sought(call, klass)
    application.industries = _industries(call, industries)
    application.proposal = proposal.strip()
    ctx.session.flush()
    audit.record(ctx, "application.revised", application)
    return application


def check(ctx: Context, application: Application) -> list[Outcome]:
    """What the machine finds before a submission, from the dossier as it stands now."""
    call = calls.get(ctx, application.call_id)
    held = queries.held(ctx, application.applicant_organisation_id)
    copy = facts.copy_of(held) if held is not None else None
    return facts.outcomes(ctx, call, application.applicant_organisation_id, copy)


def submit(ctx: Context, application_id: uuid.UUID, *, promise: bool) -> Application:
    """Hand the application in with a copy of the dossier as it stands now.

    Refuses outside the period (`application.not_open`: a second late is late), without the promise of truth
    (`application.promise_missing`), for an organisation that is not confirmed (`organisation.not_confirmed`) or banned
    (`application.banned`), and without a dossier or proposal. Conditions the machine finds not met don't refuse: an
    officer decides on them, with reasons.
    """
    application, call = _own(ctx, application_id)
    if not call.takes_on(ctx.today):
        raise _not_open(ctx, call)
    _fit_to_submit(ctx, application, call, promise)
    _freeze(ctx, application, "submit")
    audit.record(ctx, "application.submitted", application, call_id=call.id)
    ctx.announce(ApplicationSubmitted(application.id, call.id, application.applicant_organisation_id))
    return application


def supplement(ctx: Context, application_id: uuid.UUID, *, promise: bool) -> Application:
    """Hand a returned application in again, by the last day that was given (`application.supplement_late`)."""
    application, call = _own(ctx, application_id)
    until = application.supplement_until
    if application.state is ApplicationState.RETURNED and until is not None and ctx.today > until:
        raise Refusal("application.supplement_late", N_("补正截止日 {day} 已过。"), clause=call.clause, day=until)
    _fit_to_submit(ctx, application, call, promise)
    _freeze(ctx, application, "resubmit")
    audit.record(ctx, "application.supplemented", application)
    ctx.announce(ApplicationSupplemented(application.id, call.id))
    return application


def withdraw(ctx: Context, application_id: uuid.UUID) -> Application:
    """Take an application back, before its condition check has ended."""
    application, _ = _own(ctx, application_id)
    APPLICATION.move(application, "withdraw")
    ctx.session.flush()
    audit.record(ctx, "application.withdrawn", application)
    return application


def tell_cancelled(ctx: Context, fact: CallCancelled) -> None:
    """Tell every applicant that the call ended without a result."""
    call = calls.get(ctx, fact.call_id)
    for application in queries.of_call(ctx, call.id, LIVE):
        notices.tell(
            ctx,
            organisation_id=application.applicant_organisation_id,
            text=Text(N_("“{title}”已终止：{reason}"), {"title": call.title, "reason": fact.reason}),
            url=f"/calls/{call.id}",
        )


def _own(ctx: Context, application_id: uuid.UUID) -> tuple[Application, Call]:
    application = queries.get(ctx, application_id, lock=True)
    ctx.require(permissions.APPLY, application)
    return application, calls.get(ctx, application.call_id)


def _fit_to_submit(ctx: Context, application: Application, call: Call, promise: bool) -> None:
    if not promise:
        raise Refusal(
            "application.promise_missing",
            N_("请承诺所报材料真实、合法、完整、有效；弄虚作假的，取消申报资格。"),
            clause=TRUTH_CLAUSE,
            field="promise",
        )
    organisations.require_confirmed(ctx, application.applicant_organisation_id)
    ban = sanctions.active(ctx, Subject.ORGANISATION, application.applicant_organisation_id, ctx.today)
    if ban is not None:
        raise Refusal(
            "application.banned",
            N_("贵单位因“{reason}”被限制申报，至 {until}。"),
            clause=ban.clause,
            reason=ban.reason,
            until=ban.until_day,
        )
    if not application.proposal:
        raise Refusal("application.proposal_missing", N_("请填写服务方案。"), clause=call.clause, field="proposal")


def _freeze(ctx: Context, application: Application, verb: str) -> None:
    """Move the application on with a copy of the dossier as it stands now."""
    held = queries.held(ctx, application.applicant_organisation_id)
    if held is None:
        raise Refusal("dossier.missing", N_("请先填写申报资料的基本情况。"))
    APPLICATION.move(application, verb)
    application.dossier = facts.copy_of(held)
    application.submitted_at = application.submitted_at or ctx.now
    application.promised_by = ctx.actor.person_id if ctx.actor else None
    application.supplement_until = None
    application.note = None
    ctx.session.flush()


def _not_open(ctx: Context, call: Call) -> Refusal:
    opens, closes = call.opens_on, call.closes_on
    return Refusal(
        "application.not_open",
        N_("报名时间为 {opens} 至 {closes}（北京时间，截止日 24 时止），现在不能提交。"),
        clause=call.clause,
        opens=opens,
        closes=closes,
    )


def _sought(call: Call, klass: ServiceClass) -> ServiceClass:
    if klass not in call.classes:
        raise Refusal("application.class_not_sought", N_("本次遴选不接受该类别。"), clause=call.clause, field="klass")
    return klass


def _industries(call: Call, given: Sequence[str]) -> list[str]:
    """Industry codes in normal form, within those the call seeks; none given: all of the call."""
    codes = sorted({trades.check(code) for code in given}) or list(call.industries)
    if call.industries and set(codes) - set(call.industries):
        raise Invalid({"industries": [N_("所选行业不在本次遴选范围内。")]}, "application.industry")
    return codes


def overdue(application: Application, today: date) -> bool:
    """Whether a returned application can no longer be supplemented."""
    return (
        application.state is ApplicationState.RETURNED
        and application.supplement_until is not None
        and today > application.supplement_until
    )
