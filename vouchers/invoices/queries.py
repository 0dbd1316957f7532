"""Reading invoices, and the match of an order's papers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Select, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.shop.acceptance import queries as acceptances
from marketplace.shop.orders import queries as orders
from vouchers.invoices import permissions as verbs
from vouchers.invoices.models import Invoice
from vouchers.invoices.rules import Match
from vouchers.invoices.states import InvoiceState

NEWEST = (paging.Key(Invoice.created_at, True), paging.Key(Invoice.id, True))


def visible(ctx: Context) -> Select[tuple[Invoice]]:
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
    """One invoice, locked for an act."""
    statement = visible(ctx).where(Invoice.id == invoice_id).with_for_update()
    row = ctx.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("invoice")
    return row


def listed(ctx: Context, *, limit: int = 50, cursor: str | None = None) -> paging.Page[Invoice]:
    """A page of invoices, newest first."""
    return paging.fetch(ctx.session, visible(ctx), NEWEST, limit=limit, cursor=cursor)


def of_order(ctx: Context, order_id: uuid.UUID) -> Sequence[Invoice]:
    """The standing invoices of one order, oldest first; the caller has authorised the order."""
    return ctx.session.scalars(
        select(Invoice)
        .where(Invoice.order_id == order_id, Invoice.state != InvoiceState.WITHDRAWN)
        .order_by(Invoice.created_at, Invoice.id)
    ).all()


def match(ctx: Context, order_id: uuid.UUID) -> Match:
    """Contract, acceptance and invoices of one order side by side; the caller has authorised the order."""
    filed = orders.contract(ctx, order_id)
    accepted = acceptances.passed(ctx, order_id)
    found = of_order(ctx, order_id)
    return Match(
        contract_gross_fen=filed.contract.gross_fen if filed else None,
        accepted_on=accepted.accepted_on if accepted else None,
        invoiced_fen=sum(i.gross_fen for i in found if i.state is InvoiceState.CONFIRMED),
        unconfirmed=sum(i.state is InvoiceState.SUBMITTED for i in found),
        held=sum(i.state is InvoiceState.HELD for i in found),
    )
