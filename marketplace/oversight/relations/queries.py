"""Who trades with whom, and who signed up with the same telephone or address: read in streams, for the rules."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, func, select

from marketplace.base.context import Context
from marketplace.base.streams import chunks
from marketplace.people.organisations import queries as organisations
from marketplace.people.organisations.models import Capacity, Organisation
from marketplace.people.organisations.rules import relations
from marketplace.people.organisations.states import CapacityKind, OrganisationState
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import OrderState

_CHUNK = 300
_DEAD = (OrderState.DECLINED, OrderState.CANCELLED)
_FIRMS = (CapacityKind.ENTERPRISE, CapacityKind.PROVIDER)


@dataclass(frozen=True)
class Related:
    """An enterprise and a provider of its orders that belong together, in one pilot; codes as `rules.relations`."""

    enterprise_id: uuid.UUID
    enterprise: str
    provider_id: uuid.UUID
    provider: str
    pilot_id: uuid.UUID
    city: str
    relations: tuple[str, ...]


def related(ctx: Context, least_bps: int) -> Iterator[Related]:
    """The pairs of enterprise and provider with an order under a voucher that belong together.

    Owners count from `least_bps` on. The pairs come in a stream; what is known of the two sides is looked up for some
    hundred pairs at once. Does not ask who looks.
    """
    pairs = (
        select(Order.enterprise_id, Order.provider_id, Order.pilot_id, Order.city)
        .where(Order.voucher_id.is_not(None), Order.state.not_in(_DEAD))
        .distinct()
        .order_by(Order.enterprise_id, Order.provider_id, Order.pilot_id)
    )
    for chunk in chunks(ctx.session.execute(pairs), _CHUNK):
        found = organisations.profiles(ctx, [side for row in chunk for side in (row.enterprise_id, row.provider_id)])
        for row in chunk:
            enterprise, provider = found[row.enterprise_id], found[row.provider_id]
            codes = relations(enterprise, provider, least_bps=least_bps)
            if codes:
                yield Related(
                    row.enterprise_id, enterprise.name, row.provider_id, provider.name, row.pilot_id, row.city,
                    tuple(codes),
                )  # fmt: skip


@dataclass(frozen=True)
class Shared:
    """Firms of one city that stand in the register with the same telephone or address; the first came first."""

    key: str
    value: str
    city: str
    first_id: uuid.UUID
    names: tuple[str, ...]


def phone_key() -> ColumnElement[str]:
    """The same as `rules.phone_key` for what the register takes as a number: the digits, without +86."""
    return func.replace(func.replace(Organisation.phone, "+86", ""), "-", "")


def address_key() -> ColumnElement[str]:
    """An address without spaces and in one kind of brackets and case."""
    key: Any = func.lower(Organisation.address)
    for this, that in ((" ", ""), ("\u3000", ""), ("（", "("), ("）", ")")):
        key = func.replace(key, this, that)
    found: ColumnElement[str] = key
    return found


def shared(ctx: Context, key: ColumnElement[str], value: Any, least: int) -> Iterator[Shared]:
    """What at least so many firms of a city have in common: one statement over the register, read in a stream."""
    firms = (
        select(key.label("shared"), value.label("value"), Organisation.city, Organisation.id, Organisation.name)
        .where(
            Organisation.state != OrganisationState.REJECTED,
            Organisation.id.in_(select(Capacity.organisation_id).where(Capacity.kind.in_(_FIRMS))),
            key != "",
        )
        .add_columns(Organisation.created_at)
        .subquery()
    )
    counted = select(firms, func.count().over(partition_by=(firms.c.city, firms.c.shared)).label("number")).subquery()
    rows = ctx.session.execute(
        select(counted)
        .where(counted.c.number >= least)
        .order_by(counted.c.city, counted.c.shared, counted.c.created_at, counted.c.id)
        .execution_options(yield_per=_CHUNK)
    )
    for (city, same), group in groupby(rows, lambda row: (row.city, row.shared)):
        members = list(group)
        yield Shared(same, members[0].value, city, members[0].id, tuple(row.name for row in members))
