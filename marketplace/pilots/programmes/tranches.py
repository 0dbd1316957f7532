"""The money of a pilot: proposed, released, arrived; and the evaluation before its second part (四(一), 五(四))."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy.exc import IntegrityError

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_
from marketplace.pilots.programmes import departments, permissions, queries, rules
from marketplace.pilots.programmes.events import MidTermEvaluated, TrancheReceived, TrancheReleased
from marketplace.pilots.programmes.models import MidTermEvaluation, Pilot, Tranche
from marketplace.pilots.programmes.states import TRANCHE, Grade, PilotState, TrancheState
from marketplace.policy.books.model import Book
from marketplace.policy.editions import queries as editions
from marketplace.policy.engine import acts
from marketplace.policy.engine.refusal import refuse
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents

_STANDING = (TrancheState.PROPOSED, TrancheState.RELEASED, TrancheState.RECEIVED)
_SENT = (TrancheState.RELEASED, TrancheState.RECEIVED)


def propose_tranche(ctx: Context, pilot_id: uuid.UUID, amount_fen: int) -> Tranche:
    """The industry department proposes to send money: the first part at most half, the second after the evaluation."""
    pilot = queries.get(ctx, pilot_id, lock=True)
    ctx.require(permissions.PROPOSE, pilot)
    book = editions.book(ctx, pilot.edition_id)
    clause = rules.clause_of(book, "funding_proposal")
    departments.require_industry(ctx, pilot.programme_id, clause)
    rules.check_running(pilot, clause)
    if amount_fen <= 0:
        raise Invalid({"amount": [N_("金额应大于零。")]})
    tranches = queries.tranches(ctx, pilot.id)
    before = rules.standing(tranches, *_STANDING)
    _check_due(ctx, book, pilot, before, amount_fen)
    tranche = ctx.add(
        Tranche(
            pilot_id=pilot.id,
            city=pilot.city,
            number=sum(t.state in _STANDING for t in tranches) + 1,
            book_tranche=rules.book_tranche(book, pilot.award_fen or 0, before, amount_fen),
            amount_fen=amount_fen,
            state=TrancheState.PROPOSED,
            proposed_by=departments.person(ctx),
        )
    )
    ctx.session.flush()
    audit.record(ctx, "tranche.proposed", tranche, amount_fen=amount_fen, number=tranche.number)
    return tranche


def release_tranche(ctx: Context, tranche_id: uuid.UUID, release_number: str) -> Tranche:
    """The finance department sends the money, under the number of its letter: another office and another person."""
    tranche, pilot, book = _locked(ctx, tranche_id)
    ctx.require(permissions.RELEASE, pilot)
    clause = rules.clause_of(book, "funding_decision")
    departments.require_finance(ctx, pilot.programme_id, clause)
    rules.check_other_person(departments.person(ctx), tranche.proposed_by, clause=clause)
    rules.check_running(pilot, clause)
    if not release_number.strip():
        raise Invalid({"release_number": [N_("请填写下达文号。")]})
    before = rules.standing(queries.tranches(ctx, pilot.id), *_SENT)
    _check_due(ctx, book, pilot, before, tranche.amount_fen)
    TRANCHE.move(tranche, "release")
    tranche.released_by = departments.person(ctx)
    tranche.released_at = ctx.now
    tranche.released_on = ctx.today
    tranche.release_number = release_number.strip()
    ctx.session.flush()
    audit.record(ctx, "tranche.released", tranche, amount_fen=tranche.amount_fen, number=tranche.number)
    ctx.announce(TrancheReleased(pilot.id, tranche.id, tranche.number, tranche.amount_fen, ctx.today))
    return tranche


def refuse_tranche(ctx: Context, tranche_id: uuid.UUID, reason: str) -> Tranche:
    """The finance department does not follow a proposal; another one may be made."""
    tranche, pilot, book = _locked(ctx, tranche_id)
    ctx.require(permissions.RELEASE, pilot)
    clause = rules.clause_of(book, "funding_decision")
    departments.require_finance(ctx, pilot.programme_id, clause)
    if not reason.strip():
        raise Refusal("tranche.reason_missing", N_("请写明理由。"), clause=clause, field="reason")
    TRANCHE.move(tranche, "refuse")
    tranche.refusal_reason = reason.strip()
    audit.record(ctx, "tranche.refused", tranche)
    return tranche


def receive_tranche(ctx: Context, tranche_id: uuid.UUID, *, received_on: date, bank_reference: str) -> Tranche:
    """A finance officer of the pilot or the city saw the money on the account: the bank's day and reference."""
    tranche, pilot, book = _locked(ctx, tranche_id)
    ctx.require(permissions.RECEIVE, tranche)
    clause = rules.clause_of(book, "funding_decision")
    rules.check_other_person(departments.person(ctx), tranche.proposed_by, tranche.released_by, clause=clause)
    if not bank_reference.strip():
        raise Invalid({"bank_reference": [N_("请填写银行回单流水号。")]})
    if received_on > ctx.today or (tranche.released_on and received_on < tranche.released_on):
        raise Refusal(
            "tranche.wrong_day",
            N_("到账日期应在下达日期 {released} 与今天之间。"),
            clause=clause,
            field="received_on",
            released=tranche.released_on,
        )
    tranches = [t for t in queries.tranches(ctx, pilot.id) if t.id != tranche.id]
    sent = rules.standing(tranches, *_SENT) + tranche.amount_fen
    refuse(acts.receive(book, sent, rules.standing(tranches, TrancheState.RECEIVED), tranche.amount_fen))
    TRANCHE.move(tranche, "receive")
    tranche.received_by = departments.person(ctx)
    tranche.received_at = ctx.now
    tranche.received_on = received_on
    tranche.bank_reference = bank_reference.strip()
    try:
        ctx.session.flush()
    except IntegrityError:
        raise Refusal(
            "tranche.reference_used", N_("该银行流水号已登记过。"), clause=clause, field="bank_reference"
        ) from None
    audit.record(ctx, "tranche.received", tranche, amount_fen=tranche.amount_fen, day=received_on)
    ctx.announce(TrancheReceived(pilot.id, tranche.id, tranche.amount_fen, received_on, tranche.bank_reference))
    return tranche


