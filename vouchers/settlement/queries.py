"""Reading batches and what waits for one: finance within its place, the offices and auditors beside it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select

from marketplace.base import paging, permissions
from marketplace.base.clock import midnight
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.people.organisations import queries as organisations
from marketplace.people.organisations import rules as organisation_rules
from marketplace.people.organisations.models import BankAccount, Organisation
from marketplace.people.organisations.states import AccountState
from vouchers.claims.models import ClaimForm
from vouchers.ledger.models.funds import Fund
from vouchers.ledger.models.openings import Opening
from vouchers.ledger.models.payments import BatchItem, Claim, ClaimItem, PaymentBatch, PayoutAttempt
from vouchers.ledger.states import BatchState, ClaimState, ItemState
from vouchers.settlement import permissions as verbs
from vouchers.settlement.models import BatchRelease, PaymentFile
from vouchers.settlement.states import FileKind

NEWEST = (paging.Key(PaymentBatch.id, True),)  # ids rise with the time of their making
OLDEST = (paging.Key(PaymentBatch.id),)
DUE = (paging.Key(ClaimForm.due_on), paging.Key(ClaimForm.claim_id))


@dataclass(frozen=True)
class Line:
    """One claim in a batch: its item, its form, the payee's name, and the latest try to pay it."""

    item: BatchItem
    form: ClaimForm
    payee: str
    attempt: PayoutAttempt | None


@dataclass(frozen=True)
class Waiting:
    """An approved claim that no batch holds; fen."""

    claim: Claim
    form: ClaimForm
    payee: str
    amount_fen: int

    @property
    def id(self) -> uuid.UUID:
        return self.claim.id


@dataclass(frozen=True)
class Pile:
    """What waits to be paid out of one fund: so many claims, so many fen, the first day that is due."""

    number: int
    amount_fen: int
    due_on: date | None


def visible(ctx: Context) -> Select[PaymentBatch]:
    """Batches this person may see."""
    brought = select(Opening.batch_id).where(Opening.batch_id == PaymentBatch.id).exists()
    statement = select(PaymentBatch).where(~brought).execution_options(populate_existing=True)
    return permissions.visible(ctx, verbs.READ, statement, pilot=PaymentBatch.pilot_id, city=PaymentBatch.city)


def get(ctx: Context, batch_id: uuid.UUID) -> PaymentBatch:
    """One batch, or NotFound."""
    row = ctx.session.scalars(visible(ctx).where(PaymentBatch.id == batch_id)).one_or_none()
    if row is None:
        raise NotFound("batch")
    return row


