"""Pages: the list of pilots, one pilot, and what is decided about it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.base.workdays import workdays_between
from marketplace.people.organisations import queries as organisations
from marketplace.people.regions import queries as regions
from marketplace.pilots.programmes import actions, permissions, queries
from marketplace.pilots.programmes.listings import PILOTS
from marketplace.pilots.programmes.models import Pilot, Programme, Tranche
from marketplace.pilots.programmes.schemas import PilotApprovalSchema, PilotReasonSchema, PilotReviewFormSchema
from marketplace.pilots.programmes.states import GRADES, PILOT, PilotState, TrancheState
from marketplace.policy.editions import queries as editions
from marketplace.web.html import Form, done, render
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = Blueprint("pilots", __name__, url_prefix="/pilots")


@bp.get("")
@access(PUBLIC)
def index() -> str | Response:
    ctx = reading()
    may_nominate = ctx.may(permissions.NOMINATE)
    return PILOTS.answer(
        "programmes/pilots.html",
        ctx=ctx,
        may_nominate=may_nominate,
        batches=queries.all_batches(ctx) if may_nominate else [],
    )


@bp.get("/<uuid:pilot_id>")
@access(PUBLIC)
def show(pilot_id: uuid.UUID) -> str:
    ctx = reading()
    pilot = queries.get(ctx, pilot_id)
    officer = ctx.may(permissions.READ, pilot)
    book = editions.book(ctx, pilot.edition_id)
    programme = queries.programme(ctx, pilot.programme_id)
    tranches = queries.tranches(ctx, pilot.id)
    sent = (TrancheState.RELEASED, TrancheState.RECEIVED)
    return render(
        "programmes/pilot.html",
        ctx=ctx,
        pilot=pilot,
        book=book,
        kind=book.types[pilot.type],
        klass=book.types[pilot.type].classes[pilot.klass],
        batch=queries.batch(ctx, pilot.batch_id),
        programme=programme,
        places=regions.names(ctx, [pilot.city, pilot.region]),
        office=organisations.names(ctx, [pilot.office_organisation_id]).get(pilot.office_organisation_id, ""),
        officer=officer,
        tranches=tranches if officer else [t for t in tranches if t.state in sent],
        waits={t.id: _wait(ctx, t) for t in tranches if t.released_on},
        evaluation=queries.evaluation(ctx, pilot.id),
        grades=GRADES,
        recommendations=queries.recommendations(ctx, pilot.id) if officer else [],
        declarations=queries.declarations(ctx, pilot.id) if officer else {},
        changes=queries.changes(ctx, pilot.id) if officer else [],
        may=_may(ctx, pilot, programme),
    )


def _wait(ctx: Context, tranche: Tranche) -> tuple[int, int]:
    """Calendar and working days from the release to the arrival, or to today while the money is under way."""
    assert tranche.released_on is not None
    until = tranche.received_on or ctx.today
    return (until - tranche.released_on).days, workdays_between(tranche.released_on, until)


def _may(ctx: Context, pilot: Pilot, programme: Programme) -> dict[str, bool]:
    """Which acts are open to whoever looks, in the present state of the pilot and for the department acted for."""
    running = pilot.state is PilotState.APPROVED
    own = ctx.actor.organisation_id if ctx.actor else None
    leads, pays = own == programme.industry_department_id, own == programme.finance_department_id
    moves = {
        "review": ("pass", permissions.REVIEW, leads),
        "withdraw": ("withdraw", permissions.NOMINATE, True),
        "approve": ("approve", permissions.APPROVE, leads),
        "decline": ("decline", permissions.APPROVE, leads),
        "suspend": ("suspend", permissions.GOVERN, leads),
        "resume": ("resume", permissions.GOVERN, leads),
        "close": ("close", permissions.GOVERN, leads),
    }
    found = {
        name: theirs and PILOT.allows(pilot, verb) and ctx.may(permission, pilot)
        for name, (verb, permission, theirs) in moves.items()
    }
    return found | {
        "propose": running and leads and ctx.may(permissions.PROPOSE, pilot),
        "release": pays and ctx.may(permissions.RELEASE, pilot),
        "receive": ctx.may(permissions.RECEIVE, pilot),
        "evaluate": running and leads and ctx.may(permissions.EVALUATE, pilot),
        "change": running and ctx.may(permissions.CHANGE, pilot),
        "decide_change": leads and ctx.may(permissions.DECIDE_CHANGE, pilot),
    }


@bp.route("/<uuid:pilot_id>/review", methods=["GET", "POST"])
@access(permissions.REVIEW)
def review(pilot_id: uuid.UUID) -> Any:
    form = Form(PilotReviewFormSchema)
    if form.submitted and form.act(
        lambda ctx, data: actions.review(ctx, pilot_id, passed=data["result"] == "pass", note=data["note"])
    ):
        return done(N_("已登记评审结果。"), url_for("pilots.show", pilot_id=pilot_id))
    return _judged("programmes/review.html", pilot_id, form)


@bp.route("/<uuid:pilot_id>/approval", methods=["GET", "POST"])
@access(permissions.APPROVE)
def approve(pilot_id: uuid.UUID) -> Any:
    form = Form(PilotApprovalSchema)
    if form.submitted and form.act(
        lambda ctx, data: actions.approve(ctx, pilot_id, data["award"], data["edition_id"])
    ):  # fmt: skip
        return done(N_("已批复。"), url_for("pilots.show", pilot_id=pilot_id))
    return _judged("programmes/approve.html", pilot_id, form)


def _judged(template: str, pilot_id: uuid.UUID, form: Form) -> Any:
    """The page of a decision about an application: what was applied for stands above the form."""
    ctx = reading()
    pilot = queries.get(ctx, pilot_id)
    kind = editions.book(ctx, pilot.edition_id).types[pilot.type]
    page = render(template, ctx=ctx, form=form, pilot=pilot, kind=kind, klass=kind.classes[pilot.klass])
    return page, form.status


_REASONED = {
    "withdrawal": (actions.withdraw, permissions.NOMINATE, N_("撤回推荐"), N_("已撤回推荐。")),
    "rejection": (actions.decline, permissions.APPROVE, N_("不予批复"), N_("已记录不予批复。")),
    "suspension": (actions.suspend, permissions.GOVERN, N_("暂停试点资格"), N_("已暂停试点资格。")),
    "resumption": (actions.resume, permissions.GOVERN, N_("恢复试点资格"), N_("已恢复试点资格。")),
    "closing": (actions.close, permissions.GOVERN, N_("结束试点"), N_("已结束试点。")),
}


def _reasoned(name: str) -> None:
    verb, permission, title, said = _REASONED[name]

    def view(pilot_id: uuid.UUID) -> Any:
        form = Form(PilotReasonSchema)
        if form.submitted and form.act(lambda ctx, data: verb(ctx, pilot_id, data["reason"])):
            return done(said, url_for("pilots.show", pilot_id=pilot_id))
        pilot = queries.get(reading(), pilot_id)
        tone = "primary" if name == "resumption" else "danger"
        return render("programmes/reason.html", form=form, pilot=pilot, title=title, tone=tone), form.status

    view.__doc__ = f"The page of a decision that needs its reason: {name}."
    view.__access__ = (permission,)  # type: ignore[attr-defined]
    bp.add_url_rule(f"/<uuid:pilot_id>/{name}", name, view, methods=["GET", "POST"])


for _name in _REASONED:
    _reasoned(_name)
