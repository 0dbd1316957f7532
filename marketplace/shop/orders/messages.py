"""Who is told what happens to an order: each side hears what the other did."""

from __future__ import annotations

import uuid

from marketplace.base.context import Context
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.record.notices import actions as notices
from marketplace.record.notices import outbox
from marketplace.shop.orders.events import (
    ContractFiled,
    DeliveryConfirmed,
    DeliveryRejected,
    DisputeDismissed,
    MilestoneConfirmed,
    OrderAccepted,
    OrderDelivered,
    OrderDisputed,
    OrderEnded,
    OrderPlaced,
)
from marketplace.shop.orders.models import Order

CONFIRMED = "order.confirmed"


def _order(ctx: Context, order_id: uuid.UUID) -> Order:
    return ctx.session.get_one(Order, order_id)


def _tell(ctx: Context, order: Order, organisation_id: uuid.UUID, text: str) -> None:
    notices.tell(
        ctx,
        organisation_id=organisation_id,
        text=Text(text, {"number": order.number, "title": order.title, "reason": order.note}),
        url=f"/orders/{order.id}",
    )


def placed(ctx: Context, fact: OrderPlaced) -> None:
    order = _order(ctx, fact.order_id)
    _tell(ctx, order, order.provider_id, N_("收到新订单 {number}（{title}），请接单。"))


def accepted(ctx: Context, fact: OrderAccepted) -> None:
    order = _order(ctx, fact.order_id)
    _tell(ctx, order, order.enterprise_id, N_("服务商已接单 {number}（{title}），接下来签订合同。"))


def contracted(ctx: Context, fact: ContractFiled) -> None:
    order = _order(ctx, fact.order_id)
    _tell(ctx, order, order.enterprise_id, N_("订单 {number} 的合同已备案，请核对合同内容。"))


def delivered(ctx: Context, fact: OrderDelivered) -> None:
    order = _order(ctx, fact.order_id)
    _tell(ctx, order, order.enterprise_id, N_("订单 {number}（{title}）已交付，请核对并确认。"))


def rejected(ctx: Context, fact: DeliveryRejected) -> None:
    order = _order(ctx, fact.order_id)
    _tell(ctx, order, order.provider_id, N_("订单 {number} 的交付被企业退回：{reason}"))


def part_confirmed(ctx: Context, fact: MilestoneConfirmed) -> None:
    order = _order(ctx, fact.order_id)
    notices.tell(
        ctx,
        organisation_id=order.provider_id,
        text=Text(
            N_("订单 {number} 的第 {part} 阶段（共 {parts} 阶段）已由企业确认，请继续实施下一阶段。"),
            {"number": order.number, "part": fact.part, "parts": fact.parts},
        ),
        url=f"/orders/{order.id}",
    )


def confirmed(ctx: Context, fact: DeliveryConfirmed) -> None:
    """The busiest act of all: one line in the outbox, and the message is written after its commit."""
    outbox.send(ctx, CONFIRMED, {"order_id": fact.order_id})


def tell_confirmed(ctx: Context, message: outbox.Message) -> None:
    """Tell the provider that the enterprise confirmed, once the confirmation stands."""
    order = _order(ctx, uuid.UUID(message.payload["order_id"]))
    _tell(ctx, order, order.provider_id, N_("订单 {number} 的交付已由企业确认。"))


def ended(ctx: Context, fact: OrderEnded) -> None:
    order = _order(ctx, fact.order_id)
    text = N_("订单 {number} 已终止：{reason}")
    if fact.upheld:
        text = N_("订单 {number} 的异议成立，订单终止，占用或已核销的券额已退回：{reason}")
    for organisation_id in (order.enterprise_id, order.provider_id):
        _tell(ctx, order, organisation_id, text)


def disputed(ctx: Context, fact: OrderDisputed) -> None:
    order = _order(ctx, fact.order_id)
    _tell(ctx, order, order.provider_id, N_("企业对订单 {number} 提出异议：{reason}"))
    notices.tell(
        ctx,
        role=Role.CITY,
        region=order.city,
        text=Text(N_("订单 {number} 有争议，请核实裁定。"), {"number": order.number}),
        url=f"/orders/{order.id}",
    )


def dismissed(ctx: Context, fact: DisputeDismissed) -> None:
    order = _order(ctx, fact.order_id)
    for organisation_id in (order.enterprise_id, order.provider_id):
        _tell(ctx, order, organisation_id, N_("订单 {number} 的异议未被支持，订单继续：{reason}"))


SUBSCRIPTIONS = {
    OrderPlaced: placed,
    OrderAccepted: accepted,
    ContractFiled: contracted,
    OrderDelivered: delivered,
    DeliveryRejected: rejected,
    MilestoneConfirmed: part_confirmed,
    DeliveryConfirmed: confirmed,
    OrderEnded: ended,
    OrderDisputed: disputed,
    DisputeDismissed: dismissed,
}