def listed(
    ctx: Context,
    *,
    state: BatchState | None = None,
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
    words: str = "",
    since: date | None = None,
    until: date | None = None,
    order: Sequence[paging.Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[PaymentBatch]:
    """A page of batches, newest first; the days are those on which a batch was made.

    `words` are a whole number of a batch or of a claim in it, or stand in the name of a payee.
    """
    wanted = ((PaymentBatch.state, state), (PaymentBatch.pilot_id, pilot_id), (PaymentBatch.city, city))
    statement = visible(ctx).where(*(column == value for column, value in wanted if value is not None))
    if words:
        named = _named(select(BatchItem.batch_id).join(ClaimForm, ClaimForm.claim_id == BatchItem.claim_id), words)
        statement = statement.where(or_(PaymentBatch.number == words.upper(), PaymentBatch.id.in_(named)))
    if since is not None:
        statement = statement.where(PaymentBatch.created_at >= midnight(since))
    if until is not None:
        statement = statement.where(PaymentBatch.created_at < midnight(until + timedelta(days=1)))
    return paging.fetch(ctx.session, statement, order, limit=limit, cursor=cursor)


def _named(statement: Select[Any], words: str) -> Select[Any]:
    """Claims with this number, or with these words in the payee's name."""
    payees = select(Organisation.id).where(Organisation.name.contains(words, autoescape=True))
    return statement.where(or_(ClaimForm.number == words.upper(), ClaimForm.payee_id.in_(payees)))


def sizes(ctx: Context, batch_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many payments each batch made or is to make; the caller has authorised the batches."""
    tried = select(PayoutAttempt.id).where(PayoutAttempt.batch_item_id == BatchItem.id).exists()
    held = select(BatchItem.batch_id, func.count()).where(
        BatchItem.batch_id.in_(batch_ids), or_(BatchItem.state != ItemState.FAILED, tried)
    )
    return {batch_id: number for batch_id, number in ctx.session.execute(held.group_by(BatchItem.batch_id))}


def counts(ctx: Context) -> dict[BatchState, int]:
    """How many batches within reach stand where."""
    statement = visible(ctx).with_only_columns(PaymentBatch.state, func.count()).group_by(PaymentBatch.state)
    return {state: number for state, number in ctx.session.execute(statement)}


def to_check(ctx: Context) -> int:
    """How many drafts within reach wait for this person, who made and released none of them."""
    who = ctx.who.person_id
    mine = visible(ctx).where(
        PaymentBatch.state == BatchState.DRAFT, PaymentBatch.maker_id != who, PaymentBatch.id.not_in(released(who))
    )
    return ctx.session.scalar(select(func.count()).select_from(mine.subquery())) or 0


def released(person_id: uuid.UUID) -> Select[uuid.UUID]:
    """Batches that a person has released, while others are still to come."""
    return select(BatchRelease.batch_id).where(BatchRelease.person_id == person_id)


def lines(ctx: Context, batch_id: uuid.UUID) -> list[Line]:
    """What a batch holds, with what left it; the caller has authorised the batch."""
    rows = ctx.session.execute(
        select(BatchItem, ClaimForm, Organisation.name, PayoutAttempt)
        .join(ClaimForm, ClaimForm.claim_id == BatchItem.claim_id)
        .join(Organisation, Organisation.id == ClaimForm.payee_id)
        .outerjoin(PayoutAttempt, PayoutAttempt.batch_item_id == BatchItem.id)
        .where(BatchItem.batch_id == batch_id)
        .order_by(ClaimForm.number, BatchItem.id, PayoutAttempt.attempt_no)
        .execution_options(populate_existing=True)
    )
    latest = {row[0].id: Line(*row) for row in rows}
    return list(latest.values())


def item(ctx: Context, item_id: uuid.UUID) -> BatchItem:
    """One item of a batch within reach."""
    row = ctx.session.get(BatchItem, item_id)
    if row is None:
        raise NotFound("batch_item")
    get(ctx, row.batch_id)
    return row


_APPROVED = (
    select(func.coalesce(func.sum(ClaimItem.approved), 0))
    .where(ClaimItem.claim_id == Claim.id, ClaimItem.live)
    .scalar_subquery()
)


def _waiting(ctx: Context) -> Select[Any]:
    taken = select(BatchItem.claim_id).where(BatchItem.state != ItemState.FAILED)
    statement: Any = (
        select(Claim, ClaimForm, Organisation.name, _APPROVED)
        .join(ClaimForm, ClaimForm.claim_id == Claim.id)
        .join(Organisation, Organisation.id == ClaimForm.payee_id)
        .where(Claim.state == ClaimState.APPROVED, Claim.id.not_in(taken))
    )
    return permissions.visible(ctx, verbs.READ, statement, pilot=ClaimForm.pilot_id, city=ClaimForm.city)


def waiting(
    ctx: Context,
    *,
    fund_id: uuid.UUID | None = None,
    words: str = "",
    overdue: bool | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Waiting]:
    """Approved claims that no batch holds, the one that is due first first; `overdue` those whose day is over."""
    statement = _waiting(ctx)
    if fund_id is not None:
        statement = statement.where(Claim.fund_id == fund_id)
    if words:
        statement = _named(statement, words)
    if overdue:
        statement = statement.where(ClaimForm.due_on < ctx.today)
    page = paging.fetch(ctx.session, statement, DUE, limit=limit, cursor=cursor)
    found = [Waiting(row[0], row[1], row[2], int(row[3])) for row in page.items]
    return paging.Page(found, page.next_cursor, page.cursor, page.limit)


def waiting_by_fund(ctx: Context) -> dict[uuid.UUID, Pile]:
    """What waits to be paid out of each fund."""
    each = _waiting(ctx).with_only_columns(Claim.fund_id, ClaimForm.due_on, _APPROVED.label("amount")).subquery()
    piles = select(each.c.fund_id, func.count(), func.sum(each.c.amount), func.min(each.c.due_on))
    rows = ctx.session.execute(piles.group_by(each.c.fund_id))
    return {fund_id: Pile(number, int(amount), due) for fund_id, number, amount, due in rows}


def fund(ctx: Context, fund_id: uuid.UUID) -> Fund:
    """One fund out of which this person may pay, or NotFound."""
    statement = permissions.visible(ctx, verbs.MAKE, select(Fund), pilot=Fund.pilot_id, city=Fund.city)
    row = ctx.session.scalars(statement.where(Fund.id == fund_id)).one_or_none()
    if row is None:
        raise NotFound("fund")
    return row


def funds(ctx: Context, fund_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Fund]:
    """Several funds within reach at once, by id."""
    statement = permissions.visible(ctx, verbs.READ, select(Fund), pilot=Fund.pilot_id, city=Fund.city)
    return {row.id: row for row in ctx.session.scalars(statement.where(Fund.id.in_(fund_ids)))}


def accounts(ctx: Context, payees: Collection[uuid.UUID]) -> dict[uuid.UUID, BankAccount]:
    """The account to which each payee may be paid now, in one statement. Does not ask who looks.

    Refuses like `organisations.payable_account` for the first payee that has none, whose account cools, or bears
    another name.
    """
    found = payable(ctx, payees)
    for payee in sorted(set(payees) - found.keys(), key=str):  # the first of them refuses
        found[payee] = organisations.payable_account(ctx, payee)
    return found


def payable(ctx: Context, payees: Collection[uuid.UUID]) -> dict[uuid.UUID, BankAccount]:
    """The same for those that have such an account; the others are left out."""
    rows = ctx.session.execute(
        select(BankAccount, Organisation.name)
        .join(Organisation, Organisation.id == BankAccount.organisation_id)
        .where(
            BankAccount.organisation_id.in_(payees),
            BankAccount.state == AccountState.ACTIVE,
            BankAccount.effective_from <= ctx.now,
        )
        .execution_options(populate_existing=True)
    )
    return {
        account.organisation_id: account
        for account, name in rows
        if organisation_rules.normal_name(account.holder_name) == organisation_rules.normal_name(name)
    }


def pinned(account: BankAccount) -> dict[str, str]:
    """An account as a batch keeps it."""
    return {
        "holder_name": account.holder_name,
        "bank_name": account.bank_name,
        "bank_code": account.bank_code,
        "number": account.number,
    }


def files(ctx: Context, batch_id: uuid.UUID) -> Sequence[PaymentFile]:
    """The files of a batch, earliest first; the caller has authorised the batch."""
    return ctx.session.scalars(
        select(PaymentFile).where(PaymentFile.batch_id == batch_id).order_by(PaymentFile.created_at, PaymentFile.id)
    ).all()


def payment_file(ctx: Context, batch_id: uuid.UUID, *, lock: bool = False) -> PaymentFile | None:
    """The file that went to the bank, if it is written; the caller has authorised the batch."""
    found = select(PaymentFile).where(PaymentFile.batch_id == batch_id, PaymentFile.kind == FileKind.PAYMENT)
    return ctx.session.scalars(found.with_for_update() if lock else found).one_or_none()


def attempts(ctx: Context, batch_id: uuid.UUID) -> Mapping[str, tuple[PayoutAttempt, BatchItem]]:
    """Every try to pay something of a batch, by its end-to-end id; the caller has authorised the batch."""
    rows = ctx.session.execute(
        select(PayoutAttempt, BatchItem)
        .join(BatchItem, BatchItem.id == PayoutAttempt.batch_item_id)
        .where(BatchItem.batch_id == batch_id)
        .execution_options(populate_existing=True)
    )
    return {row[0].end_to_end_id: (row[0], row[1]) for row in rows}
