"""The bank's return file: read as one act, or refused line by line with nothing done."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from marketplace.base import sheets
from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.money import Yuan
from marketplace.base.text import N_, Text
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents
from vouchers.claims import actions as claims
from vouchers.ledger.actions import batches, payouts
from vouchers.ledger.models.payments import BatchItem, PaymentBatch, PayoutAttempt
from vouchers.ledger.states import AttemptState, BatchState, ItemState
from vouchers.settlement import bankfile, iso, late, permissions, queries
from vouchers.settlement.bankfile import Answer, line
from vouchers.settlement.events import ReturnLoaded
from vouchers.settlement.models import LatePayment, PaymentFile
from vouchers.settlement.states import FileKind, Outcome

Known = Mapping[str, tuple[PayoutAttempt, BatchItem]]
_DECIDED = {AttemptState.CONFIRMED: Outcome.PAID, AttemptState.FAILED: Outcome.FAILED}


@dataclass(frozen=True)
class Loaded:
    """A return file that is kept; `repeated`: it was read before, and nothing was done now."""

    file: PaymentFile
    repeated: bool


def load_return(ctx: Context, batch_id: uuid.UUID, data: bytes, filename: str) -> Loaded:
    """Read what the bank answered: confirmed payments settle their parts and pay their claims, refused ones return
    their money to the fund and open their claims for another batch.

    One act per file. Any line that is unknown, has another amount, or contradicts another line or what is known refuses
    the whole file (`return.lines`, each line named); a line that only says again what another says counts once. The
    same file again changes nothing. A payment that was refused and is told as paid later is kept from being paid
    again, and waits for another person (`late.hold`).
    """
    batch = queries.get(ctx, batch_id)
    ctx.require(permissions.LOAD, batch)
    if len(data) > sheets.MAX_BYTES:
        limit = sheets.MAX_BYTES // 2**20
        raise Refusal("sheet.too_large", N_("文件超过 {limit} MiB。"), field="file", limit=limit)
    _require_sent(ctx, batch)
    digest = hashlib.sha256(data).hexdigest()
    earlier = _earlier(ctx, batch_id, digest)
    if earlier is not None:
        return Loaded(earlier, repeated=True)
    known = queries.attempts(ctx, batch_id)
    answers = _read(data, filename, known, ctx.today)
    fresh = _fresh(answers, known, late.known(ctx, [attempt.id for attempt, _ in known.values()]))
    told_late = [answer for answer in fresh if known[answer.end_to_end_id][0].state is AttemptState.FAILED]
    late.hold(ctx, [(answer, *known[answer.end_to_end_id]) for answer in told_late])
    _apply(ctx, batch_id, [answer for answer in fresh if answer not in told_late], known, digest)
    row = _keep(ctx, batch, data, filename, answers, fresh)
    _close(ctx, batch_id)
    counts = row.summary
    audit.record(ctx, "batch.return_loaded", batch, sha256=digest, **{k: counts[k] for k in ("paid", "failed")})
    ctx.announce(ReturnLoaded(batch_id, counts["paid"], counts["failed"], counts["unknown"]))
    return Loaded(row, repeated=False)


def _read(data: bytes, filename: str, known: Known, today: date) -> list[Answer]:
    """What the bank says of this batch: the lines of a sheet, or of a statement those that are the batch's."""
    if not iso.is_statement(data):
        return bankfile.read(data, filename, today)
    answers = [answer for answer in iso.read(data, today) if answer.end_to_end_id in known]
    if not answers:
        raise Refusal("return.empty", N_("回单文件没有任何付款结果。"), field="file")
    return answers


def _require_sent(ctx: Context, batch: PaymentBatch) -> None:
    """Only what went to the bank is answered. The payment file's lock lets return files come one after another."""
    if queries.payment_file(ctx, batch.id, lock=True) is None or batch.state not in (BatchState.SENT, BatchState.DONE):
        raise Refusal(
            "settlement.not_sent", N_("批次 {number} 的付款文件尚未生成，不能导入回单。"), number=batch.number
        )


def _earlier(ctx: Context, batch_id: uuid.UUID, digest: str) -> PaymentFile | None:
    return ctx.session.scalars(
        select(PaymentFile).where(
            PaymentFile.batch_id == batch_id, PaymentFile.kind == FileKind.RETURN, PaymentFile.sha256 == digest
        )
    ).one_or_none()


def _fresh(answers: Sequence[Answer], known: Known, told_late: Mapping[uuid.UUID, LatePayment]) -> list[Answer]:
    """The lines that say something new; what is wrong with the others refuses the file."""
    faults: list[Text | str] = []
    fresh = []
    for answer in answers:
        fault = _fault(answer, known, told_late)
        if fault is not None:
            faults.append(fault)
        elif _is_new(answer, known[answer.end_to_end_id][0], told_late):
            fresh.append(answer)
    bankfile.refuse(faults)
    return fresh


