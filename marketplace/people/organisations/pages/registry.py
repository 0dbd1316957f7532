"""Registering organisations, finding them, confirming who they are."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.organisations import actions, facts, queries
from marketplace.people.organisations.listings import CHANGES, ORGANISATIONS, fact_shown
from marketplace.people.organisations.models import Organisation, OwnershipCase
from marketplace.people.organisations.pages import glue
from marketplace.people.organisations.permissions import (
    CHANGE,
    CONFIRM,
    READ,
    READ_ACCOUNT,
    REGISTER,
    REGISTER_OFFICE,
)
from marketplace.people.organisations.schemas import ReasonForm, RegisterForm
from marketplace.people.organisations.states import (
    CAPACITY_HINTS,
    CAPACITY_LABELS,
    OPEN_TO_ALL,
    CapacityKind,
    FactState,
)
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.listings import say_or_text
from marketplace.web.runtime import act, reading
from marketplace.web.security import NEWCOMER, SIGNED_IN, access

bp = Blueprint("organisations", __name__, url_prefix="/organisations")


@bp.get("")
@access(READ)
def index() -> str | Response:
    ctx = reading()
    return ORGANISATIONS.answer("organisations/index.html", ctx=ctx, may_register=ctx.may(REGISTER_OFFICE))


@bp.get("/mine")
@access(SIGNED_IN)
def mine() -> Response:
    """To the organisation one acts for; who looks after those of others, to their list; anybody else registers one."""
    ctx = reading()
    if own := ctx.who.organisation_id:
        return redirect(url_for("organisations.show", organisation_id=own), code=302)
    return redirect(url_for("organisations.index" if ctx.may(READ) else "organisations.register"), code=302)


@bp.route("/register", methods=["GET", "POST"])
@access(NEWCOMER, REGISTER)
def register() -> Any:
    """Register an enterprise or a provider; officers also authorities, pilot offices and banks."""
    form = Form(RegisterForm, values={"capacity": request.args.get("as", CapacityKind.ENTERPRISE.value)}, live=True)
    if form.submitted and form.act(lambda ctx, data: actions.register(ctx, **data)):
        return _registered(form.result)
    ctx = reading()
    office = ctx.may(REGISTER_OFFICE)
    kinds = list(CapacityKind) if office else list(OPEN_TO_ALL)
    return render(
        "organisations/register.html",
        ctx=ctx,
        form=form,
        kinds=[
            {"value": kind.value, "title": say(CAPACITY_LABELS[kind]), "text": say(CAPACITY_HINTS[kind])}
            for kind in kinds
        ],
        places=glue.place_options(ctx, office=office),
        industries=glue.industry_options(),
    ), form.status


def _registered(made: Organisation | OwnershipCase) -> Response:
    if isinstance(made, OwnershipCase):
        return done(
            N_("该单位已由他人登记。您的主张已转主管部门核实，在此期间任何人的权限都不会改变。"),
            url_for("ownership.show", case_id=made.id),
        )
    who = reading().who
    if who.role in (Role.ENTERPRISE, Role.PROVIDER) and who.organisation_id != made.id:
        return done(N_("单位已登记，请切换到新的身份后继续。"), "/account")
    return done(
        N_("单位已登记，主管部门确认身份后即可办理业务。"), url_for("organisations.show", organisation_id=made.id)
    )


@bp.get("/<uuid:organisation_id>")
@access(READ)
def show(organisation_id: uuid.UUID) -> str:
    ctx = reading()
    organisation = queries.get(ctx, organisation_id)
    history = queries.facts(ctx, organisation_id)
    return render(
        "organisations/show.html",
        ctx=ctx,
        organisation=organisation,
        place=glue.place_name(ctx, organisation.region),
        industry=glue.industry(organisation.industry),
        kinds=[say(CAPACITY_LABELS[kind]) for kind in sorted(queries.capacities(ctx, organisation_id))],
        waiting=[fact for fact in history if fact.state is FactState.PROPOSED],
        history=history,
        shown={fact.id: say_or_text(fact_shown(ctx, fact)) for fact in history},
        shareholders=queries.shareholders(ctx, organisation_id),
        papers=queries.papers(ctx, organisation_id),
        may_change=ctx.may(CHANGE, organisation),
        may_confirm=ctx.may(CONFIRM, organisation),
        may_see_accounts=ctx.may(READ_ACCOUNT, organisation),
        **glue.LABELS,
    )


@bp.post("/<uuid:organisation_id>/confirm")
@access(CONFIRM)
def confirm(organisation_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.confirm(ctx, organisation_id))
    return done(N_("身份已确认。"), url_for("organisations.show", organisation_id=organisation_id))


@bp.route("/<uuid:organisation_id>/reject", methods=["GET", "POST"])
@access(CONFIRM)
def reject(organisation_id: uuid.UUID) -> Any:
    organisation = queries.get(reading(), organisation_id)
    form = Form(ReasonForm)
    back = url_for("organisations.show", organisation_id=organisation_id)
    if form.submitted and form.act(lambda ctx, data: actions.reject(ctx, organisation_id, **data)):
        return done(N_("已退回，登记人可以更正后重新提交。"), back)
    return render(
        "organisations/reason.html",
        form=form,
        title=N_("不予确认"),
        lead=organisation.name,
        hint=N_("写明需要更正的内容，登记人会看到。"),
        label=N_("退回"),
        back=(organisation.name, back),
    ), form.status


@bp.post("/<uuid:organisation_id>/resubmit")
@access(CHANGE)
def resubmit(organisation_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.resubmit(ctx, organisation_id))
    return done(N_("已重新提交，等待确认。"), url_for("organisations.show", organisation_id=organisation_id))


@bp.get("/changes")
@access(CONFIRM)
def changes() -> str | Response:
    """Changes of name, legal representative or place that wait for an officer."""
    return CHANGES.answer("organisations/changes.html")


@bp.post("/facts/<uuid:fact_id>/accept")
@access(CONFIRM)
def accept_fact(fact_id: uuid.UUID) -> Response:
    fact = act(lambda ctx: facts.decide(ctx, fact_id, True))
    return done(N_("变更已采纳。"), url_for("organisations.show", organisation_id=fact.organisation_id))


@bp.post("/facts/<uuid:fact_id>/refuse")
@access(CONFIRM)
def refuse_fact(fact_id: uuid.UUID) -> Response:
    fact = act(lambda ctx: facts.decide(ctx, fact_id, False))
    return done(N_("变更未采纳。"), url_for("organisations.show", organisation_id=fact.organisation_id))
