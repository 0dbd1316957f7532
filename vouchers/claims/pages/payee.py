"""The payee's form: new, filled from the order; or corrected, with each note beside its field."""

from __future__ import annotations

import uuid
from typing import Any

from flask import url_for

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.errors import Invalid
from marketplace.base.text import N_, Text
from marketplace.record.documents import actions as documents
from marketplace.shop.orders import queries as orders
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import reading
from marketplace.web.security import access
from vouchers.claims import actions, queries, rules
from vouchers.claims.own_part import Payment
from vouchers.claims.pages.claims import arithmetic, bp
from vouchers.claims.permissions import SUBMIT, SUBMIT_FOR
from vouchers.claims.queries import Filed
from vouchers.claims.schemas import ClaimFormSchema
from vouchers.claims.states import CLAIM, FIELDS, Decision
from vouchers.claims.verdicts import Status
from vouchers.contracts import queries as contracts
from vouchers.contracts.models import ContractRecord
from vouchers.invoices import addresses, matters
from vouchers.invoices.matters import Matter

_DAYS = {"pilot": rules.PILOT_DAYS, "city": rules.CITY_DAYS, "payment": rules.PAYMENT_DAYS}
"""Working days of each office, from one desk to the next."""


@bp.route("/orders/<uuid:order_id>/claim", methods=["GET", "POST"])
@access(SUBMIT)
def new(order_id: uuid.UUID) -> Any:
    """The form, filled from the order: the arithmetic and the answer of every rule stand beside it beforehand."""
    ctx = reading()
    order = orders.get(ctx, order_id)
    form = Form(ClaimFormSchema, values={"statement": _statement(order)})
    if form.submitted and form.act(lambda own, data: _submit(own, order_id, data)):
        return done(N_("兑付申请已提交。"), url_for("claims.show", claim_id=form.result.id))
    return _new(order, form)


@bp.route("/contracts/<uuid:contract_id>/claim", methods=["GET", "POST"])
@access(SUBMIT, SUBMIT_FOR)
def new_for_contract(contract_id: uuid.UUID) -> Any:
    """The same of a contract's accepted parts, for its provider or the pilot's office in its stead."""
    ctx = reading()
    contract = contracts.get(ctx, contract_id)
    form = Form(ClaimFormSchema, values={"statement": _statement(contract)})
    if form.submitted and form.act(
        lambda own, data: actions.submit_for_contract(
            own, contract_id, statement=data["statement"], promise=data["promise"]
        )
    ):
        return done(N_("兑付申请已提交。"), url_for("claims.show", claim_id=form.result.id))
    return _new(contract, form)


def _new(matter: Matter, form: Form) -> Any:
    ctx = reading()
    facts = queries.facts(ctx, matter)
    checks = rules.checks(facts)
    page = render(
        "claims/form.html",
        ctx=ctx,
        form=form,
        matter=matter,
        trail=[(say(label), url) for label, url in addresses.trail(matter)],
        facts=facts,
        checks=checks,
        open=not any(c.status is Status.FAIL and c.code != "claim.proof_missing" for c in checks),
        notes={},
        filed=None,
        labels=FIELDS,
        days=_DAYS,
        **arithmetic(ctx, matter, facts.open_fen),
    )
    return page, form.status


def _statement(matter: Matter) -> str:
    """A first sentence that the payee may keep or change."""
    words = N_("订单 {number}（{title}）已按合同完成实施并通过验收，申请兑付。")
    if isinstance(matter, ContractRecord):
        words = N_("合同 {number}（{title}）的已验收部分已开具发票，申请兑付。")
    return say(Text(words, {"number": matter.number, "title": matter.title}))


def _submit(ctx: Context, order_id: uuid.UUID, data: dict[str, Any]) -> Filed:
    order = orders.lock(ctx, order_id)
    payment = _receipt(data)
    proof = _stored(ctx, order, data["proof"])
    return actions.submit(ctx, order_id, proof_document_id=proof, payment=payment, **_said(data))


def _said(data: dict[str, Any]) -> dict[str, Any]:
    return {"statement": data["statement"], "promise": data["promise"]}


def _receipt(data: dict[str, Any]) -> Payment | None:
    """What was typed from the receipt: all of it, or nothing."""
    needed = {name: data[name] for name in ("paid_on", "paid", "payer", "receiver")}
    if not any(needed.values()):
        return None
    if missing := [name for name, value in needed.items() if not value]:
        raise Invalid({name: [N_("请按银行回单填写。")] for name in missing})
    return Payment(data["paid_on"], data["paid"], data["payer"], data["receiver"], data["reference"])


def _stored(ctx: Context, matter: Matter, upload: Any) -> uuid.UUID | None:
    if upload is None or isinstance(matter, ContractRecord):
        return None
    ctx.require(SUBMIT)
    upload.stream.seek(0)  # a second try of the act reads it again
    stored = documents.store(
        ctx, upload.stream, upload.filename, "payment_proof", pilot_id=matter.pilot_id, city=matter.city
    )
    return stored.id


@bp.route("/claims/<uuid:claim_id>/correct", methods=["GET", "POST"])
@access(SUBMIT, SUBMIT_FOR)
def correct(claim_id: uuid.UUID) -> Any:
    """The same form again, filled as it was, each note beside its field."""
    ctx = reading()
    filed = queries.get(ctx, claim_id)
    form = Form(ClaimFormSchema, values={"statement": filed.form.statement} | _paid(ctx, claim_id))
    if form.submitted and form.act(lambda own, data: _correct(own, claim_id, data)):
        return done(N_("已补正，等待初审。"), url_for("claims.show", claim_id=claim_id))
    ctx = reading()
    filed = queries.get(ctx, claim_id)
    matter = matters.get(ctx, filed.form)
    returned = [r for r in queries.reviews(ctx, claim_id) if r.decision is Decision.RETURNED]
    paid = queries.payment_of(queries.own_payment(ctx, claim_id))
    facts = queries.facts(ctx, matter, payment=paid, has_proof=filed.form.proof_document_id is not None)
    checks = [*queries.standing(ctx, [claim_id])[claim_id], *rules.paid_itself(facts)]
    page = render(
        "claims/form.html",
        ctx=ctx,
        form=form,
        matter=matter,
        trail=None,
        facts=None,
        checks=checks,
        open=CLAIM.allows(filed.claim, "correct"),
        notes=returned[-1].notes if returned else {},
        reason=returned[-1].reason if returned else "",
        filed=filed,
        labels=FIELDS,
        days=_DAYS,
        **arithmetic(ctx, matter, filed.asked_fen, claim_id),
    )
    return page, form.status


def _paid(ctx: Context, claim_id: uuid.UUID) -> dict[str, Any]:
    """The receipt as it was typed before, for the form."""
    row = queries.own_payment(ctx, claim_id)
    if row is None:
        return {}
    return {
        "paid_on": row.paid_on.isoformat(),
        "paid": money.plain(row.amount_fen),
        "payer": row.payer,
        "receiver": row.receiver,
        "reference": row.reference,
    }


def _correct(ctx: Context, claim_id: uuid.UUID, data: dict[str, Any]) -> Filed:
    filed = queries.lock(ctx, claim_id)
    payment = _receipt(data)
    proof = _stored(ctx, matters.get(ctx, filed.form), data["proof"])
    return actions.correct(ctx, claim_id, proof_document_id=proof, payment=payment, **_said(data))
