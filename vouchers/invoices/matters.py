"""What an invoice or a claim is about: an order, or a contract of direct expenditure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from marketplace.base.context import Context
from marketplace.base.errors import Forbidden, NotFound
from marketplace.base.permissions import Permission, Scope
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.models import Order
from vouchers.contracts import queries as contracts
from vouchers.contracts.models import ContractRecord

Matter = Order | ContractRecord
"""Both have number, title, enterprise_id (whoever ordered), provider_id, pilot_id and city."""
BELONGS = "(order_id IS NULL) <> (contract_id IS NULL)"
"""The CHECK of a row that is about one of them."""


class About(Protocol):
    """A row, or a fact, about one of them."""

    @property
    def order_id(self) -> uuid.UUID | None: ...

    @property
    def contract_id(self) -> uuid.UUID | None: ...


def id_of(row: About) -> uuid.UUID:
    """The id of the order or contract."""
    found = row.order_id or row.contract_id
    assert found is not None
    return found


def get(ctx: Context, row: About) -> Matter:
    """The order or contract, for whoever may see it, or NotFound."""
    if row.order_id is not None:
        return orders.get(ctx, row.order_id)
    if row.contract_id is not None:
        return contracts.get(ctx, row.contract_id)
    raise NotFound("order")


def lock(ctx: Context, row: About) -> Matter:
    """The same, locked for an act."""
    if row.order_id is not None:
        return orders.lock(ctx, row.order_id)
    if row.contract_id is not None:
        return contracts.lock(ctx, row.contract_id)
    raise NotFound("order")


def many(ctx: Context, rows: Iterable[About]) -> dict[uuid.UUID, Matter]:
    """Those of several rows that this person may see, by id: two statements at most."""
    rows = list(rows)
    of_orders = {row.order_id for row in rows if row.order_id is not None}
    of_contracts = {row.contract_id for row in rows if row.contract_id is not None}
    found: dict[uuid.UUID, Matter] = {}
    if of_orders:
        found |= {order.id: order for order in ctx.session.scalars(orders.visible(ctx).where(Order.id.in_(of_orders)))}
    if of_contracts:
        found |= contracts.many(ctx, of_contracts)
    return found


def same(
    row: About,
    order_id: InstrumentedAttribute[uuid.UUID | None],
    contract_id: InstrumentedAttribute[uuid.UUID | None],
) -> ColumnElement[bool]:
    """The condition that another row is about the same matter; pass its two columns."""
    return order_id == row.order_id if row.order_id is not None else contract_id == row.contract_id


class Sided(Protocol):
    """A contract, an invoice or a claim: whose provider it is, and where it belongs."""

    @property
    def provider_id(self) -> uuid.UUID: ...

    @property
    def scope(self) -> Scope: ...


def takes_side(ctx: Context, own: Permission, instead: Permission, row: Sided) -> bool:
    """Whether whoever acts is the provider, or may act for it: of a contract, an officer of its pilot (`instead`)."""
    of_contract = isinstance(row, ContractRecord) or getattr(row, "contract_id", None) is not None
    return ctx.may(own, Scope.of(row.provider_id)) or (of_contract and ctx.may(instead, row))


def require_side(ctx: Context, own: Permission, instead: Permission, row: Sided) -> None:
    """Refuse unless whoever acts takes the provider's side."""
    if not takes_side(ctx, own, instead, row):
        raise Forbidden(own.code)
