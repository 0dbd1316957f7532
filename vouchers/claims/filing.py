"""The payee's side: asking for what was redeemed, and correcting what came back."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from marketplace.base.context import Context
from marketplace.base.errors import Forbidden, Invalid
from marketplace.base.ids import random_number
from marketplace.base.permissions import Scope
from marketplace.base.states import Labels
from marketplace.base.text import N_
from marketplace.base.types import canonical
from marketplace.base.workdays import add_workdays
from marketplace.policy.findings import actions as findings
from marketplace.policy.findings.detectors import Suspicion
from marketplace.policy.findings.states import Severity
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents
from marketplace.record.documents.models import Document
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import Mode
from vouchers.claims import permissions, queries, rules
from vouchers.claims.events import ClaimSubmitted
from vouchers.claims.models import ClaimForm, ClaimPaper, OwnPayment
from vouchers.claims.own_part import Payment
from vouchers.claims.queries import Filed
from vouchers.claims.states import PaperKind
from vouchers.claims.steps import require_move
from vouchers.claims.verdicts import Check, Status
from vouchers.contracts import queries as contracts
from vouchers.contracts.models import ContractRecord
from vouchers.invoices import matters
from vouchers.invoices import queries as invoices
from vouchers.invoices.matters import Matter
from vouchers.ledger.actions import claims as ledger
from vouchers.ledger.states import ClaimMode


def submit(
    ctx: Context,
    order_id: uuid.UUID,
    *,
    statement: str,
    promise: bool,
    proof_document_id: uuid.UUID | None = None,
    payment: Payment | None = None,
) -> Filed:
    """The payee claims everything redeemed of an order.

    Refused with the first rule that stands against it: a disputed or unconfirmed order, papers that do not match
    (each gap by its code), a part in another claim, a frozen voucher. What only warns becomes a finding. That the
    voucher's redeem-by day is over does not matter once a part is redeemed.
    """
    order = orders.lock(ctx, order_id)
    ctx.require(permissions.SUBMIT, Scope.of(queries.payee_of(order)))
    mode = ClaimMode.DIRECT if order.mode is Mode.DIRECT else ClaimMode.REIMBURSED
    return _submit(ctx, order, mode, statement, promise, proof_document_id, payment)


def submit_for_contract(ctx: Context, contract_id: uuid.UUID, *, statement: str, promise: bool) -> Filed:
    """The provider, or the pilot office for it, claims every accepted part of a contract of direct expenditure.

    Refused with the first rule that stands against it: a contract that is not confirmed, invoices that do not cover
    what was accepted (each gap by its code), a part in another claim. What only warns becomes a finding.
    """
    contract = contracts.lock(ctx, contract_id)
    matters.require_side(ctx, permissions.SUBMIT, permissions.SUBMIT_FOR, contract)
    return _submit(ctx, contract, ClaimMode.CONTRACT, statement, promise, None)


def _submit(
    ctx: Context,
    matter: Matter,
    mode: ClaimMode,
    statement: str,
    promise: bool,
    proof_id: uuid.UUID | None,
    payment: Payment | None = None,
) -> Filed:
    statement = _check_form(statement, promise)
    _check_receipt(payment, proof_id)
    proof = documents.get(ctx, proof_id) if proof_id else None
    found = rules.checks(queries.facts(ctx, matter, payment=payment, has_proof=proof is not None))
    rules.refuse(found)
    payee = queries.payee_of(matter)
    open_parts = [part for part in queries.parts(ctx, matter) if part.claim_number is None]
    asked = {part.redemption_id: part.open_fen for part in open_parts}
    claim = ledger.file(ctx, open_parts[0].commitment_id, mode, payee, asked)
    form = _form(ctx, matter, claim.id, payee, statement, proof)
    _keep(ctx, form, payment)
    papers = _pin(ctx, form, matter, proof)
    for check in found:
        _suspect(ctx, form, check)
    amount = sum(asked.values())
    facts = {"number": form.number, "amount_fen": amount, "papers": papers}
    audit.record(ctx, "claim.submitted", form, claim_id=claim.id, **facts)
    ctx.announce(ClaimSubmitted(claim.id, form.round, amount))
    return queries.get(ctx, claim.id)


def _check_form(statement: str, promise: bool) -> str:
    faults: dict[str, Any] = {}
    if not statement.strip() or len(statement) > rules.MAX_TEXT:
        faults["statement"] = [N_("请说明完成了什么（不超过 2000 字）。")]
    if not promise:
        faults["promise"] = [N_("请勾选信用承诺。")]
    if faults:
        raise Invalid(faults)
    return statement.strip()


def _check_receipt(payment: Payment | None, proof_id: uuid.UUID | None) -> None:
    if payment is not None and proof_id is None:
        raise Invalid({"proof": [N_("填写了付款信息，请上传银行回单。")]})


def _keep(ctx: Context, form: ClaimForm, payment: Payment | None) -> None:
    if payment is None:
        return
    row = ctx.add(OwnPayment(claim_id=form.claim_id, round=form.round, **payment.kept()))
    ctx.session.flush()
    said = {"paid_on": row.paid_on, "amount_fen": row.amount_fen, "payer": row.payer, "receiver": row.receiver}
    audit.record(ctx, "claim.own_payment", form, claim_id=form.claim_id, reference=row.reference, **said)


def _form(
    ctx: Context, matter: Matter, claim_id: uuid.UUID, payee: uuid.UUID, statement: str, proof: Document | None
) -> ClaimForm:
    due = add_workdays(ctx.today, rules.PILOT_DAYS)
    form = ctx.add(
        ClaimForm(
            claim_id=claim_id,
            number="C" + random_number(9),
            order_id=None if isinstance(matter, ContractRecord) else matter.id,
            contract_id=matter.id if isinstance(matter, ContractRecord) else None,
            enterprise_id=matter.enterprise_id,
            provider_id=matter.provider_id,
            payee_id=payee,
            pilot_id=matter.pilot_id,
            city=matter.city,
            statement=statement,
            proof_document_id=proof.id if proof else None,
            round=1,
            submitted_by=ctx.who.person_id,
            submitted_at=ctx.now,
            step_since=ctx.now,
            due_on=due.day,
            due_provisional=due.provisional,
            created_at=ctx.now,
        )
    )
    ctx.session.flush()
    return form


def _pin(ctx: Context, form: ClaimForm, matter: Matter, proof: Document | None) -> list[dict[str, Any]]:
    """Keep what this round stands on: ids, a digest of each row, a digest of each file. Gives them for the record,
    so that the seal covers them."""
    kept = _papers_of_contract(ctx, matter) if isinstance(matter, ContractRecord) else _papers_of_order(ctx, matter)
    if proof is not None:
        kept.append((PaperKind.PROOF, proof, proof.id))
    wanted = {document_id for _, _, document_id in kept if document_id is not None}
    files = queries.digests(ctx, wanted)
    pinned = [
        ClaimPaper(
            claim_id=form.claim_id,
            round=form.round,
            kind=kind,
            object_id=row.id,
            facts_sha256=digest_of(row),
            document_id=document_id,
            document_sha256=files[document_id] if document_id is not None else None,
        )
        for kind, row, document_id in kept
    ]
    for paper in pinned:
        ctx.add(paper)
    if proof is not None:
        documents.open_to(ctx, proof, organisation_id=form.enterprise_id, pilot_id=form.pilot_id, city=form.city)
    ctx.session.flush()
    return [{"kind": p.kind, "id": p.object_id, "facts": p.facts_sha256, "file": p.document_sha256} for p in pinned]


_Kept = list[tuple[PaperKind, Any, uuid.UUID | None]]


def _papers_of_order(ctx: Context, order: Order) -> _Kept:
    papers = invoices.papers(ctx, order.id)
    assert papers.filed is not None and papers.acceptance is not None
    contract, accepted = papers.filed.contract, papers.acceptance
    return [
        (PaperKind.ORDER, order, None),
        (PaperKind.CONTRACT, contract, contract.document_id),
        (PaperKind.ACCEPTANCE, accepted, None),
        *((PaperKind.INVOICE, invoice, invoice.document_id) for invoice in papers.invoices),
    ]


def _papers_of_contract(ctx: Context, contract: ContractRecord) -> _Kept:
    papers = invoices.contract_papers(ctx, [contract])[contract.id]
    return [
        (PaperKind.CONTRACT, contract, contract.document_id),
        *((PaperKind.ACCEPTANCE, part.row, part.row.document_id) for part in papers.parts),
        *((PaperKind.INVOICE, invoice, invoice.document_id) for invoice in papers.invoices),
    ]


def digest_of(row: Any) -> str:
    """SHA-256 in hex over the canonical form of a row's columns, as they stand."""
    columns = {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}
    return hashlib.sha256(canonical(columns).encode()).hexdigest()


