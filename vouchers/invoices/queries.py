"""Reading invoices, and the match of an order's papers."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.people.organisations.models import Organisation
from marketplace.shop.acceptance import queries as acceptances
from marketplace.shop.acceptance.models import Acceptance
from marketplace.shop.acceptance.states import Result
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.models import Contract, Order
from marketplace.shop.orders.queries import Filed
from vouchers.contracts.models import ContractRecord
from vouchers.contracts.queries import Part, parts_of
from vouchers.invoices import matters
from vouchers.invoices import permissions as verbs
from vouchers.invoices.models import Invoice, InvoiceCheck
from vouchers.invoices.rules import Match
from vouchers.invoices.states import InvoiceState, Official

NEWEST = (paging.Key(Invoice.created_at, True), paging.Key(Invoice.id, True))
OLDEST = (paging.Key(Invoice.created_at), paging.Key(Invoice.id))
COUNTS_FOR = 30
"""Days for which an official answer counts; then the invoice is to be asked for again."""


@dataclass(frozen=True)
class Papers:
    """The three papers of one order side by side: its contract, its passed acceptance, its standing invoices."""

    filed: Filed | None
    acceptance: Acceptance | None
    invoices: Sequence[Invoice]

    @property
    def match(self) -> Match:
        return Match(
            contract_gross_fen=self.filed.contract.gross_fen if self.filed else None,
            accepted_on=self.acceptance.accepted_on if self.acceptance else None,
            invoiced_fen=sum(i.gross_fen for i in self.invoices if i.state is InvoiceState.CONFIRMED),
            unconfirmed=sum(i.state is InvoiceState.SUBMITTED for i in self.invoices),
            held=sum(i.state is InvoiceState.HELD for i in self.invoices),
        )


@dataclass(frozen=True)
class ContractPapers:
    """The same of a contract of direct expenditure: the contract, its accepted parts, its standing invoices."""

    contract: ContractRecord
    parts: Sequence[Part]
    invoices: Sequence[Invoice]

    @property
    def accepted_fen(self) -> int:
        """What was accepted so far and stands."""
        return sum(part.stands_fen for part in self.parts)

    @property
    def left_fen(self) -> int:
        """What of the whole contract is not invoiced yet."""
        return self.contract.total_fen - sum(invoice.gross_fen for invoice in self.invoices)

    @property
    def match(self) -> Match:
        return Match(
            contract_gross_fen=self.contract.total_fen,
            accepted_on=self.parts[-1].row.accepted_on if self.parts else None,
            invoiced_fen=sum(i.gross_fen for i in self.invoices if i.state is InvoiceState.CONFIRMED),
            unconfirmed=sum(i.state is InvoiceState.SUBMITTED for i in self.invoices),
            held=sum(i.state is InvoiceState.HELD for i in self.invoices),
            part_fen=self.accepted_fen,
        )


def visible(ctx: Context) -> Select[Invoice]:
    """Invoices this person may see."""
    return permissions.visible(
        ctx,
        verbs.READ,
        select(Invoice),
        own=[Invoice.enterprise_id, Invoice.provider_id],
        pilot=Invoice.pilot_id,
        city=Invoice.city,
    )


def get(ctx: Context, invoice_id: uuid.UUID) -> Invoice:
    """One invoice, or NotFound."""
    row = ctx.session.scalars(visible(ctx).where(Invoice.id == invoice_id)).one_or_none()
    if row is None:
        raise NotFound("invoice")
    return row


def lock(ctx: Context, invoice_id: uuid.UUID) -> Invoice:
    """One invoice, locked for an act, after its matter: a claim that compares the papers waits for it."""
    matters.lock(ctx, get(ctx, invoice_id))
    statement = visible(ctx).where(Invoice.id == invoice_id).with_for_update()
    row = ctx.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("invoice")
    return row


def listed(
    ctx: Context,
    *,
    state: InvoiceState | None = None,
    order_id: uuid.UUID | None = None,
    contract_id: uuid.UUID | None = None,
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
    number: str = "",
    words: str = "",
    since: date | None = None,
    until: date | None = None,
    unchecked: bool | None = None,
    order: Sequence[paging.Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Invoice]:
    """A page of invoices, newest first; `number` is a whole invoice number, the days are those on the invoice."""
    wanted: list[tuple[Any, Any]] = [
        (Invoice.state, state),
        (Invoice.order_id, order_id),
        (Invoice.contract_id, contract_id),
        (Invoice.pilot_id, pilot_id),
        (Invoice.city, city),
        (Invoice.number, number.strip() or None),
    ]
    statement = visible(ctx).where(*(column == value for column, value in wanted if value is not None))
    if since is not None:
        statement = statement.where(Invoice.issued_on >= since)
    if until is not None:
        statement = statement.where(Invoice.issued_on <= until)
    if unchecked is not None:
        fresh = counts(ctx.today)
        statement = statement.where(Invoice.state != InvoiceState.WITHDRAWN, ~fresh if unchecked else fresh)
    return paging.fetch(ctx.session, _named(statement, words), order, limit=limit, cursor=cursor)


def counts(today: date) -> ColumnElement[bool]:
    """The condition that an invoice was found valid not long ago."""
    return exists().where(
        InvoiceCheck.invoice_id == Invoice.id,
        InvoiceCheck.result == Official.VALID,
        InvoiceCheck.asked_on > today - timedelta(days=COUNTS_FOR),
    )


def _named(statement: Select[Invoice], words: str) -> Select[Invoice]:
    """Those with this number, of the order or contract with this number, or with these words in a party's name."""
    if not words:
        return statement
    parties = select(Organisation.id).where(Organisation.name.contains(words, autoescape=True))
    return statement.where(
        or_(
            Invoice.number == words,
            Invoice.order_id.in_(select(Order.id).where(Order.number == words.upper())),
            Invoice.contract_id.in_(select(ContractRecord.id).where(ContractRecord.number == words)),
            Invoice.enterprise_id.in_(parties),
            Invoice.provider_id.in_(parties),
        )
    )


