"""Pages: the dossier, applying, and reading what was submitted."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Blueprint, send_file, url_for
from werkzeug.wrappers import Response

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.people.organisations import industries
from marketplace.people.organisations import queries as organisations
from marketplace.record.documents.names import disposition
from marketplace.shop.roster.states import CLASS_LABELS
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import language, say
from marketplace.web.nav import Task
from marketplace.web.runtime import act, reading
from marketplace.web.security import access
from providers.applications import actions, facts, files, queries, story
from providers.applications.dossiers import own_organisation
from providers.applications.listings import APPLICATIONS
from providers.applications.models import Application
from providers.applications.permissions import APPLY, KEEP_DOSSIER, READ
from providers.applications.ports import APPLICATION_PANELS
from providers.applications.schemas import (
    ApplicationTermsSchema,
    DossierCaseSchema,
    DossierFactsSchema,
    PromiseSchema,
    ProofFormSchema,
)
from providers.applications.states import PROOF_LABELS, ApplicationState, ProofKind
from providers.calls import queries as calls
from providers.calls.models import Call
from providers.calls.ports import Panel
from providers.calls.rules import Outcome
from providers.calls.states import CallState, Fact

bp = Blueprint("applications", __name__, url_prefix="/applications")

EDITABLE = (ApplicationState.DRAFT, ApplicationState.RETURNED)


@bp.get("")
@access(READ)
def index() -> str | Response:
    ctx = reading()
    return APPLICATIONS.answer("applications/index.html", ctx=ctx, applies=ctx.may(APPLY))


@bp.route("/dossier", methods=["GET", "POST"])
@access(KEEP_DOSSIER)
def dossier() -> Any:
    ctx = reading()
    held = queries.held(ctx, own_organisation(ctx))
    form = Form(DossierFactsSchema, values=_values(held) if held else None, live=True)
    if form.submitted and form.act(lambda c, data: actions.save(c, **data)):
        return done(N_("申报资料已保存。"), url_for("applications.dossier"))
    return (
        render(
            "applications/dossier.html",
            form=form,
            held=held,
            proofs=PROOF_LABELS,
            trade=lambda code: industries.name_of(code, language()),
        ),
        form.status,
    )


def _values(held: queries.Held) -> dict[str, Any]:
    found = held.dossier
    names = ("founded_on", "staff", "technical_staff", "introduction", "knowledge", "engineering", "ecosystem")
    values: dict[str, Any] = {name: str(getattr(found, name)) for name in (*names, "continuity")}
    values["revenue"] = money.plain(found.revenue_fen) if found.revenue_fen is not None else ""
    values["bad_credit"] = "true" if found.bad_credit else ""
    return values


@bp.route("/dossier/cases/new", methods=["GET", "POST"])
@access(KEEP_DOSSIER)
def add_case() -> Any:
    form = Form(DossierCaseSchema(exclude=["id"]), live=True)
    if form.submitted and form.act(lambda ctx, data: actions.add_case(ctx, **data)):
        return done(N_("案例已添加。"), url_for("applications.dossier"))
    options = [(code, f"{code} {industries.name_of(code, language())}") for code in industries.divisions()]
    return render("applications/case.html", form=form, industries=options), form.status


@bp.post("/dossier/cases/<uuid:case_id>/removal")
@access(KEEP_DOSSIER)
def drop_case(case_id: uuid.UUID) -> Any:
    act(lambda ctx: actions.drop_case(ctx, case_id))
    return done(N_("已删除；已提交的申报不受影响。"), url_for("applications.dossier"))


@bp.route("/dossier/proofs/new", methods=["GET", "POST"])
@access(KEEP_DOSSIER)
def add_proof() -> Any:
    form = Form(ProofFormSchema)
    if form.submitted and form.act(lambda ctx, data: _add_proof(ctx, **data)):
        return done(N_("材料已添加。"), url_for("applications.dossier"))
    options = [(kind.value, say(label)) for kind, label in PROOF_LABELS.items()]
    return render("applications/proof.html", form=form, kinds=options), form.status


def _add_proof(ctx: Context, *, kind: ProofKind, name: str, number: str, file: Any) -> Any:
    file.stream.seek(0)  # a second try of the act reads it again
    return actions.add_proof(ctx, kind=kind, name=name, number=number, data=file.stream, filename=file.filename)


@bp.post("/dossier/proofs/<uuid:proof_id>/removal")
@access(KEEP_DOSSIER)
def drop_proof(proof_id: uuid.UUID) -> Any:
    act(lambda ctx: actions.drop_proof(ctx, proof_id))
    return done(N_("已删除；已提交的申报不受影响。"), url_for("applications.dossier"))


@bp.route("/new/<uuid:call_id>", methods=["GET", "POST"])
@access(APPLY)
def begin(call_id: uuid.UUID) -> Any:
    call = calls.get(reading(), call_id)
    first = {"class": call.classes[0].value, "industries": call.industries}
    form = Form(ApplicationTermsSchema, values=first, live=True)
    if form.submitted and form.act(lambda ctx, data: actions.begin(ctx, call_id, **data)):
        return done(N_("已保存草稿，请核对后提交。"), url_for("applications.show", application_id=form.result.id))
    return _terms_page(form, call, None), form.status


@bp.route("/<uuid:application_id>/edit", methods=["GET", "POST"])
@access(APPLY)
def edit(application_id: uuid.UUID) -> Any:
    ctx = reading()
    application = queries.get(ctx, application_id)
    call = calls.get(ctx, application.call_id)
    values = {
        "class": application.klass.value,
        "industries": application.industries,
        "proposal": application.proposal,
    }
    form = Form(ApplicationTermsSchema, values=values, live=True)
    if form.submitted and form.act(lambda c, data: actions.revise(c, application_id, **data)):
        return done(N_("已保存草稿，请核对后提交。"), url_for("applications.show", application_id=application_id))
    return _terms_page(form, call, application), form.status


def _terms_page(form: Form, call: Call, application: Application | None) -> str:
    codes = call.industries or [c for c in industries.divisions() if industries.is_industrial(c)]
    return render(
        "applications/form.html",
        form=form,
        call=call,
        application=application,
        classes=[
            {
                "value": k.value,
                "title": say(CLASS_LABELS[k]),
                "text": say(Text(N_("拟选 {count} 家"), {"count": call.seats[k.value]})),
            }
            for k in call.classes
        ],
        industries=[(code, f"{code} {industries.name_of(code, language())}") for code in codes],
    )


@bp.get("/<uuid:application_id>")
@access(READ)
def show(application_id: uuid.UUID) -> str:
    return _page(application_id, Form(PromiseSchema))


@bp.post("/<uuid:application_id>/submission")
@access(APPLY)
def submit(application_id: uuid.UUID) -> Any:
    """Submit a draft, or a returned application again."""
    form = Form(PromiseSchema)

    def verb(ctx: Context, data: dict[str, Any]) -> Application:
        application = queries.get(ctx, application_id)
        again = application.state is ApplicationState.RETURNED
        return (actions.supplement if again else actions.submit)(ctx, application_id, **data)

    if form.act(verb):
        return done(N_("申报已提交。"), url_for("applications.show", application_id=application_id))
    return _page(application_id, form), form.status


@bp.post("/<uuid:application_id>/withdrawal")
@access(APPLY)
def withdraw(application_id: uuid.UUID) -> Any:
    act(lambda ctx: actions.withdraw(ctx, application_id))
    return done(N_("申报已撤回。"), url_for("applications.show", application_id=application_id))


def _page(application_id: uuid.UUID, form: Form) -> str:
    ctx = reading()
    application = queries.get(ctx, application_id)
    call = calls.get(ctx, application.call_id)
    editing = application.state in EDITABLE and ctx.may(APPLY, application)
    held = queries.held(ctx, application.applicant_organisation_id) if editing else None
    shown = queries.submitted(ctx, application) if not editing else facts.copy_of(held) if held else None
    name = organisations.names(ctx, [application.applicant_organisation_id])
    panels = [panel for build in ctx.house.all(APPLICATION_PANELS) if (panel := build(ctx, application)) is not None]
    outcomes = actions.check(ctx, application) if editing else []
    may_submit = editing and _in_time(ctx, application, call)
    return render(
        "applications/show.html",
        ctx=ctx,
        form=form,
        application=application,
        call=call,
        name=name.get(application.applicant_organisation_id, ""),
        klass=CLASS_LABELS[application.klass],
        trades=[industries.name_of(code, language()) for code in application.industries],
        trade=lambda code: industries.name_of(code, language()),
        dossier=shown,
        editing=editing,
        may_submit=may_submit,
        path=[
            {"label": say(s.label), "state": s.state, "hint": s.hint and say(s.hint)} for s in story.path(application)
        ],
        parts=_parts(application, held, outcomes, may_submit) if editing else [],
        may_withdraw=ctx.may(APPLY, application)
        and application.state in (ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.RETURNED),
        outcomes=outcomes,
        never=facts.NEVER,
        since_removal=Fact.YEARS_SINCE_REMOVAL,
        proofs=PROOF_LABELS,
        panels=panels,
    )


def _parts(
    application: Application, held: queries.Held | None, outcomes: Sequence[Outcome], may_submit: bool
) -> list[dict[str, Any]]:
    """What belongs to an application, for `tasks.todo`: each part with how far it is."""
    keep = url_for("applications.dossier")
    planned = bool(application.proposal.strip())
    failed = sum(outcome.result == "fail" for outcome in outcomes)
    return [
        {
            "label": say(N_("服务方案")),
            "url": url_for("applications.edit", application_id=application.id),
            "status": "done" if planned else "todo",
        },
        {"label": say(N_("基本情况")), "url": f"{keep}#basics", "status": "done" if held else "todo"},
        _counted(N_("成功案例"), f"{keep}#cases", len(held.cases) if held else None),
        _counted(N_("证明材料"), f"{keep}#proofs", len(held.proofs) if held else None),
        {
            "label": say(N_("自动核对")),
            "url": "#checks",
            "hint": say(N_("不符合的条件不妨碍提交，由审查人员判断并说明理由。")) if failed else None,
            "status": "bad" if failed else "done",
            "words": say(Text(N_("{count} 项不符合"), {"count": failed})) if failed else None,
        },
        {
            "label": say(N_("承诺并提交")),
            "url": "#submit",
            "status": "todo" if may_submit and planned and held else "locked",
        },
    ]


def _counted(label: str, url: str, count: int | None) -> dict[str, Any]:
    """A part made of several things: none yet is not begun, and cannot be before the basics."""
    return {
        "label": say(label),
        "url": url,
        "status": "locked" if count is None else "done" if count else "todo",
        "words": say(Text(N_("已添加 {count} 项"), {"count": count})) if count else None,
    }


def _in_time(ctx: Context, application: Application, call: Call) -> bool:
    if application.state is ApplicationState.RETURNED:
        return not actions.overdue(application, ctx.today)
    return call.takes_on(ctx.today)


@bp.get("/<uuid:application_id>/documents/<uuid:document_id>")
@access(READ)
def document(application_id: uuid.UUID, document_id: uuid.UUID) -> Response:
    """A document of the submitted dossier, always as a download."""
    found, stream = files.open_document(reading(), application_id, document_id)
    response = send_file(stream, mimetype=found.media_type, max_age=0, etag=False)
    response.headers["Content-Disposition"] = disposition(found.name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


def way_to_apply(ctx: Context, call: Call) -> Panel | None:
    """On a call's page: what a provider has sent, or the way to apply."""
    if ctx.actor is None:
        return Panel("applications/invitation.html", {"call": call}) if call.takes_on(ctx.today) else None
    if ctx.actor.role is not Role.PROVIDER:
        return None
    own = queries.own(ctx, call.id)
    may_begin = call.state is CallState.OPEN and ctx.today <= call.closes_on
    if not own and not may_begin:
        return None
    taken = {a.klass for a in own if a.state is not ApplicationState.WITHDRAWN}
    data: Mapping[str, Any] = {
        "call": call,
        "own": own,
        "classes": CLASS_LABELS,
        "may_begin": may_begin and set(call.classes) - taken,
    }
    return Panel("applications/own.html", dict(data))


def tasks(ctx: Context) -> Iterable[Task]:
    """Supplements that are asked for."""
    if ctx.actor is None or ctx.actor.role is not Role.PROVIDER:
        return
    for application in queries.returned(ctx):
        yield Task(
            Text(N_("请补正申报材料"), {}),
            url_for("applications.show", application_id=application.id),
            due=application.supplement_until,
            tone="bad" if actions.overdue(application, ctx.today) else "warn",
            hint=Text(N_("需要补正：{note}"), {"note": application.note or ""}),
        )