def _suspect(ctx: Context, form: ClaimForm, check: Check) -> None:
    """A ban of the payee or related parties never block silently: they become a case for the city."""
    if check.status is not Status.WARN or not check.code.startswith("claim."):
        return
    findings.open(
        ctx,
        detector=check.code,
        clause=check.clause or "四(二)",
        severity=Severity.WARN,
        suspicion=Suspicion(
            subject_kind="claim",
            subject_id=str(form.claim_id),
            city=form.city,
            pilot_id=form.pilot_id,
            template=check.text.template,
            evidence={
                name: list(map(str, value)) if isinstance(value, Labels) else str(value)
                for name, value in check.text.values.items()
            },
            url=f"/claims/{form.claim_id}",
        ),
    )


def correct(
    ctx: Context,
    claim_id: uuid.UUID,
    *,
    statement: str,
    promise: bool,
    proof_document_id: uuid.UUID | None = None,
    payment: Payment | None = None,
) -> Filed:
    """The payee corrects a returned claim on the same form: the papers are compared and pinned anew.

    Without a new proof or receipt the former ones stay.
    """
    filed = _own(ctx, claim_id)
    form, matter = filed.form, matters.lock(ctx, filed.form)
    require_move(filed.claim, "correct")
    statement = _check_form(statement, promise)
    proof_id = proof_document_id or form.proof_document_id
    proof = documents.get(ctx, proof_id) if proof_id else None
    _check_receipt(payment, proof_id)
    rules.refuse(queries.standing(ctx, [claim_id])[claim_id])
    stands = payment or queries.payment_of(queries.own_payment(ctx, claim_id))
    rules.refuse(rules.paid_itself(queries.facts(ctx, matter, payment=stands, has_proof=proof is not None)))
    ledger.resubmit(ctx, claim_id)
    due = add_workdays(ctx.today, rules.PILOT_DAYS)
    form.statement, form.proof_document_id, form.round = statement, proof_id, form.round + 1
    form.submitted_by, form.submitted_at, form.step_since = ctx.who.person_id, ctx.now, ctx.now
    form.due_on, form.due_provisional = due.day, due.provisional
    form.reminded_on = form.escalated_on = None
    ctx.session.flush()
    _keep(ctx, form, payment)
    papers = _pin(ctx, form, matter, proof)
    audit.record(ctx, "claim.corrected", form, claim_id=claim_id, round=form.round, papers=papers)
    ctx.announce(ClaimSubmitted(claim_id, form.round, filed.asked_fen))
    return queries.get(ctx, claim_id)


def withdraw(ctx: Context, claim_id: uuid.UUID, *, reason: str) -> Filed:
    """The payee gives a returned claim up: its parts may be claimed again."""
    filed = _own(ctx, claim_id)
    require_move(filed.claim, "withdraw")
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    ledger.reject(ctx, claim_id)
    filed.form.step_since, filed.form.due_on = ctx.now, None
    ctx.session.flush()
    audit.record(ctx, "claim.withdrawn", filed.form, claim_id=claim_id, reason=reason.strip())
    return queries.get(ctx, claim_id)


def _own(ctx: Context, claim_id: uuid.UUID) -> Filed:
    filed = queries.lock(ctx, claim_id)
    if not queries.takes_payees_side(ctx, filed.form):
        raise Forbidden(permissions.SUBMIT.code)
    return filed