def how_many(ctx: Context, state: InvoiceState, *, of_contracts: bool = False) -> int:
    """How many invoices within reach stand in one state; `of_contracts` counts only those of direct expenditure."""
    wanted = visible(ctx).where(Invoice.state == state)
    if of_contracts:
        wanted = wanted.where(Invoice.contract_id.is_not(None))
    return ctx.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0


def of_order(ctx: Context, order_id: uuid.UUID) -> Sequence[Invoice]:
    """The standing invoices of one order, oldest first; the caller has authorised the order."""
    return ctx.session.scalars(_standing([order_id])).all()


def _standing(order_ids: Collection[uuid.UUID]) -> Select[Invoice]:
    return (
        select(Invoice)
        .where(Invoice.order_id.in_(order_ids), Invoice.state != InvoiceState.WITHDRAWN)
        .order_by(Invoice.created_at, Invoice.id)
        .execution_options(populate_existing=True)
    )


def papers(ctx: Context, order_id: uuid.UUID) -> Papers:
    """Contract, acceptance and invoices of one order side by side; the caller has authorised the order."""
    return Papers(orders.contract(ctx, order_id), acceptances.passed(ctx, order_id), of_order(ctx, order_id))


def of_contract(ctx: Context, contract_id: uuid.UUID) -> Sequence[Invoice]:
    """The standing invoices of one contract, oldest first; the caller has authorised the contract."""
    return ctx.session.scalars(_standing_of([contract_id])).all()


def _standing_of(contract_ids: Collection[uuid.UUID]) -> Select[Invoice]:
    return (
        select(Invoice)
        .where(Invoice.contract_id.in_(contract_ids), Invoice.state != InvoiceState.WITHDRAWN)
        .order_by(Invoice.created_at, Invoice.id)
        .execution_options(populate_existing=True)
    )


def contract_papers(ctx: Context, contracts: Collection[ContractRecord]) -> dict[uuid.UUID, ContractPapers]:
    """Parts and invoices of several contracts beside them, in two statements; the caller has authorised them."""
    if not contracts:
        return {}
    ids = {contract.id for contract in contracts}
    parts, invoices = parts_of(ctx, ids), dict[uuid.UUID, list[Invoice]]()
    for invoice in ctx.session.scalars(_standing_of(ids)):
        assert invoice.contract_id is not None
        invoices.setdefault(invoice.contract_id, []).append(invoice)
    return {c.id: ContractPapers(c, parts.get(c.id, []), invoices.get(c.id, [])) for c in contracts}


def papers_of(ctx: Context, matter: matters.Matter) -> Papers | ContractPapers:
    """The three papers of an order or a contract; the caller has authorised it."""
    if isinstance(matter, ContractRecord):
        return contract_papers(ctx, [matter])[matter.id]
    return papers(ctx, matter.id)


def match(ctx: Context, order_id: uuid.UUID) -> Match:
    """How the papers of one order compare; the caller has authorised the order."""
    return papers(ctx, order_id).match


def matches(ctx: Context, order_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Match]:
    """The same for many orders in three statements; the caller has authorised them."""
    contracts = dict(
        ctx.session.execute(select(Contract.order_id, Contract.gross_fen).where(Contract.order_id.in_(order_ids))).all()
    )
    accepted = dict(
        ctx.session.execute(
            select(Acceptance.order_id, Acceptance.accepted_on).where(
                Acceptance.order_id.in_(order_ids), Acceptance.result == Result.PASSED
            )
        ).all()
    )
    invoices: dict[uuid.UUID, list[Invoice]] = {}
    for invoice in ctx.session.scalars(_standing(order_ids)):
        assert invoice.order_id is not None
        invoices.setdefault(invoice.order_id, []).append(invoice)
    return {
        order_id: Match(
            contract_gross_fen=contracts.get(order_id),
            accepted_on=accepted.get(order_id),
            invoiced_fen=sum(i.gross_fen for i in invoices.get(order_id, []) if i.state is InvoiceState.CONFIRMED),
            unconfirmed=sum(i.state is InvoiceState.SUBMITTED for i in invoices.get(order_id, [])),
            held=sum(i.state is InvoiceState.HELD for i in invoices.get(order_id, [])),
        )
        for order_id in order_ids
    }
