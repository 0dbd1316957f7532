"""Claims within reach with their clocks, and one of them from end to end."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, request, url_for

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.people.accounts import queries as accounts
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.models import Order
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import moment, say
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.claims import actions, queries, telling
from vouchers.claims.permissions import READ, REVIEW_CITY, REVIEW_PILOT, SUBMIT
from vouchers.claims.queries import Filed
from vouchers.claims.schemas import ClaimReason
from vouchers.claims.states import CLAIM, CUTS, DECISIONS, DESKS, FIELDS, STEPS, Step
from vouchers.invoices import queries as invoices
from vouchers.ledger.states import ClaimState
from vouchers.schemes import queries as schemes
from vouchers.schemes.rules import explain

bp = Blueprint("claims", __name__)
MAY = {Step.PILOT: REVIEW_PILOT, Step.CITY: REVIEW_CITY}


@bp.get("/claims")
@access(READ)
def index() -> str:
    """Claims within reach with their clocks, newest first."""
    ctx = reading()
    wanted = request.args.get("state", "")
    state = ClaimState(wanted) if wanted in set(ClaimState) else None
    overdue = True if request.args.get("overdue") else None
    number = request.args.get("number", "")
    page = queries.listed(ctx, state=state, overdue=overdue, number=number, cursor=request.args.get("cursor"))
    return render(
        "claims/index.html",
        ctx=ctx,
        page=page,
        state=state,
        overdue=overdue,
        number=number,
        states=CLAIM.labels,
        names=names_of(ctx, page.items),
        today=ctx.today,
        args={k: v for k, v in (("state", state and state.value), ("overdue", overdue and "1")) if v},
    )


def names_of(ctx: Context, found: list[Filed]) -> dict[uuid.UUID, str]:
    """Names of both sides of several claims."""
    return organisations.names(ctx, [party for f in found for party in (f.form.enterprise_id, f.form.provider_id)])


def arithmetic(ctx: Context, order: Order, amount_fen: int) -> dict[str, Any]:
    """How the subsidy came about, its spread over the contract, and the papers: for the form and the review."""
    return {
        "traces": schemes.traces(ctx, order.id),
        "explain": explain,
        "shares": queries.shares(ctx, order.id, amount_fen) if amount_fen else [],
        "papers": invoices.papers(ctx, order.id),
        "names": organisations.names(ctx, [order.enterprise_id, order.provider_id]),
    }


@bp.get("/claims/<uuid:claim_id>")
@access(READ)
def show(claim_id: uuid.UUID) -> str:
    """A claim from end to end, with the one next thing for whoever looks."""
    ctx = reading()
    filed = queries.get(ctx, claim_id)
    order = orders.get(ctx, filed.form.order_id)
    reviews = queries.reviews(ctx, claim_id)
    payments = queries.payments(ctx, claim_id)
    names = organisations.names(ctx, [filed.form.enterprise_id, filed.form.provider_id])
    people = accounts.names(ctx, [row.person_id for row in reviews])
    mine = ctx.may(SUBMIT) and ctx.actor is not None and ctx.actor.organisation_id == filed.form.payee_id
    step = DESKS.get(filed.claim.state)
    return render(
        "claims/show.html",
        ctx=ctx,
        filed=filed,
        order=order,
        names=names,
        reviews=reviews,
        steps=[_shown(s) for s in telling.stations(filed, reviews, payments, {**names, **people})],
        may_correct=mine and CLAIM.allows(filed.claim, "correct"),
        may_review=step is not None and ctx.may(MAY[step], filed.form),
        may_revoke=CLAIM.allows(filed.claim, "revoke") and not payments and ctx.may(REVIEW_CITY, filed.form),
        pinned=queries.pinned(ctx, claim_id, filed.form.round),
        pilot_name=pilots.names(ctx, [filed.form.pilot_id]).get(filed.form.pilot_id, ""),
        today=ctx.today,
        field_labels=FIELDS,
        step_labels=STEPS,
        decision_labels=DECISIONS,
        cut_labels={code.value: label for code, (label, _) in CUTS.items()},
    )


def _shown(station: telling.Station) -> dict[str, Any]:
    due = say(Text(N_("最迟 {day}"), {"day": station.due})) if station.due else ""
    return {
        "label": say(station.label),
        "state": station.state,
        "at": moment(station.at) if station.at else due,
        "who": say(station.who),
    }


_REASONED = {
    "withdraw": (actions.withdraw, N_("撤回申请"), N_("申请已撤回。"), N_("撤回后可以重新申请。")),
    "revoke": (actions.revoke, N_("撤销审定"), N_("审定已撤销。"), N_("收款单位会看到理由。")),
}


@bp.route("/claims/<uuid:claim_id>/why/<verb>", methods=["GET", "POST"])
@access(SUBMIT, REVIEW_CITY)
def why(claim_id: uuid.UUID, verb: str) -> Any:
    """Acts that need a reason."""
    if verb not in _REASONED:
        abort(404)
    action, title, message, hint = _REASONED[verb]
    filed = queries.get(reading(), claim_id)
    form = Form(ClaimReason)
    if form.submitted and form.act(lambda ctx, data: action(ctx, claim_id, reason=data["reason"])):
        return done(message, url_for("claims.show", claim_id=claim_id))
    return render("claims/why.html", form=form, filed=filed, title=title, hint=hint), form.status
