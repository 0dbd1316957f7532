"""Payments and what came back, of the acting organisation, by the bank's day."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Subquery, func, literal, select, union_all

from marketplace.base import paging
from marketplace.base.context import Context
from vouchers.claims.models import ClaimForm
from vouchers.ledger.models.payments import BatchItem, Claim, ClaimItem, PayoutAttempt
from vouchers.ledger.states import AttemptState, ClaimState, ItemState
from vouchers.recoveries.models import Recovery, RecoveryReceipt
from vouchers.statements import permissions

PAID, RETURNED = "paid", "returned"


@dataclass(frozen=True)
class Movement:
    """Money that reached the payee, or (negative) that it paid back; fen."""

    what: str
    id: uuid.UUID
    day: date
    matter_id: uuid.UUID
    number: str
    pilot_id: uuid.UUID
    reference: str
    amount_fen: int


@dataclass(frozen=True)
class Totals:
    """Of the period: paid and paid back; and what is approved and not paid at this moment. Fen, and how many."""

    paid_fen: int
    paid: int
    returned_fen: int
    returned: int
    owed_fen: int
    owed: int

    @property
    def net_fen(self) -> int:
        """What is left with the payee of the period's payments."""
        return self.paid_fen - self.returned_fen


def _movements(own: uuid.UUID | None) -> Subquery:
    """Every movement of one payee. A payment counts when the bank has confirmed it, a return when it has come in."""
    paid = (
        select(
            literal(PAID).label("what"),
            BatchItem.id.label("id"),
            ClaimForm.paid_on.label("day"),
            ClaimForm.claim_id.label("matter_id"),
            ClaimForm.number.label("number"),
            ClaimForm.pilot_id.label("pilot_id"),
            PayoutAttempt.bank_reference.label("reference"),
            BatchItem.amount.label("amount"),
        )
        .join(BatchItem, BatchItem.claim_id == ClaimForm.claim_id)
        .join(PayoutAttempt, PayoutAttempt.batch_item_id == BatchItem.id)
        .where(
            ClaimForm.payee_id == own,
            ClaimForm.paid_on.is_not(None),
            BatchItem.state == ItemState.PAID,
            PayoutAttempt.state == AttemptState.CONFIRMED,
        )
    )
    back = (
        select(
            literal(RETURNED),
            RecoveryReceipt.id,
            RecoveryReceipt.received_on,
            Recovery.id,
            Recovery.number,
            Recovery.pilot_id,
            RecoveryReceipt.bank_reference,
            -RecoveryReceipt.amount_fen,
        )
        .join(Recovery, Recovery.id == RecoveryReceipt.recovery_id)
        .where(Recovery.debtor_id == own)
    )
    return union_all(paid, back).subquery()


def _narrowed(ctx: Context, since: date | None, until: date | None, what: str | None = None) -> tuple[Any, Any]:
    ctx.require(permissions.READ)
    rows = _movements(ctx.who.organisation_id)
    wanted = []
    if since is not None:
        wanted.append(rows.c.day >= since)
    if until is not None:
        wanted.append(rows.c.day <= until)
    if what is not None:
        wanted.append(rows.c.what == what)
    return rows, wanted


def listed(
    ctx: Context,
    *,
    since: date | None = None,
    until: date | None = None,
    what: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Movement]:
    """A page of movements, newest day first; both days are within."""
    rows, wanted = _narrowed(ctx, since, until, what)
    order: Sequence[paging.Key] = (paging.Key(rows.c.day, True), paging.Key(rows.c.id, True))
    page = paging.fetch(ctx.session, select(*rows.c).where(*wanted), order, limit=limit, cursor=cursor)
    found = [Movement(row[0], row[1], row[2], row[3], row[4], row[5], row[6] or "", int(row[7])) for row in page.items]
    return paging.Page(found, page.next_cursor, page.cursor, page.limit)


def totals(ctx: Context, *, since: date | None = None, until: date | None = None) -> Totals:
    """The sums of a period."""
    rows, wanted = _narrowed(ctx, since, until)
    sums = select(rows.c.what, func.count(), func.sum(rows.c.amount)).where(*wanted).group_by(rows.c.what)
    found = {what: (number, int(amount)) for what, number, amount in ctx.session.execute(sums)}
    paid, returned = found.get(PAID, (0, 0)), found.get(RETURNED, (0, 0))
    approved = (
        select(func.count(Claim.id.distinct()), func.coalesce(func.sum(ClaimItem.approved), 0))
        .join(ClaimItem, ClaimItem.claim_id == Claim.id)
        .where(
            Claim.payee_organisation_id == ctx.who.organisation_id,
            Claim.state == ClaimState.APPROVED,
            ClaimItem.live,
        )
    )
    number, amount = ctx.session.execute(approved).one()
    return Totals(paid[1], paid[0], -returned[1], returned[0], int(amount or 0), number)
