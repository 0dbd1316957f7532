"""The reviewers' desk: what lies on it, and the decision with papers, arithmetic, cuts and notes."""

from __future__ import annotations

import uuid
from typing import Any

from flask import redirect, request, url_for

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.shop.orders import queries as orders
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.claims import actions, queries, rules
from vouchers.claims.pages.claims import MAY, arithmetic, bp, names_of
from vouchers.claims.permissions import REVIEW_CITY, REVIEW_PILOT
from vouchers.claims.queries import Filed
from vouchers.claims.schemas import CUT_CLAUSES, MAX_CUTS, ReviewForm
from vouchers.claims.states import CUTS, DECISIONS, DESKS, FIELDS, STEPS, Decision, Step
from vouchers.invoices import queries as invoices
from vouchers.ledger.states import ClaimState

DESK = {Role.PILOT: ClaimState.SUBMITTED, Role.CITY: ClaimState.REVIEWED}


@bp.get("/claims/review")
@access(REVIEW_PILOT, REVIEW_CITY)
def desk() -> str:
    """What lies on this desk, the one that is due first first."""
    ctx = reading()
    state = DESK[ctx.who.role] if ctx.who.role in DESK else ClaimState.SUBMITTED
    page = queries.waiting(ctx, [state], cursor=request.args.get("cursor"))
    return render("claims/desk.html", ctx=ctx, page=page, names=names_of(ctx, page.items), today=ctx.today)


@bp.route("/claims/<uuid:claim_id>/review", methods=["GET", "POST"])
@access(REVIEW_PILOT, REVIEW_CITY)
def review(claim_id: uuid.UUID) -> Any:
    """The papers side by side, the arithmetic, and the decision with cuts and notes."""
    ctx = reading()
    filed = queries.get(ctx, claim_id)
    step = DESKS.get(filed.claim.state)
    form = Form(ReviewForm, values=_proposed(ctx, filed))
    if form.submitted and form.act(lambda own, data: actions.review(own, claim_id, **data)):
        return done(N_("已办理。"), url_for("claims.desk"))
    ctx = reading()
    filed = queries.get(ctx, claim_id)
    if step is None:
        return redirect(url_for("claims.show", claim_id=claim_id), code=303)
    order = orders.get(ctx, filed.form.order_id)
    facts = queries.facts(ctx, order, has_proof=filed.form.proof_document_id is not None)
    page = render(
        "claims/review.html",
        ctx=ctx,
        form=form,
        filed=filed,
        order=order,
        step=step,
        may_review=ctx.may(MAY[step], filed.form),
        checks=[*queries.standing(ctx, [claim_id])[claim_id], *rules.warnings(facts)],
        match=invoices.match(ctx, order.id),
        reviews=queries.reviews(ctx, claim_id),
        today=ctx.today,
        step_labels=STEPS,
        decision_labels=DECISIONS,
        decisions=[(d.value, say(label)) for d, label in DECISIONS.items()],
        cut_choices=[(code.value, f"{say(label)}（{clause}）") for code, (label, clause) in CUTS.items()],
        cut_labels={code.value: label for code, (label, _) in CUTS.items()},
        clauses=CUT_CLAUSES,
        most_cuts=MAX_CUTS,
        field_labels=FIELDS,
        **arithmetic(ctx, order, filed.asked_fen),
    )
    return page, form.status


def _proposed(ctx: Context, filed: Filed) -> dict[str, Any]:
    """The city begins with what the pilot office proposed to cut."""
    values: dict[str, Any] = {"decision": Decision.APPROVED.value}
    for row in queries.reviews(ctx, filed.id):
        if row.round == filed.form.round and row.step is Step.PILOT:
            for cut in row.cuts:
                at = f"cut{cut['line']}_"
                values |= {f"{at}amount": money.plain(cut["amount"]), f"{at}code": cut["code"]}
                values |= {f"{at}clause": cut["clause"], f"{at}reason": cut["reason"]}
    return values
