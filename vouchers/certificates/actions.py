"""Issuing a certificate."""

from __future__ import annotations

import json
import uuid
from datetime import date

from sqlalchemy import select

from marketplace.base.clock import day_of
from marketplace.base.context import Context
from marketplace.base.errors import Forbidden, Refusal
from marketplace.base.ids import random_number
from marketplace.base.money import CURRENCY, plain
from marketplace.base.text import N_
from marketplace.base.types import canonical
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.programmes import queries as pilots
from marketplace.record.audit import actions as audit
from marketplace.record.audit import keys
from vouchers.certificates.models import PayableCertificate
from vouchers.claims import permissions
from vouchers.claims import queries as claims
from vouchers.claims.queries import Filed
from vouchers.claims.states import Decision, Step
from vouchers.ledger.states import ClaimState

DOMAIN = b"voucher-marketplace/payable/1\n"
"""Goes before the text when it is signed, so that the signature fits nothing else."""


def issue(ctx: Context, claim_id: uuid.UUID) -> PayableCertificate:
    """The payee of an approved claim that is not paid yet gets a certificate of what is owed to it, in fen.

    Asked again while nothing changed, it is the same one. Refuses `certificate.not_payable` otherwise.
    """
    filed = claims.lock(ctx, claim_id)
    if not claims.takes_payees_side(ctx, filed.form):
        raise Forbidden(permissions.SUBMIT.code)
    if filed.claim.state is not ClaimState.APPROVED or not filed.decided_fen:
        raise Refusal(
            "certificate.not_payable",
            N_("兑付申请 {number} 不是已审定、待付款的状态，不能开具应付确认书。"),
            clause="四(二)",
            number=filed.form.number,
        )
    approved_on = _approved_on(ctx, filed)
    known = ctx.session.scalars(
        select(PayableCertificate).where(
            PayableCertificate.claim_id == claim_id,
            PayableCertificate.amount_fen == filed.decided_fen,
            PayableCertificate.approved_on == approved_on,
        )
    ).one_or_none()
    if known is not None:
        return known
    number = "P" + random_number(11)
    payee = organisations.by_id(ctx, filed.form.payee_id)
    text = canonical(
        {
            "number": number,
            "claim": filed.form.number,
            "payee": payee.name,
            "payee_uscc": payee.uscc,
            "pilot": pilots.names(ctx, [filed.form.pilot_id]).get(filed.form.pilot_id, ""),
            "amount": plain(filed.decided_fen),
            "currency": CURRENCY,
            "approved_on": approved_on,
            "issued_on": ctx.today,
        }
    )
    made = ctx.add(
        PayableCertificate(
            claim_id=claim_id,
            number=number,
            code=random_number(7),
            payee_id=filed.form.payee_id,
            pilot_id=filed.form.pilot_id,
            city=filed.form.city,
            amount_fen=filed.decided_fen,
            approved_on=approved_on,
            issued_by=ctx.who.person_id,
            text=text,
            public_key=keys.public(ctx.house.settings),
            signature=keys.private(ctx.house.settings).sign(DOMAIN + text.encode()),
        )
    )
    ctx.session.flush()
    audit.record(ctx, "certificate.issued", made, claim_id=claim_id, number=number, amount_fen=made.amount_fen)
    return made


def _approved_on(ctx: Context, filed: Filed) -> date:
    """The day of the city's last approval."""
    days = [
        day_of(review.created_at)
        for review in claims.reviews(ctx, filed.id)
        if review.step is Step.CITY and review.decision is Decision.APPROVED
    ]
    return days[-1]


def said(certificate: PayableCertificate) -> dict[str, str]:
    """What stands on a certificate."""
    found: dict[str, str] = json.loads(certificate.text)
    return found
