"""The payment file: written once per batch, after the release has been committed."""

from __future__ import annotations

import uuid

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes.models import Pilot
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents
from marketplace.record.documents.models import Document
from marketplace.record.notices.outbox import Message
from vouchers.ledger.actions import batches, payouts
from vouchers.ledger.models.payments import PaymentBatch
from vouchers.ledger.states import AttemptState, BatchState
from vouchers.settlement import bankfile, iso, permissions, queries
from vouchers.settlement.bankfile import Payment
from vouchers.settlement.events import PaymentFileWritten
from vouchers.settlement.models import PaymentFile
from vouchers.settlement.states import FileKind


def write_payment_file(ctx: Context, batch_id: uuid.UUID) -> PaymentFile:
    """The payment file of a released batch, at once and by hand; written already, it is given as it is."""
    ctx.require(permissions.LOAD, queries.get(ctx, batch_id))
    return _write(ctx, batch_id)


def deliver(ctx: Context, message: Message) -> None:
    """The outbox brings the release of a batch: write its payment file. Again it changes nothing."""
    _write(ctx, uuid.UUID(message.payload["batch_id"]))


def _write(ctx: Context, batch_id: uuid.UUID) -> PaymentFile:
    batch = batches.lock(ctx, batch_id)
    known = queries.payment_file(ctx, batch_id)
    if known is not None:
        return known
    if batch.state is not BatchState.APPROVED or batch.checker_id is None:
        raise Refusal("settlement.not_released", N_("批次 {number} 尚未复核，没有付款文件。"), number=batch.number)
    checker_id = batch.checker_id
    payments = _payments(ctx, batch)
    document = _store(ctx, batch, bankfile.write(payments), "csv")
    message = _store(ctx, batch, _message(ctx, batch, payments), "xml")
    payouts.send(ctx, batch_id)
    batch = batches.lock(ctx, batch_id)
    total = sum(p.amount_fen for p in payments)
    row = ctx.add(
        PaymentFile(
            batch_id=batch_id,
            pilot_id=batch.pilot_id,
            city=batch.city,
            kind=FileKind.PAYMENT,
            document_id=document.id,
            sha256=document.sha256,
            loaded_by=checker_id,
            summary={"payments": len(payments), "total": total, "message": str(message.id)},
        )
    )
    ctx.session.flush()
    audit.record(ctx, "batch.file_written", batch, sha256=document.sha256, payments=len(payments), total_fen=total)
    ctx.announce(PaymentFileWritten(batch_id, document.id))
    return row


def _store(ctx: Context, batch: PaymentBatch, data: bytes, ending: str) -> Document:
    name = f"{batch.number}.{ending}"
    return documents.store(ctx, data, name, "payment_file", personal=True, pilot_id=batch.pilot_id, city=batch.city)


def _message(ctx: Context, batch: PaymentBatch, payments: list[Payment]) -> bytes:
    """The same payments as pain.001, in the name of the pilot's office, out of the fund."""
    office = ctx.session.get_one(Pilot, batch.pilot_id).office_organisation_id
    payer = organisations.by_id(ctx, office).name
    return iso.write(batch.number, payer, batch.fund_id.hex.upper(), ctx.now, ctx.today, payments)


def _payments(ctx: Context, batch: PaymentBatch) -> list[Payment]:
    """One line per prepared attempt, to the account that was pinned."""
    return [
        Payment(
            holder=line.item.account["holder_name"],
            number=line.item.account["number"],
            bank=line.item.account["bank_name"],
            bank_code=line.item.account["bank_code"],
            amount_fen=line.item.amount,
            purpose=f"数字化转型服务券兑付 {line.form.number}",
            end_to_end_id=line.attempt.end_to_end_id,
        )
        for line in queries.lines(ctx, batch.id)
        if line.attempt is not None and line.attempt.state is AttemptState.PREPARED
    ]
