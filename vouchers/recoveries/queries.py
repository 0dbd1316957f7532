"""Reading recoveries: whoever was paid its own, officers those of their place."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.people.organisations.models import Organisation
from marketplace.policy.findings import queries as findings
from marketplace.policy.findings.models import Finding
from vouchers.claims.models import ClaimForm
from vouchers.invoices.models import Invoice
from vouchers.invoices.states import InvoiceState
from vouchers.ledger.models.commitments import Redemption
from vouchers.ledger.models.payments import Claim, ClaimItem
from vouchers.ledger.states import ClaimState
from vouchers.recoveries import permissions as verbs
from vouchers.recoveries.models import Recovery, RecoveryPart, RecoveryReceipt
from vouchers.recoveries.states import Ground, RecoveryState

NEWEST = (paging.Key(Recovery.created_at, True), paging.Key(Recovery.id, True))
OLDEST = (paging.Key(Recovery.created_at), paging.Key(Recovery.id))
PAID = (paging.Key(ClaimForm.paid_on, True), paging.Key(ClaimForm.claim_id, True))


@dataclass(frozen=True)
class Paid:
    """A claim that was paid: how much the bank paid of it, and how much of that was demanded back; fen."""

    form: ClaimForm
    fund_id: uuid.UUID
    payee: str
    paid_fen: int
    clawed_fen: int

    @property
    def id(self) -> uuid.UUID:
        return self.form.claim_id

    @property
    def room_fen(self) -> int:
        """What may still be demanded back."""
        return self.paid_fen - self.clawed_fen


@dataclass(frozen=True)
class Basis:
    """One thing on which a recovery of a claim may stand."""

    ground: Ground
    id: uuid.UUID
    what: Finding | Invoice


def visible(ctx: Context) -> Select[Recovery]:
    """Recoveries this person may see."""
    return permissions.visible(
        ctx,
        verbs.READ,
        select(Recovery),
        own=[Recovery.debtor_id],
        pilot=Recovery.pilot_id,
        city=Recovery.city,
    )


def get(ctx: Context, recovery_id: uuid.UUID, *, lock: bool = False) -> Recovery:
    """One recovery, or NotFound; with `lock` for an act."""
    statement = visible(ctx).where(Recovery.id == recovery_id).execution_options(populate_existing=True)
    row = ctx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound("recovery")
    return row


def listed(
    ctx: Context,
    *,
    state: RecoveryState | None = None,
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
    words: str = "",
    overdue: bool | None = None,
    order: Sequence[paging.Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Recovery]:
    """A page of recoveries, newest first; `overdue` those that were to be paid back before today.

    `words` are a whole number of a recovery or its claim, or stand in the name of whoever was paid.
    """
    wanted = ((Recovery.state, state), (Recovery.pilot_id, pilot_id), (Recovery.city, city))
    statement = visible(ctx).where(*(column == value for column, value in wanted if value is not None))
    if overdue:
        statement = statement.where(Recovery.state == RecoveryState.DEMANDED, Recovery.pay_by < ctx.today)
    if words:
        debtors = select(Organisation.id).where(Organisation.name.contains(words, autoescape=True))
        of_claim = select(ClaimForm.claim_id).where(ClaimForm.number == words.upper())
        statement = statement.where(
            or_(Recovery.number == words.upper(), Recovery.claim_id.in_(of_claim), Recovery.debtor_id.in_(debtors))
        )
    return paging.fetch(ctx.session, statement, order, limit=limit, cursor=cursor)


def of_claims(ctx: Context, claim_ids: Collection[uuid.UUID]) -> list[Recovery]:
    """The recoveries of these claims within reach, newest first: also for the enterprise whose voucher paid."""
    statement = permissions.visible(
        ctx,
        verbs.READ,
        select(Recovery).join(ClaimForm, ClaimForm.claim_id == Recovery.claim_id),
        own=[Recovery.debtor_id, ClaimForm.enterprise_id],
        pilot=Recovery.pilot_id,
        city=Recovery.city,
    )
    wanted = statement.where(Recovery.claim_id.in_(claim_ids)).order_by(Recovery.created_at.desc(), Recovery.id)
    return list(ctx.session.scalars(wanted))


_PAID = (
    select(func.coalesce(func.sum(Redemption.settled), 0))
    .join(ClaimItem, ClaimItem.redemption_id == Redemption.entry_id)
    .where(ClaimItem.claim_id == Claim.id, ClaimItem.live)
    .scalar_subquery()
)
_CLAWED = (
    select(func.coalesce(func.sum(Redemption.clawed), 0))
    .join(ClaimItem, ClaimItem.redemption_id == Redemption.entry_id)
    .where(ClaimItem.claim_id == Claim.id, ClaimItem.live)
    .scalar_subquery()
)


def _paid(ctx: Context) -> Select[Any]:
    statement: Any = (
        select(ClaimForm, Claim.fund_id, Organisation.name, _PAID, _CLAWED)
        .join(Claim, Claim.id == ClaimForm.claim_id)
        .join(Organisation, Organisation.id == ClaimForm.payee_id)
        .where(Claim.state == ClaimState.PAID, ClaimForm.paid_on.is_not(None))
    )
    return permissions.visible(ctx, verbs.OPEN, statement, pilot=ClaimForm.pilot_id, city=ClaimForm.city)


def paid(ctx: Context, claim_id: uuid.UUID) -> Paid:
    """One paid claim of which this person may open a recovery, or NotFound."""
    row = ctx.session.execute(
        _paid(ctx).where(ClaimForm.claim_id == claim_id).execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("claim")
    return Paid(row[0], row[1], row[2], int(row[3]), int(row[4]))


def paid_claims(ctx: Context, *, words: str = "", limit: int = 50, cursor: str | None = None) -> paging.Page[Paid]:
    """Claims that were paid and may be recovered, the latest payment first; `words` a number or a payee's name."""
    statement = _paid(ctx).where(_PAID > _CLAWED)
    if words:
        payees = select(Organisation.id).where(Organisation.name.contains(words, autoescape=True))
        statement = statement.where(or_(ClaimForm.number == words.upper(), ClaimForm.payee_id.in_(payees)))
    page = paging.fetch(ctx.session, statement, PAID, limit=limit, cursor=cursor)
    found = [Paid(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in page.items]
    return paging.Page(found, page.next_cursor, page.cursor, page.limit)


def bases(ctx: Context, form: ClaimForm) -> list[Basis]:
    """What a recovery of this claim may stand on: cases about it, its order or its payee; its held invoices."""
    about = [("claim", form.claim_id), ("order", form.order_id), ("organisation", form.payee_id)]
    cases = findings.around(ctx, [(kind, thing) for kind, thing in about if thing is not None])
    found = [Basis(Ground.FINDING, case.id, case) for case in cases]
    held = select(Invoice).where(
        Invoice.order_id == form.order_id if form.order_id else Invoice.contract_id == form.contract_id,
        Invoice.state == InvoiceState.HELD,
    )
    return found + [Basis(Ground.INVOICE, row.id, row) for row in ctx.session.scalars(held.order_by(Invoice.id))]


def paid_parts(ctx: Context, claim_id: uuid.UUID) -> list[tuple[int, int]]:
    """The paid parts of a claim, as (redemption, fen that may still be taken back); the caller has authorised it."""
    rows = ctx.session.execute(
        select(Redemption.entry_id, Redemption.settled - Redemption.clawed)
        .join(ClaimItem, (ClaimItem.redemption_id == Redemption.entry_id) & ClaimItem.live)
        .where(ClaimItem.claim_id == claim_id, Redemption.settled > Redemption.clawed)
        .order_by(Redemption.entry_id)
    )
    return [(part, int(room)) for part, room in rows]


def parts(ctx: Context, recovery_id: uuid.UUID) -> Sequence[RecoveryPart]:
    """The parts a recovery takes back, in the order of their clawbacks; the caller has authorised it."""
    return ctx.session.scalars(
        select(RecoveryPart)
        .where(RecoveryPart.recovery_id == recovery_id)
        .order_by(RecoveryPart.entry_id)
        .execution_options(populate_existing=True)
    ).all()


def receipts(ctx: Context, recovery_id: uuid.UUID) -> Sequence[RecoveryReceipt]:
    """What came in, earliest first; the caller has authorised the recovery."""
    return ctx.session.scalars(
        select(RecoveryReceipt)
        .where(RecoveryReceipt.recovery_id == recovery_id)
        .order_by(RecoveryReceipt.received_on, RecoveryReceipt.id)
    ).all()


def claim_numbers(ctx: Context, claim_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What the claims of recoveries are called; the caller has authorised the recoveries."""
    rows = ctx.session.execute(select(ClaimForm.claim_id, ClaimForm.number).where(ClaimForm.claim_id.in_(claim_ids)))
    return {row[0]: row[1] for row in rows}


def waiting_for_decision(ctx: Context) -> int:
    """How many recoveries wait for this person's decision: opened by another, answered or past the day."""
    wanted = visible(ctx).where(
        Recovery.state == RecoveryState.OPENED,
        Recovery.opened_by != ctx.who.person_id,
        or_(Recovery.answered_at.is_not(None), Recovery.answer_by < ctx.today),
    )
    return ctx.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0


def demanded(ctx: Context) -> tuple[int, date | None]:
    """How many recoveries within reach are to be paid back, and the first day."""
    wanted = visible(ctx).where(Recovery.state == RecoveryState.DEMANDED).subquery()
    row = ctx.session.execute(select(func.count(), func.min(wanted.c.pay_by))).one()
    return row[0], row[1]


def to_answer(ctx: Context) -> tuple[int, date | None]:
    """How many recoveries within reach wait for an answer, and the first day."""
    wanted = visible(ctx).where(Recovery.state == RecoveryState.OPENED, Recovery.answered_at.is_(None)).subquery()
    row = ctx.session.execute(select(func.count(), func.min(wanted.c.answer_by))).one()
    return row[0], row[1]


def late(ctx: Context, most: int) -> Sequence[Recovery]:
    """Recoveries that are late and of which the city has no case yet, locked; for the job."""
    return ctx.session.scalars(
        select(Recovery)
        .where(Recovery.state == RecoveryState.DEMANDED, Recovery.pay_by < ctx.today, Recovery.escalated_on.is_(None))
        .order_by(Recovery.pay_by, Recovery.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
