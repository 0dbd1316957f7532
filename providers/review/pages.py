"""Pages: the officer's workbench of one call, the check of one application."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.people.organisations import queries as organisations
from marketplace.procedure.panels.scoring import plain
from marketplace.procedure.panels.states import PanelState
from marketplace.procedure.publicity import queries as publicity
from marketplace.shop.roster.states import CLASS_LABELS
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.nav import Task
from marketplace.web.runtime import act, reading
from marketplace.web.security import access
from providers.applications import actions as applying
from providers.applications import facts
from providers.applications import queries as applications
from providers.applications.models import Application
from providers.applications.states import ApplicationState
from providers.calls import queries as calls
from providers.calls import story
from providers.calls.models import Call
from providers.calls.ports import Panel
from providers.calls.states import CallState, Fact
from providers.review import actions, queries
from providers.review.permissions import DECIDE, READ, REVIEW
from providers.review.queries import SUBJECT
from providers.review.schemas import DecideConditionFormSchema, DrawFormSchema, ExclusionSchema, SupplementSchema
from providers.review.states import LABELS, TONES, Finding

bp = Blueprint("review", __name__, url_prefix="/review")

_SHOWN = frozenset(ApplicationState) - {ApplicationState.DRAFT, ApplicationState.WITHDRAWN}
_WAITING = (ApplicationState.SUBMITTED, ApplicationState.RETURNED)


@bp.get("/calls/<uuid:call_id>")
@access(READ)
def show(call_id: uuid.UUID) -> str:
    return _page(call_id, Form(DrawFormSchema, values={"size": "5"}))


@bp.post("/calls/<uuid:call_id>/panel")
@access(REVIEW)
def draw_panel(call_id: uuid.UUID) -> Any:
    form = Form(DrawFormSchema)
    if form.act(lambda ctx, data: actions.draw_panel(ctx, call_id, data["size"], _words(data["expertise"]))):
        return done(N_("专家已随机抽取，并已通知专家声明回避。"), url_for("panels.show", panel_id=form.result.id))
    return _page(call_id, form), form.status


def _words(text: str) -> list[str]:
    return [word.strip() for word in re.split(r"[、，,；;]+", text) if word.strip()]


def _page(call_id: uuid.UUID, form: Form) -> str:
    ctx = reading()
    call = queries.call(ctx, call_id)
    found = applications.of_call(ctx, call.id, _SHOWN) if call.state not in (CallState.DRAFT, CallState.OPEN) else []
    found = [a for a in found if a.opened_at is not None]
    names = organisations.names(ctx, [a.applicant_organisation_id for a in found])
    checks = queries.all_checks(ctx, [a.id for a in found])
    panel = queries.panel(ctx, call.id)
    notices = publicity.of_subject(ctx, SUBJECT, call.id)
    scored = any(a.state is ApplicationState.SCORED for a in found)
    preview = queries.preview(ctx, call) if call.state is CallState.REVIEWING and scored else []
    applicants = {a.id: a.applicant_organisation_id for a in found}
    waiting = sum(a.state in _WAITING for a in found)
    counted = [check for of_one in checks.values() for check in of_one]
    return render(
        "review/show.html",
        ctx=ctx,
        form=form,
        call=call,
        state=call.state,
        path=[{"label": say(s.label), "state": s.state, "hint": s.hint and say(s.hint)} for s in story.path(call)],
        waiting=waiting,
        open_checks=sum(check.decision is None for check in counted),
        all_checks=len(counted),
        qualified=sum(a.state not in (*_WAITING, ApplicationState.UNQUALIFIED) for a in found),
        seats=sum(call.seats.values()),
        received=applications.submitted_count(ctx, call.id),
        applications=found,
        names={a.id: names.get(a.applicant_organisation_id, "") for a in found},
        undecided={a.id: sum(c.decision is None for c in checks.get(a.id, [])) for a in found},
        failed={a.id: sum(c.decision is Finding.FAIL for c in checks.get(a.id, [])) for a in found},
        classes=CLASS_LABELS,
        panel=panel,
        ready_to_draw=call.state is CallState.REVIEWING
        and not waiting
        and any(a.state is ApplicationState.QUALIFIED for a in found)
        and (panel is None or panel.state is PanelState.CLOSED),
        ready_to_propose=call.state is CallState.REVIEWING
        and scored
        and not waiting
        and not any(a.state is ApplicationState.QUALIFIED for a in found),
        preview=preview,
        preview_rows=[(row, names.get(applicants[row.application_id], "")) for row in preview],
        ranking=queries.ranking(ctx, call.id),
        notice=notices[0] if notices else None,
        may_review=ctx.may(REVIEW, call),
        may_decide=ctx.may(DECIDE, call),
        points=plain,
    )


@bp.post("/calls/<uuid:call_id>/opening")
@access(REVIEW)
def begin(call_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.begin(ctx, call_id))
    return done(N_("申报已开启，系统已完成自动核对。"), url_for("review.show", call_id=call_id))


@bp.post("/calls/<uuid:call_id>/proposal")
@access(REVIEW)
def propose(call_id: uuid.UUID) -> Response:
    notice = act(lambda ctx: actions.propose(ctx, call_id))
    return done(N_("拟入选名单已公示。"), url_for("publicity.show", notice_id=notice.id))


@bp.post("/calls/<uuid:call_id>/decision")
@access(DECIDE)
def decide(call_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.decide(ctx, call_id))
    return done(N_("入选名单已确定，入选单位已列入名录。"), url_for("review.show", call_id=call_id))


@bp.route("/applications/<uuid:application_id>/conditions/<code>", methods=["GET", "POST"])
@access(REVIEW)
def decide_condition(application_id: uuid.UUID, code: str) -> Any:
    ctx = reading()
    application = applications.get(ctx, application_id)
    check = next((c for c in queries.checks(ctx, application) if c.code == code), None)
    values = {"answer": check.decision.value, "reason": check.reason or ""} if check and check.decision else None
    form = Form(DecideConditionFormSchema, values=values)
    if form.submitted and form.act(
        lambda c, data: actions.decide_condition(
            c, application_id, code, passed=data["answer"] == "pass", reason=data["reason"]
        )
    ):
        return done(N_("判断已保存。"), url_for("applications.show", application_id=application_id))
    page = render(
        "review/condition.html",
        form=form,
        application=application,
        name=_applicant(ctx, application),
        check=check,
        labels=LABELS,
        tones=TONES,
        never=facts.NEVER,
        since_removal=Fact.YEARS_SINCE_REMOVAL,
    )
    return page, form.status


def _applicant(ctx: Context, application: Application) -> str:
    found = organisations.names(ctx, [application.applicant_organisation_id])
    return found.get(application.applicant_organisation_id, "")


@bp.route("/applications/<uuid:application_id>/supplement", methods=["GET", "POST"])
@access(REVIEW)
def ask(application_id: uuid.UUID) -> Any:
    form = Form(SupplementSchema, values={"working_days": "5"})
    if form.submitted and form.act(lambda c, data: actions.ask(c, application_id, **data)):
        return done(N_("已退回补正，并已通知申报单位。"), url_for("applications.show", application_id=application_id))
    return _about("review/ask.html", application_id, form)


@bp.post("/applications/<uuid:application_id>/conclusion")
@access(REVIEW)
def conclude(application_id: uuid.UUID) -> Response:
    application = act(lambda ctx: actions.conclude(ctx, application_id))
    passed = application.state is ApplicationState.QUALIFIED
    message = N_("形式审查通过。") if passed else N_("形式审查不通过，已通知申报单位。")
    return done(message, url_for("review.show", call_id=application.call_id))


@bp.route("/applications/<uuid:application_id>/exclusion", methods=["GET", "POST"])
@access(REVIEW)
def exclude(application_id: uuid.UUID) -> Any:
    application = applications.get(reading(), application_id)
    form = Form(ExclusionSchema)
    if form.submitted and form.act(lambda c, data: actions.exclude(c, application_id, **data)):
        return done(N_("该申报不再列入评审。"), url_for("review.show", call_id=application.call_id))
    return _about("review/exclude.html", application_id, form)


def _about(template: str, application_id: uuid.UUID, form: Form) -> Any:
    """The page of a decision about one application: whose it is and how far it came stand above the form."""
    ctx = reading()
    application = applications.get(ctx, application_id)
    name, klass = _applicant(ctx, application), CLASS_LABELS[application.klass]
    return render(template, form=form, application=application, name=name, klass=klass, points=plain), form.status


def workbench(ctx: Context, call: Call) -> Panel | None:
    """On a call's page: the way to its review."""
    if call.state is CallState.DRAFT or not ctx.may(READ, call):
        return None
    return Panel("review/link.html", {"call": call, "received": applications.submitted_count(ctx, call.id)})


