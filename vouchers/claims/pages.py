"""Pages: claims of either side with their clock, the form, the reviewers' desk, and a claim from end to end."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.people.accounts import queries as accounts
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.documents import actions as documents
from marketplace.shop.catalogue.ports import Panel
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.ports import Step as OrderStep
from marketplace.shop.orders.states import OrderState
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import moment, say
from marketplace.web.nav import Task
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.claims import actions, queries, rules, telling
from vouchers.claims.permissions import READ, REVIEW_CITY, REVIEW_PILOT, SUBMIT
from vouchers.claims.queries import Filed
from vouchers.claims.rules import Status
from vouchers.claims.schemas import CUT_CLAUSES, MAX_CUTS, ClaimFormSchema, ClaimReason, ReviewForm
from vouchers.claims.states import CLAIM, CUTS, DECISIONS, DESKS, FIELDS, STEPS, Decision, Step
from vouchers.invoices import queries as invoices
from vouchers.ledger.states import ClaimState
from vouchers.schemes import queries as schemes
from vouchers.schemes.rules import explain

bp = Blueprint("claims", __name__)
_DESK = {Role.PILOT: ClaimState.SUBMITTED, Role.CITY: ClaimState.REVIEWED}
_MAY = {Step.PILOT: REVIEW_PILOT, Step.CITY: REVIEW_CITY}


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
        names=_names(ctx, page.items),
        today=ctx.today,
        args={k: v for k, v in (("state", state and state.value), ("overdue", overdue and "1")) if v},
    )


def _names(ctx: Context, found: list[Filed]) -> dict[uuid.UUID, str]:
    return organisations.names(ctx, [party for f in found for party in (f.form.enterprise_id, f.form.provider_id)])


@bp.get("/claims/review")
@access(REVIEW_PILOT, REVIEW_CITY)
def desk() -> str:
    """What lies on this desk, the one that is due first first."""
    ctx = reading()
    state = _DESK[ctx.who.role] if ctx.who.role in _DESK else ClaimState.SUBMITTED
    page = queries.waiting(ctx, [state], cursor=request.args.get("cursor"))
    return render("claims/desk.html", ctx=ctx, page=page, names=_names(ctx, page.items), today=ctx.today)


@bp.route("/orders/<uuid:order_id>/claim", methods=["GET", "POST"])
@access(SUBMIT)
def new(order_id: uuid.UUID) -> Any:
    """The form, filled from the order: the arithmetic and the answer of every rule stand beside it beforehand."""
    ctx = reading()
    order = orders.get(ctx, order_id)
    form = Form(ClaimFormSchema, values={"statement": _statement(order)})
    if form.submitted and form.act(lambda own, data: _submit(own, order_id, data)):
        return done(N_("兑付申请已提交。"), url_for("claims.show", claim_id=form.result.id))
    ctx = reading()
    facts = queries.facts(ctx, order, has_proof=form.submitted and bool(form.values.get("proof")))
    checks = rules.checks(facts)
    page = render(
        "claims/form.html",
        ctx=ctx,
        form=form,
        order=order,
        facts=facts,
        checks=checks,
        open=not any(c.status is Status.FAIL and c.code != "claim.proof_missing" for c in checks),
        notes={},
        filed=None,
        labels=FIELDS,
        **_arithmetic(ctx, order, facts.open_fen),
    )
    return page, form.status


def _statement(order: Order) -> str:
    """A first sentence that the payee may keep or change."""
    text = Text(
        N_("订单 {number}（{title}）已按合同完成实施并通过验收，申请兑付。"),
        {"number": order.number, "title": order.title},
    )
    return say(text)


def _arithmetic(ctx: Context, order: Order, amount_fen: int) -> dict[str, Any]:
    return {
        "traces": schemes.traces(ctx, order.id),
        "explain": explain,
        "shares": queries.shares(ctx, order.id, amount_fen) if amount_fen else [],
        "papers": invoices.papers(ctx, order.id),
        "names": organisations.names(ctx, [order.enterprise_id, order.provider_id]),
    }


def _submit(ctx: Context, order_id: uuid.UUID, data: dict[str, Any]) -> Filed:
    order = orders.lock(ctx, order_id)
    proof = _stored(ctx, order, data["proof"])
    return actions.submit(ctx, order_id, statement=data["statement"], promise=data["promise"], proof_document_id=proof)


def _stored(ctx: Context, order: Order, upload: Any) -> uuid.UUID | None:
    if upload is None:
        return None
    ctx.require(SUBMIT)
    upload.stream.seek(0)  # a second try of the act reads it again
    stored = documents.store(
        ctx, upload.stream, upload.filename, "payment_proof", pilot_id=order.pilot_id, city=order.city
    )
    return stored.id


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
        may_review=step is not None and ctx.may(_MAY[step], filed.form),
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


@bp.route("/claims/<uuid:claim_id>/correct", methods=["GET", "POST"])
@access(SUBMIT)
def correct(claim_id: uuid.UUID) -> Any:
    """The same form again, filled as it was, each note beside its field."""
    ctx = reading()
    filed = queries.get(ctx, claim_id)
    form = Form(ClaimFormSchema, values={"statement": filed.form.statement})
    if form.submitted and form.act(lambda own, data: _correct(own, claim_id, data)):
        return done(N_("已补正，等待初审。"), url_for("claims.show", claim_id=claim_id))
    ctx = reading()
    filed = queries.get(ctx, claim_id)
    order = orders.get(ctx, filed.form.order_id)
    returned = [r for r in queries.reviews(ctx, claim_id) if r.decision is Decision.RETURNED]
    checks = queries.standing(ctx, [claim_id])[claim_id]
    page = render(
        "claims/form.html",
        ctx=ctx,
        form=form,
        order=order,
        facts=None,
        checks=checks,
        open=CLAIM.allows(filed.claim, "correct"),
        notes=returned[-1].notes if returned else {},
        reason=returned[-1].reason if returned else "",
        filed=filed,
        labels=FIELDS,
        **_arithmetic(ctx, order, filed.asked_fen),
    )
    return page, form.status


def _correct(ctx: Context, claim_id: uuid.UUID, data: dict[str, Any]) -> Filed:
    filed = queries.lock(ctx, claim_id)
    proof = _stored(ctx, orders.get(ctx, filed.form.order_id), data["proof"])
    return actions.correct(ctx, claim_id, statement=data["statement"], promise=data["promise"], proof_document_id=proof)


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
        may_review=ctx.may(_MAY[step], filed.form),
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
        **_arithmetic(ctx, order, filed.asked_fen),
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


def panel(ctx: Context, order: Order) -> Panel | None:
    """The claim on the order's page: where it stands, until when, and the way to the next step."""
    if order.state is not OrderState.CONFIRMED or order.voucher_id is None:
        return None
    found = queries.of_order(ctx, order.id)
    payee = queries.payee_of(order)
    mine = ctx.may(SUBMIT) and ctx.actor is not None and ctx.actor.organisation_id == payee
    living = any(f.claim.state is not ClaimState.REJECTED for f in found)
    values = {
        "order": order,
        "claims": found,
        "may_claim": mine and not living,
        "matches": invoices.match(ctx, order.id).matches,
        "today": ctx.today,
    }
    return Panel("claims/on_order.html", values)


