"""The reviewers' desk: what lies on it, and the decision with papers, arithmetic, cuts and notes."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.base import money
from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.people.accounts import queries as accounts
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.claims import actions, queries, rules, telling
from vouchers.claims.listings import DESK
from vouchers.claims.models import ClaimReview
from vouchers.claims.pages.claims import CUT_LABELS, DESK_OF, MAY, arithmetic, bp
from vouchers.claims.permissions import REVIEW_CITY, REVIEW_PILOT
from vouchers.claims.queries import Filed
from vouchers.claims.schemas import MAX_CUTS, ReviewForm
from vouchers.claims.states import CUTS, DECISIONS, DESKS, FIELDS, STEPS, CutCode, Decision, Step
from vouchers.invoices import matters
from vouchers.ledger.states import ClaimState

_DAYS = {ClaimState.SUBMITTED: rules.PILOT_DAYS, ClaimState.REVIEWED: rules.CITY_DAYS}
_MEANINGS = {
    Step.PILOT: {
        Decision.APPROVED: N_("转设区市工信局复审；可以提出核减。"),
        Decision.RETURNED: N_("收款单位在原表上补正，补正后重新初审。"),
        Decision.REJECTED: N_("申请终止，金额仍可重新申请。"),
    },
    Step.CITY: {
        Decision.APPROVED: N_("审定金额，转财政付款；核减的金额退回服务券或合同。"),
        Decision.RETURNED: N_("收款单位在原表上补正，补正后重新初审。"),
        Decision.REJECTED: N_("申请终止，金额仍可重新申请。"),
    },
}
"""What follows from each decision on either desk."""
_CUT_FIELDS = ("amount", "code", "clause", "reason")


@bp.get("/claims/review")
@access(REVIEW_PILOT, REVIEW_CITY)
def desk() -> str | Response:
    """What lies on this desk, the one that is due first first."""
    ctx = reading()
    state = DESK_OF[ctx.who.role] if ctx.who.role in DESK_OF else ClaimState.SUBMITTED
    number, late, due = queries.counts(ctx).get(state, (0, 0, None))
    first = queries.waiting(ctx, [state], limit=1).items if number else []
    return DESK.answer(
        "claims/desk.html",
        ctx=ctx,
        given={"states": [state]},
        first=first[0] if first else None,
        number=number,
        late=late,
        due=due,
        days=_DAYS[state],
        step=STEPS[DESKS[state]],
    )


@bp.route("/claims/<uuid:claim_id>/review", methods=["GET", "POST"])
@access(REVIEW_PILOT, REVIEW_CITY)
def review(claim_id: uuid.UUID) -> Any:
    """The papers side by side, the arithmetic, and the decision with cuts and notes."""
    ctx = reading()
    filed = queries.get(ctx, claim_id)
    step = DESKS.get(filed.claim.state)
    form = Form(ReviewForm, values=_proposed(filed, queries.reviews(ctx, claim_id)))
    if form.submitted and form.act(lambda own, data: actions.review(own, claim_id, **data)):
        return done(N_("已办理。"), url_for("claims.desk"))
    ctx = reading()
    filed = queries.get(ctx, claim_id)
    if step is None:
        return redirect(url_for("claims.show", claim_id=claim_id), code=303)
    matter = matters.get(ctx, filed.form)
    reviews = queries.reviews(ctx, claim_id)
    receipt = queries.own_payment(ctx, claim_id)
    facts = queries.facts(
        ctx, matter, payment=queries.payment_of(receipt), has_proof=filed.form.proof_document_id is not None
    )
    submitted_here = filed.form.submitted_by == ctx.who.person_id
    same_person = submitted_here or (
        step is Step.CITY and any(row.person_id == ctx.who.person_id for row in _first(filed, reviews))
    )
    page = render(
        "claims/review.html",
        ctx=ctx,
        form=form,
        filed=filed,
        matter=matter,
        step=step,
        may_review=ctx.may(MAY[step], filed.form) and not same_person,
        same_person=same_person,
        submitted_here=submitted_here,
        checks=[*queries.standing(ctx, [claim_id])[claim_id], *rules.warnings(facts)],
        match=facts.match,
        receipt=receipt,
        reviews=reviews,
        people=accounts.names(ctx, [row.person_id for row in reviews]),
        today=ctx.today,
        clock=telling.clock,
        step_labels=STEPS,
        decision_labels=DECISIONS,
        decisions=[
            {"value": decision.value, "title": say(label), "text": say(_MEANINGS[step][decision])}
            for decision, label in DECISIONS.items()
        ],
        cut_choices=[(code.value, f"{say(label)}（{clause}）") for code, (label, clause) in CUTS.items()],
        cut_labels=CUT_LABELS,
        cuts=_typed(form.values.get),
        asked_of=",".join(_names(range(1, MAX_CUTS + 1))),
        noted=any(form.values.get(f"note_{name}") for name in FIELDS),
        most_cuts=MAX_CUTS,
        field_labels=FIELDS,
        **arithmetic(ctx, matter, filed.asked_fen, claim_id),
    )
    return page, form.status


@bp.get("/claims/<uuid:claim_id>/review/sums")
@access(REVIEW_PILOT, REVIEW_CITY)
def sums(claim_id: uuid.UUID) -> str:
    """What the claim comes to with the cuts as they are typed so far; nothing is written."""
    ctx = reading()
    filed = queries.get(ctx, claim_id)
    shares = queries.shares(ctx, matters.get(ctx, filed.form), filed.asked_fen, claim_id)
    return render(
        "claims/sums.html",
        ctx=ctx,
        shares=shares,
        cuts=_typed(request.args.get),
        cut_labels=CUT_LABELS,
        direct=filed.form.contract_id is not None,
    )


def _names(lines: Iterable[int]) -> list[str]:
    return [f"cut{line}_{part}" for line in lines for part in _CUT_FIELDS]


def _typed(get: Any) -> dict[int, dict[str, Any]]:
    """The cuts of a form as far as they can be read, by line: an amount that is none yet is no cut."""
    found: dict[int, dict[str, Any]] = {}
    for line in range(1, MAX_CUTS + 1):
        amount, code, clause, reason = (str(get(name) or "").strip() for name in _names([line]))
        try:
            fen = money.parse(amount) if amount else 0
        except Refusal:
            continue
        if fen > 0:
            known = CUTS.get(CutCode(code)) if code in set(CutCode) else None
            clause = clause or (known[1] if known else "")
            found[line] = {"amount": fen, "code": code if known else "", "clause": clause, "reason": reason}
    return found


def _first(filed: Filed, reviews: Iterable[ClaimReview]) -> list[ClaimReview]:
    """The pilot office's review of the present round."""
    return [row for row in reviews if row.round == filed.form.round and row.step is Step.PILOT]


def _proposed(filed: Filed, reviews: Iterable[ClaimReview]) -> dict[str, Any]:
    """The city begins with what the pilot office proposed to cut."""
    values: dict[str, Any] = {"decision": Decision.APPROVED.value}
    for row in _first(filed, reviews):
        for cut in row.cuts:
            at = f"cut{cut['line']}_"
            values |= {f"{at}amount": money.plain(cut["amount"]), f"{at}code": cut["code"]}
            values |= {f"{at}clause": cut["clause"], f"{at}reason": cut["reason"]}
    return values
