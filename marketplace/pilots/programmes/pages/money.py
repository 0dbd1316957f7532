"""Pages: tranches, the mid-term evaluation, changes of plan."""

from __future__ import annotations

import uuid
from typing import Any

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.pilots.programmes import actions, permissions, queries
from marketplace.pilots.programmes.models import MidTermEvaluation, PlanChange
from marketplace.pilots.programmes.pages.pilots import bp
from marketplace.pilots.programmes.pages.uploads import keep
from marketplace.pilots.programmes.schemas import (
    MidTermEvaluationFormSchema,
    PilotReasonSchema,
    PlanChangeFormSchema,
    PlanDecisionFormSchema,
    TrancheProposalSchema,
    TrancheReceiptSchema,
    TrancheReleaseSchema,
)
from marketplace.pilots.programmes.states import GRADES
from marketplace.policy.editions import queries as editions
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import reading
from marketplace.web.security import access


@bp.route("/<uuid:pilot_id>/tranches/propose", methods=["GET", "POST"])
@access(permissions.PROPOSE)
def propose(pilot_id: uuid.UUID) -> Any:
    form = Form(TrancheProposalSchema)
    if form.submitted and form.act(lambda ctx, data: actions.propose_tranche(ctx, pilot_id, data["amount"])):
        return done(N_("已提出资金安排建议。"), url_for("pilots.show", pilot_id=pilot_id))
    ctx = reading()
    pilot = queries.get(ctx, pilot_id)
    book = editions.book(ctx, pilot.edition_id)
    return (
        render(
            "programmes/propose.html",
            ctx=ctx,
            form=form,
            pilot=pilot,
            book=book,
            evaluation=queries.evaluation(ctx, pilot.id),
            batch=queries.batch(ctx, pilot.batch_id),
        ),
        form.status,
    )


@bp.route("/tranches/<uuid:tranche_id>/release", methods=["GET", "POST"])
@access(permissions.RELEASE)
def release(tranche_id: uuid.UUID) -> Any:
    form = Form(TrancheReleaseSchema)
    if form.submitted and form.act(lambda ctx, data: actions.release_tranche(ctx, tranche_id, **data)):
        return done(N_("已下达。"), url_for("pilots.show", pilot_id=form.result.pilot_id))
    return _tranche_page("programmes/release.html", tranche_id, form)


@bp.route("/tranches/<uuid:tranche_id>/refusal", methods=["GET", "POST"])
@access(permissions.RELEASE)
def refuse(tranche_id: uuid.UUID) -> Any:
    form = Form(PilotReasonSchema)
    if form.submitted and form.act(lambda ctx, data: actions.refuse_tranche(ctx, tranche_id, **data)):
        return done(N_("已记录未予下达。"), url_for("pilots.show", pilot_id=form.result.pilot_id))
    return _tranche_page("programmes/reason.html", tranche_id, form, title=N_("不予下达"), tone="danger")


@bp.route("/tranches/<uuid:tranche_id>/receipt", methods=["GET", "POST"])
@access(permissions.RECEIVE)
def receive(tranche_id: uuid.UUID) -> Any:
    form = Form(TrancheReceiptSchema, {"received_on": reading().today.isoformat()})
    if form.submitted and form.act(lambda ctx, data: actions.receive_tranche(ctx, tranche_id, **data)):
        return done(N_("已确认资金到位。"), url_for("pilots.show", pilot_id=form.result.pilot_id))
    return _tranche_page("programmes/receive.html", tranche_id, form)


def _tranche_page(template: str, tranche_id: uuid.UUID, form: Form, **values: Any) -> Any:
    ctx = reading()
    tranche = queries.tranche(ctx, tranche_id)
    pilot = queries.get(ctx, tranche.pilot_id)
    return render(template, ctx=ctx, form=form, tranche=tranche, pilot=pilot, **values), form.status


@bp.route("/<uuid:pilot_id>/evaluation", methods=["GET", "POST"])
@access(permissions.EVALUATE)
def evaluate(pilot_id: uuid.UUID) -> Any:
    def verb(ctx: Context, data: dict[str, Any]) -> MidTermEvaluation:
        pilot = queries.get(ctx, pilot_id)
        document_id = keep(ctx, data.pop("file"), "mid_term_evaluation", city=pilot.city, pilot_id=pilot.id)
        return actions.evaluate(ctx, pilot_id, document_id=document_id, **data)

    form = Form(MidTermEvaluationFormSchema)
    if form.submitted and form.act(verb):
        return done(N_("已登记中期评估结果。"), url_for("pilots.show", pilot_id=pilot_id))
    ctx = reading()
    pilot = queries.get(ctx, pilot_id)
    grades = [(grade.value, say(label)) for grade, label in GRADES.items()]
    return render("programmes/evaluate.html", ctx=ctx, form=form, pilot=pilot, grades=grades), form.status


@bp.route("/<uuid:pilot_id>/changes/request", methods=["GET", "POST"])
@access(permissions.CHANGE)
def request_change(pilot_id: uuid.UUID) -> Any:
    def verb(ctx: Context, data: dict[str, Any]) -> PlanChange:
        pilot = queries.get(ctx, pilot_id)
        document_id = keep(ctx, data.pop("file"), "plan_change", city=pilot.city, pilot_id=pilot.id)
        return actions.request_change(ctx, pilot_id, document_id=document_id, **data)

    form = Form(PlanChangeFormSchema)
    if form.submitted and form.act(verb):
        return done(N_("已报省级批准。"), url_for("pilots.show", pilot_id=pilot_id))
    return render("programmes/change.html", form=form, pilot=queries.get(reading(), pilot_id)), form.status


@bp.route("/changes/<uuid:change_id>", methods=["GET", "POST"])
@access(permissions.DECIDE_CHANGE)
def decide_change(change_id: uuid.UUID) -> Any:
    form = Form(PlanDecisionFormSchema)
    if form.submitted and form.act(
        lambda ctx, data: actions.decide_change(
            ctx, change_id, approved=data["result"] == "approve", reason=data["reason"]
        )
    ):
        return done(N_("已记录决定。"), url_for("pilots.show", pilot_id=form.result.pilot_id))
    ctx = reading()
    change = queries.change(ctx, change_id)
    pilot = queries.get(ctx, change.pilot_id)
    return render("programmes/decide.html", ctx=ctx, form=form, change=change, pilot=pilot), form.status
