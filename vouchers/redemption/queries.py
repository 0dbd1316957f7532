"""Looking at codes, and at what a provider may redeem."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.shop.orders import permissions as verbs
from marketplace.shop.orders import queries as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import OrderState
from vouchers.ledger.models.commitments import Voucher
from vouchers.redemption import rules
from vouchers.redemption.models import RedemptionCode


@dataclass(frozen=True)
class Redeemed:
    """The order that a code confirmed, and what of its voucher this redeemed: all of the subsidy or a milestone's."""

    order: Order
    amount_fen: int


@dataclass(frozen=True)
class Shown:
    """A code as its enterprise sees it: the digits, and until when they can be used."""

    code: str
    ends_at: datetime
    order_id: uuid.UUID
    nonce: uuid.UUID

    @property
    def spoken(self) -> str:
        """In two groups of four, as one reads it out."""
        return f"{self.code[:4]} {self.code[4:]}"


def shown(ctx: Context, row: RedemptionCode) -> Shown:
    """The digits of a code, for the enterprise that made it."""
    return Shown(rules.digits(ctx.house.settings.secret_key, row.nonce), row.ends_at, row.order_id, row.nonce)


def live(ctx: Context, order: Order) -> Shown | None:
    """The code of an order that can still be used, for its enterprise alone."""
    ctx.require(verbs.CONFIRM, order)
    row = ctx.session.scalars(
        select(RedemptionCode).where(
            RedemptionCode.order_id == order.id, RedemptionCode.used_at.is_(None), RedemptionCode.ends_at > ctx.now
        )
    ).one_or_none()
    return shown(ctx, row) if row is not None and order.state is OrderState.DELIVERED else None


def over(ctx: Context, order: Order) -> bool:
    """Whether a code of an order ran out unused, so that its page says why it is gone."""
    return bool(
        ctx.session.scalar(
            select(RedemptionCode.id).where(
                RedemptionCode.order_id == order.id, RedemptionCode.used_at.is_(None), RedemptionCode.ends_at <= ctx.now
            )
        )
    )


def number_of(ctx: Context, voucher_id: uuid.UUID) -> str | None:
    """The number that is printed on a voucher."""
    return ctx.session.scalar(select(Voucher.number).where(Voucher.commitment_id == voucher_id))


def on_voucher(ctx: Context, number: str) -> Sequence[Order]:
    """The acting provider's orders with a voucher, newest first: what it may redeem and what it has."""
    return ctx.session.scalars(
        orders.visible(ctx)
        .join(Voucher, Voucher.commitment_id == Order.voucher_id)
        .where(Voucher.number == number, Order.provider_id == ctx.who.organisation_id)
        .order_by(Order.created_at.desc(), Order.id.desc())
        .limit(20)
    ).all()


def waiting(ctx: Context) -> Sequence[Order]:
    """The acting provider's deliveries that wait for the enterprise, oldest first; those with a voucher."""
    return ctx.session.scalars(
        orders.visible(ctx)
        .where(
            Order.provider_id == ctx.who.organisation_id,
            Order.state == OrderState.DELIVERED,
            Order.voucher_id.is_not(None),
        )
        .order_by(Order.delivered_at, Order.id)
        .limit(20)
    ).all()
