"""Orders under vouchers, added up by the database for the rules. Nothing here asks who looks."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, and_, case, func, select

from marketplace.base.context import Context
from marketplace.people.organisations.models import Organisation
from marketplace.pilots.programmes.models import Batch, Pilot
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import OrderState
from vouchers.schemes.models import SchemeVersion, SubsidyTrace

_CHUNK = 500
_DEAD = (OrderState.DECLINED, OrderState.CANCELLED)
_LIVE = and_(Order.voucher_id.is_not(None), Order.state.not_in(_DEAD))


@dataclass(frozen=True)
class AtCap:
    """A provider's orders in a pilot: how many, how many just under the cap, and the same of all other providers."""

    pilot_id: uuid.UUID
    pilot: str
    city: str
    provider_id: uuid.UUID
    provider: str
    orders: int
    near: int
    other_orders: int
    other_near: int


def at_cap(ctx: Context, band_bps: int) -> Iterator[AtCap]:
    """For each provider with an order near its cap: one statement that counts by pilot and provider.

    An order is near when rate times price lies at most `band_bps` of the cap under it, or at it: what a price well
    above the cap would get as well does not count.
    """
    cap, rate = SchemeVersion.cap_voucher_fen, SchemeVersion.rate_bps
    near = and_(
        Order.subsidy_fen * 10_000 >= cap * (10_000 - band_bps),
        Order.subsidy_fen <= cap,
        Order.total_fen * rate < (cap + 1) * 10_000,
    )
    counted = (
        select(
            Order.pilot_id,
            Order.provider_id,
            func.count().label("orders"),
            func.sum(case((near, 1), else_=0)).label("near"),
        )
        .join(SubsidyTrace, and_(SubsidyTrace.order_id == Order.id, SubsidyTrace.stage == "order"))
        .join(SchemeVersion, SchemeVersion.id == SubsidyTrace.version_id)
        .where(_LIVE)
        .group_by(Order.pilot_id, Order.provider_id)
        .subquery()
    )
    whole: Any = counted.c.pilot_id
    beside = select(
        *counted.c,
        func.sum(counted.c.orders).over(partition_by=whole).label("all_orders"),
        func.sum(counted.c.near).over(partition_by=whole).label("all_near"),
    ).subquery()
    statement = (
        select(*beside.c, Pilot.name.label("pilot"), Pilot.city, Organisation.name.label("provider"))
        .join(Pilot, Pilot.id == beside.c.pilot_id)
        .join(Organisation, Organisation.id == beside.c.provider_id)
        .where(beside.c.near > 0)
        .order_by(beside.c.pilot_id, beside.c.provider_id)
    )
    for row in ctx.session.execute(statement.execution_options(yield_per=_CHUNK)):
        orders, hit = int(row.orders), int(row.near)
        yield AtCap(
            row.pilot_id, row.pilot, row.city, row.provider_id, row.provider, orders, hit,
            int(row.all_orders) - orders, int(row.all_near) - hit,
        )  # fmt: skip


@dataclass(frozen=True)
class Share:
    """What of the subsidies of a pilot or batch one provider's orders hold; amounts in fen."""

    whole_id: uuid.UUID
    whole: str
    place: str
    provider_id: uuid.UUID
    provider: str
    orders: int
    amount_fen: int
    all_fen: int

    @property
    def bps(self) -> int:
        """The share in ten-thousandths, cut."""
        return self.amount_fen * 10_000 // self.all_fen


def shares(ctx: Context, *, of_batch: bool, least_orders: int, share_bps: int) -> Iterator[Share]:
    """Providers with at least so large a share of a pilot's (or batch's) subsidies, where it has so many orders."""
    whole = Pilot.batch_id if of_batch else Pilot.id
    counted = (
        select(
            whole.label("whole_id"),
            Order.provider_id,
            func.count().label("orders"),
            func.sum(Order.subsidy_fen).label("amount"),
        )
        .join(Pilot, Pilot.id == Order.pilot_id)
        .where(_LIVE)
        .group_by(whole, Order.provider_id)
        .subquery()
    )
    over: Any = counted.c.whole_id
    beside = select(
        *counted.c,
        func.sum(counted.c.orders).over(partition_by=over).label("all_orders"),
        func.sum(counted.c.amount).over(partition_by=over).label("all_amount"),
    ).subquery()
    named: Any = Batch if of_batch else Pilot
    statement = (
        select(
            *beside.c,
            named.name.label("whole"),
            (Batch.region if of_batch else Pilot.city).label("place"),
            Organisation.name.label("provider"),
        )
        .join(named, named.id == beside.c.whole_id)
        .join(Organisation, Organisation.id == beside.c.provider_id)
        .where(
            beside.c.all_amount > 0,
            beside.c.all_orders >= least_orders,
            beside.c.amount * 10_000 >= beside.c.all_amount * share_bps,
        )
        .order_by(beside.c.whole_id, beside.c.provider_id)
    )
    for row in ctx.session.execute(statement.execution_options(yield_per=_CHUNK)):
        yield Share(
            row.whole_id, row.whole, row.place, row.provider_id, row.provider,
            int(row.orders), int(row.amount), int(row.all_amount),
        )  # fmt: skip


@dataclass(frozen=True)
class Placed:
    """One order of an enterprise, with the cap of its voucher; amounts in fen."""

    order_id: uuid.UUID
    number: str
    enterprise_id: uuid.UUID
    enterprise: str
    provider_id: uuid.UUID
    pilot_id: uuid.UUID
    city: str
    at: datetime
    total_fen: int
    subsidy_fen: int
    cap_fen: int


def several(ctx: Context) -> Iterator[list[Placed]]:
    """The orders of each enterprise that has more than one in a pilot, the earliest first; in a stream."""
    number = func.count().over(partition_by=(Order.enterprise_id, Order.pilot_id)).label("number")
    counted = (
        select(
            Order.id.label("order_id"),
            Order.number.label("order_number"),
            Order.enterprise_id,
            Order.provider_id,
            Order.pilot_id,
            Order.city,
            Order.created_at,
            Order.total_fen,
            Order.subsidy_fen,
            SchemeVersion.cap_voucher_fen,
            number,
        )
        .join(SubsidyTrace, and_(SubsidyTrace.order_id == Order.id, SubsidyTrace.stage == "order"))
        .join(SchemeVersion, SchemeVersion.id == SubsidyTrace.version_id)
        .where(_LIVE)
        .subquery()
    )
    columns = counted.c
    statement: Select[Any] = (
        select(*counted.c, Organisation.name.label("enterprise"))
        .join(Organisation, Organisation.id == columns.enterprise_id)
        .where(columns.number > 1)
        .order_by(columns.enterprise_id, columns.pilot_id, columns.created_at, columns.order_id)
        .execution_options(yield_per=_CHUNK)
    )
    for _, group in groupby(ctx.session.execute(statement), lambda row: (row.enterprise_id, row.pilot_id)):
        yield [
            Placed(
                row.order_id, row.order_number, row.enterprise_id, row.enterprise, row.provider_id, row.pilot_id,
                row.city, row.created_at, row.total_fen, row.subsidy_fen, row.cap_voucher_fen,
            )
            for row in group
        ]  # fmt: skip