def checks(ctx: Context, application: Application) -> Panel | None:
    """On an application's page: the condition check, with the officer's verbs while it runs."""
    found = queries.checks(ctx, application)
    may_review = ctx.may(REVIEW, application)
    if not found and not may_review:
        return None
    late = applying.overdue(application, ctx.today)
    call = calls.get(ctx, application.call_id)
    return Panel(
        "review/checks.html",
        {
            "application": application,
            "checks": found,
            "labels": LABELS,
            "tones": TONES,
            "never": facts.NEVER,
            "since_removal": Fact.YEARS_SINCE_REMOVAL,
            "may_decide": may_review and application.state is ApplicationState.SUBMITTED,
            "may_conclude": may_review
            and (late or (application.state is ApplicationState.SUBMITTED and all(c.decision for c in found))),
            "may_exclude": may_review
            and application.state is ApplicationState.SCORED
            and call.state is CallState.REVIEWING,
            "score": plain(application.score) if application.score is not None and may_review else None,
        },
    )


def tasks(ctx: Context) -> Iterable[Task]:
    """What the review of the officer's calls waits for."""
    if ctx.actor is None or ctx.matrix.within(REVIEW, ctx.actor.role) is None:
        return
    texts = {
        CallState.CLOSED: N_("开启申报并审查：{title}"),
        CallState.REVIEWING: N_("评审进行中：{title}"),
        CallState.CLEARED: N_("公示无异议，可以确定名单：{title}"),
    }
    for call in calls.of_officer(ctx, texts):
        yield Task(Text(texts[call.state], {"title": call.title}), url_for("review.show", call_id=call.id))