def steps(ctx: Context, order: Order) -> list[OrderStep]:
    """The payment as the last station on the order's way."""
    if order.voucher_id is None or order.state is not OrderState.CONFIRMED:
        return []
    label = N_("补贴兑付")
    found = queries.of_order(ctx, order.id)
    if not found:
        return [OrderStep(label, "next")]
    state = found[0].claim.state
    text = Text(N_("补贴兑付：{state}"), {"state": Text(CLAIM.labels[state])})
    tone = {ClaimState.PAID: "done", ClaimState.REJECTED: "bad"}.get(state, "now")
    return [OrderStep(text, tone, found[0].form.step_since)]


_TASKS = {
    Role.PROVIDER: (ClaimState.RETURNED, N_("{count} 份兑付申请被退回，请补正")),
    Role.ENTERPRISE: (ClaimState.RETURNED, N_("{count} 份兑付申请被退回，请补正")),
    Role.PILOT: (ClaimState.SUBMITTED, N_("{count} 份兑付申请待初审")),
    Role.CITY: (ClaimState.REVIEWED, N_("{count} 份兑付申请待复审")),
}
_LATE = N_("其中 {late} 份已超期")


def tasks(ctx: Context) -> list[Task]:
    """Claims that wait for this person, with the day that is due first; late ones are said."""
    role = ctx.actor.role if ctx.actor else None
    wanted = _TASKS.get(role) if role else None
    if wanted is None or role is None:
        return []
    state, text = wanted
    number, late, due = queries.counts(ctx).get(state, (0, 0, None))
    if not number:
        return []
    url = url_for("claims.desk") if role in _DESK else url_for("claims.index", state=state.value)
    tone = "danger" if late else "warn"
    hint = Text(_LATE, {"late": late}) if late else None
    return [Task(Text(text, {"count": number}), url, due=due, tone=tone, hint=hint)]