def correct_receipt(ctx: Context, tranche_id: uuid.UUID) -> Tranche:
    """An arrival was recorded wrongly and its entry is taken back: the tranche is on its way again, to be seen anew."""
    tranche, _, _ = _locked(ctx, tranche_id)
    ctx.require(permissions.RECEIVE, tranche)
    TRANCHE.move(tranche, "correct")
    said = {"day": tranche.received_on, "reference": tranche.bank_reference}
    tranche.received_by = tranche.received_at = tranche.received_on = tranche.bank_reference = None
    ctx.session.flush()
    audit.record(ctx, "tranche.receipt_corrected", tranche, amount_fen=tranche.amount_fen, **said)
    return tranche


def evaluate(
    ctx: Context,
    pilot_id: uuid.UUID,
    *,
    grade: Grade,
    comment: str,
    document_id: uuid.UUID | None = None,
) -> MidTermEvaluation:
    """Record the mid-term evaluation, after year 1 has ended (四(一)); one per pilot."""
    pilot = queries.get(ctx, pilot_id, lock=True)
    ctx.require(permissions.EVALUATE, pilot)
    book = editions.book(ctx, pilot.edition_id)
    clause = rules.clause_of(book, "evaluation")
    departments.require_industry(ctx, pilot.programme_id, clause)
    if pilot.state not in (PilotState.APPROVED, PilotState.SUSPENDED):
        rules.check_running(pilot, clause)
    batch = queries.batch(ctx, pilot.batch_id)
    if ctx.today <= batch.year1_end:
        raise Refusal(
            "evaluation.too_early",
            N_("实施期第一年至 {day} 结束，之后方可进行中期评估。"),
            clause=next((t.clause for t in book.tranches.values() if t.evaluation), clause),
            day=batch.year1_end,
        )
    if not comment.strip():
        raise Refusal("evaluation.comment_missing", N_("请写明评估意见。"), clause=clause, field="comment")
    row = ctx.add(
        MidTermEvaluation(
            pilot_id=pilot.id,
            city=pilot.city,
            grade=grade,
            evaluated_on=ctx.today,
            comment=comment.strip(),
            document_id=documents.get(ctx, document_id).id if document_id else None,
            evaluated_by=departments.person(ctx),
        )
    )
    try:
        ctx.session.flush()
    except IntegrityError:
        raise Refusal("evaluation.done", N_("该试点已有中期评估结果。"), clause=clause) from None
    audit.record(ctx, "pilot.evaluated", row, grade=grade.value)
    ctx.announce(MidTermEvaluated(pilot.id, grade.value, ctx.today))
    return row


def _locked(ctx: Context, tranche_id: uuid.UUID) -> tuple[Tranche, Pilot, Book]:
    """The tranche with its pilot, which is locked first: two releases of one pilot stand in line."""
    pilot = queries.get(ctx, queries.tranche(ctx, tranche_id).pilot_id, lock=True)
    return queries.tranche(ctx, tranche_id, lock=True), pilot, editions.book(ctx, pilot.edition_id)


def _check_due(ctx: Context, book: Book, pilot: Pilot, before: int, amount_fen: int) -> None:
    batch = queries.batch(ctx, pilot.batch_id)
    evaluation = queries.evaluation(ctx, pilot.id)
    evaluated = evaluation is not None and evaluation.grade is not Grade.FAIL
    judged = rules.judged(pilot, batch, award=pilot.award_fen or 0, received=0, as_of=ctx.today)
    refuse(acts.release(book, judged, before, amount_fen, evaluated=evaluated), field="amount")
