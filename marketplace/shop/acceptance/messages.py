"""Who is told how a renovation was judged: both sides."""

from __future__ import annotations

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.record.notices import actions as notices
from marketplace.shop.acceptance.events import RenovationAccepted, RenovationNotAccepted
from marketplace.shop.orders.models import Order


def accepted(ctx: Context, fact: RenovationAccepted) -> None:
    order = ctx.session.get_one(Order, fact.order_id)
    text = Text(N_("订单 {number} 的改造已通过验收，水平 {level}。"), {"number": order.number, "level": fact.level})
    _tell_both(ctx, order, text, str(fact.acceptance_id))


def not_accepted(ctx: Context, fact: RenovationNotAccepted) -> None:
    order = ctx.session.get_one(Order, fact.order_id)
    text = (
        N_("订单 {number} 的改造未通过验收：{reason}") if fact.final else N_("订单 {number} 的改造需限期整改：{reason}")
    )
    _tell_both(ctx, order, Text(text, {"number": order.number, "reason": fact.reason}), str(fact.acceptance_id))


def _tell_both(ctx: Context, order: Order, text: Text, acceptance_id: str) -> None:
    for organisation_id in (order.enterprise_id, order.provider_id):
        notices.tell(ctx, organisation_id=organisation_id, text=text, url=f"/acceptances/{acceptance_id}")
