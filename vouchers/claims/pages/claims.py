"""Claims within reach with their clocks, and one of them from end to end."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.people.accounts import queries as accounts
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.shop.orders.models import Order
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import moment, say
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access
from vouchers.claims import actions, queries, telling, timing
from vouchers.claims.listings import CLAIMS
from vouchers.claims.models import ClaimReview
from vouchers.claims.permissions import READ, REVIEW_CITY, REVIEW_PILOT, SUBMIT, SUBMIT_FOR
from vouchers.claims.ports import CLAIM_PANELS
from vouchers.claims.schemas import ClaimReason
from vouchers.claims.states import CLAIM, CUTS, DECISIONS, DESKS, FIELDS, STEPS, Decision, Step
from vouchers.contracts.models import ContractRecord
from vouchers.invoices import addresses, matters
from vouchers.invoices import queries as invoices
from vouchers.invoices.matters import Matter
from vouchers.ledger.states import ClaimState
from vouchers.schemes import queries as schemes
from vouchers.schemes.rules import explain

bp = Blueprint("claims", __name__)
MAY = {Step.PILOT: REVIEW_PILOT, Step.CITY: REVIEW_CITY}
DESK_OF = {Role.PILOT: ClaimState.SUBMITTED, Role.CITY: ClaimState.REVIEWED}
"""What lies on the desk of whom."""
CUT_LABELS = {code.value: label for code, (label, _) in CUTS.items()}


@bp.get("/claims")
@access(READ)
def index() -> str | Response:
    """Claims within reach with their clocks, newest first."""
    ctx = reading()
    role = ctx.actor.role if ctx.actor else None
    waiting, _late, _due = queries.counts(ctx).get(DESK_OF[role], (0, 0, None)) if role in DESK_OF else (0, 0, None)
    return CLAIMS.answer("claims/index.html", ctx=ctx, reviews=role in DESK_OF, waiting=waiting)


@bp.get("/claims/times")
@access(PUBLIC, pace=60)
def times() -> str:
    """How long each step really takes, for everybody."""
    ctx = reading()
    return render("claims/times.html", ctx=ctx, found=timing.timings(ctx), days=timing.DAYS, fewest=timing.FEWEST)


def arithmetic(ctx: Context, matter: Matter, amount_fen: int, claim_id: uuid.UUID | None = None) -> dict[str, Any]:
    """How the subsidy came about, its spread over the contract, and the papers: for the form and the review."""
    return {
        "direct": isinstance(matter, ContractRecord),
        "back": addresses.of(matter),
        "traces": schemes.traces(ctx, matter.id) if isinstance(matter, Order) else [],
        "explain": explain,
        "shares": queries.shares(ctx, matter, amount_fen, claim_id) if amount_fen else [],
        "papers": invoices.papers_of(ctx, matter),
        "names": organisations.names(ctx, [matter.enterprise_id, matter.provider_id]),
    }


def cuts_of(review: ClaimReview | None) -> dict[int, dict[str, Any]]:
    """What a review takes away, by line of the contract (1 for the first)."""
    return {cut["line"]: cut for cut in review.cuts} if review else {}


@bp.get("/claims/<uuid:claim_id>")
@access(READ)
def show(claim_id: uuid.UUID) -> str:
    """A claim from end to end, with the one next thing for whoever looks."""
    ctx = reading()
    filed = queries.get(ctx, claim_id)
    matter = matters.get(ctx, filed.form)
    reviews = queries.reviews(ctx, claim_id)
    payments = queries.payments(ctx, claim_id)
    names = organisations.names(ctx, [filed.form.enterprise_id, filed.form.provider_id])
    people = accounts.names(ctx, [row.person_id for row in reviews])
    mine = queries.takes_payees_side(ctx, filed.form)
    step = DESKS.get(filed.claim.state)
    agreed = [r for r in reviews if r.round == filed.form.round and r.decision is Decision.APPROVED]
    returned = [r for r in reviews if r.decision is Decision.RETURNED]
    return render(
        "claims/show.html",
        ctx=ctx,
        filed=filed,
        matter=matter,
        back=addresses.of(matter),
        names=names,
        people=people,
        reviews=reviews,
        steps=[_shown(s) for s in telling.stations(filed, reviews, payments, {**names, **people})],
        shares=queries.shares(ctx, matter, filed.asked_fen, claim_id),
        cuts=cuts_of(agreed[-1]) if agreed and filed.cut_fen is not None else None,
        returned=returned[-1] if returned else None,
        refused=telling.refused(filed, payments),
        accounts_url=url_for("bank_accounts.index", organisation_id=filed.form.payee_id) if mine else None,
        step=step,
        may_correct=mine and CLAIM.allows(filed.claim, "correct"),
        may_review=step is not None and ctx.may(MAY[step], filed.form),
        may_revoke=CLAIM.allows(filed.claim, "revoke") and not payments and ctx.may(REVIEW_CITY, filed.form),
        receipt=queries.own_payment(ctx, claim_id),
        pinned=queries.pinned(ctx, claim_id, filed.form.round),
        pilot_name=pilots.names(ctx, [filed.form.pilot_id]).get(filed.form.pilot_id, ""),
        today=ctx.today,
        clock=telling.clock,
        field_labels=FIELDS,
        step_labels=STEPS,
        decision_labels=DECISIONS,
        cut_labels=CUT_LABELS,
        panels=[panel for draw in ctx.house.all(CLAIM_PANELS) if (panel := draw(ctx, filed)) is not None],
    )


def _shown(station: telling.Station) -> dict[str, Any]:
    due = say(Text(N_("最迟 {day}"), {"day": station.due})) if station.due else ""
    return {
        "label": say(station.label),
        "state": station.state,
        "at": moment(station.at) if station.at else due,
        "who": say(station.who),
        "note": station.note,
    }


_REASONED = {
    "withdraw": (actions.withdraw, N_("撤回申请"), N_("申请已撤回。"), N_("撤回后可以重新申请。")),
    "revoke": (actions.revoke, N_("撤销审定"), N_("审定已撤销。"), N_("收款单位会看到理由。")),
}


@bp.route("/claims/<uuid:claim_id>/why/<verb>", methods=["GET", "POST"])
@access(SUBMIT, SUBMIT_FOR, REVIEW_CITY)
def why(claim_id: uuid.UUID, verb: str) -> Any:
    """Acts that need a reason."""
    if verb not in _REASONED:
        abort(404)
    action, title, message, hint = _REASONED[verb]
    queries.get(reading(), claim_id)
    form = Form(ClaimReason)
    if form.submitted and form.act(lambda ctx, data: action(ctx, claim_id, reason=data["reason"])):
        return done(message, url_for("claims.show", claim_id=claim_id))
    ctx = reading()
    filed = queries.get(ctx, claim_id)
    names = organisations.names(ctx, [filed.form.enterprise_id, filed.form.payee_id])
    page = render(
        "claims/why.html",
        ctx=ctx,
        form=form,
        filed=filed,
        names=names,
        open=CLAIM.allows(filed.claim, verb),
        title=title,
        hint=hint,
    )
    return page, form.status
