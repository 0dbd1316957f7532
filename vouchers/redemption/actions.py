"""Making a code, using it up, and asking the enterprise to confirm on its own device."""

from __future__ import annotations

import uuid

from sqlalchemy import select, update

from marketplace.base.context import Context
from marketplace.base.errors import Forbidden, Refusal
from marketplace.base.ids import new_id
from marketplace.base.text import N_, Text
from marketplace.people.accounts import throttle
from marketplace.record.audit import actions as audit
from marketplace.record.notices import actions as notices
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders import permissions
from marketplace.shop.orders import queries as placed
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import OrderState
from vouchers.redemption import queries, rules
from vouchers.redemption.models import RedemptionCode
from vouchers.redemption.queries import Redeemed, Shown


def make(ctx: Context, order_id: uuid.UUID) -> Shown:
    """The enterprise shows a code for a delivered order: it lives a minute, and an earlier one is void at once.

    Refuses `code.nothing_to_redeem` unless the order is delivered and has a voucher, `throttled`.
    """
    order = placed.lock(ctx, order_id)
    ctx.require(permissions.CONFIRM, order)
    _redeemable(order)
    throttle.count(ctx, "redemption-made", str(order.id), rules.MADE_FOR_ONE_ORDER)
    row = ctx.session.scalars(
        select(RedemptionCode).where(RedemptionCode.order_id == order.id).execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        row = RedemptionCode(order_id=order.id, provider_id=order.provider_id)
        ctx.add(row)
    secret, who = ctx.house.settings.secret_key, ctx.who
    if who.assignment_id is None:
        raise Forbidden(permissions.CONFIRM.code)
    row.nonce, row.ends_at, row.used_at, row.used_by = new_id(), ctx.now + rules.LIFE, None, None
    row.digest = rules.digest(secret, order.provider_id, rules.digits(secret, row.nonce))
    row.person_id, row.assignment_id = who.person_id, who.assignment_id
    ctx.session.flush()
    audit.record(ctx, "order.code_shown", order)
    return queries.shown(ctx, row)


def count(ctx: Context, address: str) -> None:
    """Count one attempt of a provider and of a network address before the code is looked at (`throttled`).

    An act of its own, or a refused code would take its count back with it; `use` forgives a right one.
    """
    ctx.require(permissions.FULFIL)
    for kind, subject, limit in _subjects(ctx, address):
        throttle.count(ctx, kind, subject, limit)


def use(ctx: Context, text: str, address: str) -> Redeemed:
    """The provider enters the code that the enterprise shows: the delivery is confirmed and the voucher redeemed.

    The code is used up in one conditional statement, so of many who bring it at once one wins. Refuses `code.wrong`
    (also for a code of another provider), `code.used`, `code.expired`, and whatever refuses the redemption itself.
    """
    ctx.require(permissions.FULFIL)
    code, own = rules.as_code(text), ctx.who.organisation_id
    if code is None or own is None:
        raise _wrong()
    mine = (
        RedemptionCode.provider_id == own,
        RedemptionCode.digest == rules.digest(ctx.house.settings.secret_key, own, code),
    )
    used = ctx.session.execute(
        update(RedemptionCode)
        .where(*mine, RedemptionCode.used_at.is_(None), RedemptionCode.ends_at > ctx.now)
        .values(used_at=ctx.now, used_by=ctx.who.person_id)
        .returning(RedemptionCode.order_id, RedemptionCode.person_id, RedemptionCode.assignment_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if used is None:
        raise _why(ctx.session.scalar(select(RedemptionCode.used_at.is_not(None)).where(*mine)))
    order = orders.confirm_with_code(ctx, used.order_id, person_id=used.person_id, assignment_id=used.assignment_id)
    for kind, subject, _ in _subjects(ctx, address):
        throttle.forgive(ctx, kind, subject)
    return Redeemed(order, placed.last_redeemed_fen(ctx, order))


def _why(used: bool | None) -> Refusal:
    """Why a code was not taken: none such, used already, or over."""
    if used is None:
        return _wrong()
    if used:
        return Refusal("code.used", N_("这个核销码已经用过，不能再用。"), field="text")
    return Refusal("code.expired", N_("这个核销码已过期（有效 60 秒），请企业重新出示。"), field="text")


def _wrong() -> Refusal:
    return Refusal("code.wrong", N_("核销码不对。请核对企业手机上的 8 位数字，并确认是贵单位的订单。"), field="text")


def ask(ctx: Context, order_id: uuid.UUID) -> Order:
    """The provider asks the enterprise to confirm on its own device: a message, and nothing else changes."""
    order = placed.lock(ctx, order_id)
    ctx.require(permissions.FULFIL, order)
    _redeemable(order)
    throttle.count(ctx, "redemption-asked", str(order.id), rules.ASKED_OF_ONE_ORDER)
    notices.tell(
        ctx,
        organisation_id=order.enterprise_id,
        text=Text(
            N_("服务商请您确认订单 {number}（{title}）的交付。核对无误再确认；不是您的订单，请提出异议。"),
            {"number": order.number, "title": order.title},
        ),
        url=f"/redemption/orders/{order.id}",
    )
    audit.record(ctx, "order.confirmation_asked", order)
    return order


def frame(ctx: Context) -> None:
    """Count one picture that a person has read (`throttled`)."""
    ctx.require(permissions.FULFIL)
    throttle.count(ctx, "redemption-frame", str(ctx.who.person_id), rules.FRAMES_OF_ONE_PERSON)


def _redeemable(order: Order) -> None:
    if order.state is not OrderState.DELIVERED or order.voucher_id is None:
        raise Refusal(
            "code.nothing_to_redeem",
            N_("订单 {number} 没有等待核销的交付：须已交付、尚未确认，并使用了服务券。"),
            clause="二(五)",
            number=order.number,
        )


def _subjects(ctx: Context, address: str) -> tuple[tuple[str, str, rules.Limit], ...]:
    return (
        ("redemption-address", throttle.network(address), rules.FROM_ONE_ADDRESS),
        ("redemption-provider", str(ctx.who.organisation_id), rules.FROM_ONE_PROVIDER),
    )
