"""Ownership cases, and credit codes that need an officer's admission."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.people.organisations import actions, queries
from marketplace.people.organisations.listings import CASES
from marketplace.people.organisations.models import UsccOverride
from marketplace.people.organisations.pages import glue
from marketplace.people.organisations.permissions import ADMIT_CODE, DECIDE_CASE, READ_CASE
from marketplace.people.organisations.schemas import AdmitForm, CaseDecisionForm
from marketplace.web.html import Form, done, render
from marketplace.web.runtime import reading
from marketplace.web.security import SIGNED_IN, access

bp = Blueprint("ownership", __name__, url_prefix="/organisations")


@bp.get("/cases")
@access(READ_CASE)
def index() -> str | Response:
    return CASES.answer("organisations/cases.html", may_admit=reading().may(ADMIT_CODE))


@bp.get("/cases/<uuid:case_id>")
@access(SIGNED_IN)
def show(case_id: uuid.UUID) -> str:
    """One case, for its officers and its claimant."""
    ctx = reading()
    case, organisation = queries.case(ctx, case_id)
    decides = ctx.may(DECIDE_CASE, case)
    return render(
        "organisations/case.html",
        ctx=ctx,
        case=case,
        organisation=organisation,
        place=glue.place_name(ctx, organisation.region),
        decides=decides,
        **glue.LABELS,
    )


@bp.route("/cases/<uuid:case_id>/decide", methods=["GET", "POST"])
@access(DECIDE_CASE)
def decide(case_id: uuid.UUID) -> Any:
    _, organisation = queries.case(reading(), case_id)
    form = Form(CaseDecisionForm)
    if form.submitted and form.act(lambda ctx, data: actions.decide_case(ctx, case_id, **data)):
        return done(N_("已处理。"), url_for("ownership.show", case_id=case_id))
    return render("organisations/case_decide.html", form=form, organisation=organisation, case_id=case_id), form.status


@bp.route("/codes/admit", methods=["GET", "POST"])
@access(ADMIT_CODE)
def admit() -> Any:
    """Admit a real credit code whose check character does not fit, after the licence was seen."""
    form = Form(AdmitForm)
    if form.submitted and form.act(_admit):
        return done(N_("该代码已核准，可以登记。"), url_for("organisations.index"))
    return render("organisations/admit.html", form=form), form.status


def _admit(ctx: Context, data: dict[str, Any]) -> UsccOverride:
    document_id = glue.stored(ctx, data["document"], None, "organisation.licence")
    return actions.admit_code(ctx, data["uscc"], data["reason"], document_id)
