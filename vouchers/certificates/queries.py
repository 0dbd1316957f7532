"""Reading certificates: the payee and the offices theirs, a bank the one that it was shown."""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.record.audit import keys
from vouchers.certificates.actions import DOMAIN
from vouchers.certificates.models import PayableCertificate
from vouchers.certificates.states import Standing
from vouchers.claims import queries as claims
from vouchers.claims.models import ClaimForm
from vouchers.ledger.models.payments import BatchItem, Claim, ClaimItem, PaymentBatch
from vouchers.ledger.states import BatchState, ClaimState, ItemState


@dataclass(frozen=True)
class Shown:
    """A certificate, what it is worth now, and the day on which it was paid."""

    certificate: PayableCertificate
    standing: Standing
    paid_on: date | None


def get(ctx: Context, certificate_id: uuid.UUID) -> Shown:
    """One certificate, for whoever may read its claim; or NotFound."""
    row = ctx.session.get(PayableCertificate, certificate_id)
    if row is None:
        raise NotFound("certificate")
    claims.get(ctx, row.claim_id)
    return _shown(ctx, row)


def of_claim(ctx: Context, claim_id: uuid.UUID) -> PayableCertificate | None:
    """The newest certificate of a claim; the caller has authorised the claim."""
    newest = PayableCertificate.id.desc()
    found = select(PayableCertificate).where(PayableCertificate.claim_id == claim_id).order_by(newest).limit(1)
    return ctx.session.scalars(found).one_or_none()


def check(ctx: Context, number: str, code: str) -> Shown | None:
    """The certificate of a number, for whoever also knows its code; None when the two don't belong together."""
    number, code = _bare(number), _bare(code)
    row = ctx.session.scalars(select(PayableCertificate).where(PayableCertificate.number == number)).one_or_none()
    if row is None or not hmac.compare_digest(row.code.encode(), code.encode()):
        return None
    if not keys.signed(row.public_key, row.signature, DOMAIN + row.text.encode()):
        return None
    return _shown(ctx, row)


def _bare(text: str) -> str:
    return text.strip().upper().replace("-", "").replace(" ", "")[:40]


def _shown(ctx: Context, row: PayableCertificate) -> Shown:
    found = select(Claim.state, ClaimForm.paid_on).join(ClaimForm, ClaimForm.claim_id == Claim.id)
    state, paid_on = ctx.session.execute(found.where(Claim.id == row.claim_id)).one()
    living = select(func.coalesce(func.sum(ClaimItem.approved), 0))
    approved = ctx.session.scalar(living.where(ClaimItem.claim_id == row.claim_id, ClaimItem.live))
    if state is ClaimState.PAID and approved == row.amount_fen:
        return Shown(row, Standing.PAID, paid_on)
    if state is not ClaimState.APPROVED or approved != row.amount_fen:
        return Shown(row, Standing.WITHDRAWN, None)
    released = (
        select(BatchItem.id)
        .join(PaymentBatch, PaymentBatch.id == BatchItem.batch_id)
        .where(
            BatchItem.claim_id == row.claim_id,
            BatchItem.state == ItemState.OPEN,
            PaymentBatch.state.in_((BatchState.APPROVED, BatchState.SENT)),
        )
    )
    leaving = ctx.session.scalar(released.limit(1)) is not None
    return Shown(row, Standing.IN_PAYMENT if leaving else Standing.PAYABLE, None)
