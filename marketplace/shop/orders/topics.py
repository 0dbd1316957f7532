"""What programs of both sides may hear of an order."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.people.webhooks.topics import Topic
from marketplace.shop.orders import events
from marketplace.shop.orders.models import Order


def both_sides(ctx: Context, data: Mapping[str, Any]) -> Iterable[uuid.UUID]:
    """Enterprise and provider of the order that a message names."""
    order = ctx.session.get(Order, uuid.UUID(data["order_id"]))
    return () if order is None else (order.enterprise_id, order.provider_id)


_SIDES = ("order_id", "enterprise_id", "provider_id")

TOPICS = (
    Topic("order.placed", N_("企业已下单"), events.OrderPlaced, (*_SIDES, "pilot_id", "voucher_id", "total_fen")),
    Topic("order.accepted", N_("服务商已接单"), events.OrderAccepted, _SIDES),
    Topic(
        "order.contract_filed",
        N_("合同已备案"),
        events.ContractFiled,
        (*_SIDES, "contract_id", "signed_on", "gross_fen"),
    ),
    Topic("order.delivered", N_("服务商已交付"), events.OrderDelivered, _SIDES),
    Topic("order.delivery_rejected", N_("企业未接受交付"), events.DeliveryRejected, (*_SIDES, "reason")),
    Topic(
        "order.milestone_confirmed",
        N_("企业已确认一个阶段"),
        events.MilestoneConfirmed,
        (*_SIDES, "voucher_id", "subsidy_fen", "part", "parts"),
    ),
    Topic("order.confirmed", N_("企业已确认交付"), events.DeliveryConfirmed, (*_SIDES, "voucher_id", "subsidy_fen")),
    Topic("order.disputed", N_("企业提出异议"), events.OrderDisputed, ("order_id", "reason"), both_sides),
    Topic("order.dispute_upheld", N_("订单异议获得支持"), events.DisputeUpheld, ("order_id", "reason"), both_sides),
    Topic("order.dispute_dismissed", N_("订单异议被驳回"), events.DisputeDismissed, ("order_id", "reason"), both_sides),
    Topic("order.ended", N_("订单未履行即终止"), events.OrderEnded, ("order_id", "reason"), both_sides),
)