def _fault(answer: Answer, known: Known, told_late: Mapping[uuid.UUID, LatePayment]) -> Text | None:
    if answer.end_to_end_id not in known:
        return line(answer.row, N_("端到端编号 {id} 不属于本批次。"), id=answer.end_to_end_id[:40])
    attempt, item = known[answer.end_to_end_id]
    if answer.amount_fen is not None and answer.amount_fen != item.amount:
        values = {"given": Yuan(answer.amount_fen), "wanted": Yuan(item.amount)}
        return line(answer.row, N_("金额 {given} 与付款文件中的 {wanted} 不符。"), **values)
    if attempt.state is AttemptState.PREPARED:
        return line(answer.row, N_("该笔付款尚未列入付款文件。"))
    decided = _DECIDED.get(attempt.state)
    if decided is Outcome.PAID and (answer.outcome is not decided or answer.reference != attempt.bank_reference):
        said = attempt.bank_reference or ""
        return line(answer.row, N_("该笔付款已确认成功（流水号 {reference}），与本行不符。"), reference=said)
    if decided is Outcome.FAILED and answer.outcome is Outcome.UNKNOWN:
        return line(answer.row, N_("该笔付款已记为失败，与本行不符；请先向银行核实，以免重复付款。"))
    before = told_late.get(attempt.id)
    if answer.outcome is Outcome.PAID and before is not None and before.bank_reference != answer.reference:
        said = before.bank_reference
        return line(answer.row, N_("该笔付款已确认成功（流水号 {reference}），与本行不符。"), reference=said)
    return None


def _is_new(answer: Answer, attempt: PayoutAttempt, told_late: Mapping[uuid.UUID, LatePayment]) -> bool:
    if attempt.state is AttemptState.FAILED:
        return answer.outcome is Outcome.PAID and attempt.id not in told_late
    if attempt.state is AttemptState.UNKNOWN:
        return answer.outcome is not Outcome.UNKNOWN
    return attempt.state is AttemptState.SENT


def _apply(ctx: Context, batch_id: uuid.UUID, fresh: Sequence[Answer], known: Known, digest: str) -> None:
    """Settle what was paid, doubt what is unknown, give back what failed: commitments before the fund."""
    rows = {answer.end_to_end_id: known[answer.end_to_end_id] for answer in fresh}
    ids = {code: (attempt.id, item.id, item.claim_id, item.amount) for code, (attempt, item) in rows.items()}
    by = {outcome: [answer for answer in fresh if answer.outcome is outcome] for outcome in Outcome}
    payouts.confirm(ctx, {ids[a.end_to_end_id][0]: a.reference for a in by[Outcome.PAID]})
    payouts.doubt(ctx, {ids[a.end_to_end_id][0]: a.reason for a in by[Outcome.UNKNOWN]})
    payouts.fail(ctx, {ids[a.end_to_end_id][0]: a.reason for a in by[Outcome.FAILED]})
    failed = [ids[a.end_to_end_id][1] for a in by[Outcome.FAILED]]
    if failed:
        batches.fail_items(ctx, failed, f"batch:{batch_id}:unpay:{digest}")
    claims.settled(
        ctx,
        {
            claim_id: (amount, answer.reference, answer.day)
            for answer in by[Outcome.PAID]
            for _, _, claim_id, amount in [ids[answer.end_to_end_id]]
        },
    )
    claims.payment_failed(
        ctx,
        {
            claim_id: (amount, answer.reason)
            for answer in by[Outcome.FAILED]
            for _, _, claim_id, amount in [ids[answer.end_to_end_id]]
        },
    )


def _keep(
    ctx: Context,
    batch: PaymentBatch,
    data: bytes,
    filename: str,
    answers: Sequence[Answer],
    fresh: Sequence[Answer],
) -> PaymentFile:
    document = documents.store(
        ctx, data, filename, "return_file", personal=True, pilot_id=batch.pilot_id, city=batch.city
    )
    counted = {outcome.value: sum(a.outcome is outcome for a in fresh) for outcome in Outcome}
    row = ctx.add(
        PaymentFile(
            batch_id=batch.id,
            pilot_id=batch.pilot_id,
            city=batch.city,
            kind=FileKind.RETURN,
            document_id=document.id,
            sha256=document.sha256,
            loaded_by=ctx.who.person_id,
            summary={
                **counted,
                "known_before": len(answers) - len(fresh),
                "lines": [answer.kept() for answer in answers],
            },
        )
    )
    ctx.session.flush()
    return row


def _close(ctx: Context, batch_id: uuid.UUID) -> None:
    """A batch without an open item is done."""
    batch = batches.lock(ctx, batch_id)
    held = queries.lines(ctx, batch_id)
    if batch.state is BatchState.SENT and all(entry.item.state is not ItemState.OPEN for entry in held):
        batches.close(ctx, batch_id)
