"""An order told to whoever looks: the stations on its way, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from marketplace.base.context import Context
from marketplace.base.permissions import Permission
from marketplace.base.text import N_
from marketplace.shop.catalogue import queries as catalogue
from marketplace.shop.orders import queries
from marketplace.shop.orders.models import Consent, Contract, Order
from marketplace.shop.orders.permissions import CONFIRM, FULFIL, PLACE, RULE
from marketplace.shop.orders.ports import ORDER_STEPS, Step
from marketplace.shop.orders.states import ORDER, WAYS, ConsentStep, OrderState

_WAY = (OrderState.PLACED, OrderState.ACCEPTED, OrderState.CONTRACTED, OrderState.DELIVERED, OrderState.CONFIRMED)
_LABELS = {
    OrderState.PLACED: N_("企业下单"),
    OrderState.ACCEPTED: N_("服务商接单"),
    OrderState.CONTRACTED: N_("签订并备案合同"),
    OrderState.DELIVERED: N_("服务商交付"),
    OrderState.CONFIRMED: N_("企业确认交付"),
}


@dataclass(frozen=True)
class Next:
    """The next act of whoever looks: `verb` names its page; `plain` is one that needs nothing filled in."""

    verb: str
    label: str
    hint: str
    plain: bool = False


_NEXT: dict[OrderState, tuple[Permission, Next]] = {
    OrderState.PLACED: (FULFIL, Next("accept", N_("接单"), N_("请核对订单内容。接单后与企业签订合同。"), plain=True)),
    OrderState.ACCEPTED: (
        FULFIL,
        Next("contract", N_("备案合同"), N_("合同金额不得高于订单金额，签订日期应在试点实施期内。")),
    ),
    OrderState.CONTRACTED: (FULFIL, Next("deliver", N_("提交交付"), N_("完成实施后提交交付说明，请企业确认。"))),
    OrderState.DELIVERED: (
        CONFIRM,
        Next("confirm", N_("确认交付"), N_("请核对交付内容，与约定一致再确认；确认后服务券随即核销。"), plain=True),
    ),
    OrderState.DISPUTED: (RULE, Next("rule", N_("裁定争议"), N_("资金已冻结。请核实双方说法后作出裁定。"))),
}
_WAITING = {
    OrderState.PLACED: N_("等待服务商接单。"),
    OrderState.ACCEPTED: N_("等待服务商备案合同。"),
    OrderState.CONTRACTED: N_("服务商正在实施，完成后会请企业确认。"),
    OrderState.DELIVERED: N_("等待企业确认交付。"),
    OrderState.CONFIRMED: N_("企业已确认交付。"),
    OrderState.DECLINED: N_("服务商没有接单，占用的券额已退回。"),
    OrderState.CANCELLED: N_("订单已取消，占用的券额已退回。"),
    OrderState.DISPUTED: N_("企业对订单提出异议，资金已冻结，等待市级部门裁定。"),
}
_ELSE: tuple[tuple[str, Permission, str], ...] = (
    ("decline", FULFIL, N_("不接此单")),
    ("reject_delivery", CONFIRM, N_("退回交付")),
    ("cancel", CONFIRM, N_("取消订单")),
    ("dispute", CONFIRM, N_("这不是我的订单")),
)


def next_of(ctx: Context, order: Order) -> Next | None:
    """What this person can do next, or None when others are at work."""
    found = _NEXT.get(order.state)
    return found[1] if found is not None and ctx.may(found[0], order) else None


def waiting_for(order: Order) -> str:
    """Who is at work, in a sentence."""
    return _WAITING[order.state]


def other_ways(ctx: Context, order: Order) -> list[tuple[str, str]]:
    """What else this person may do with the order, each with a reason: (verb, label)."""
    return [(verb, label) for verb, may, label in _ELSE if ORDER.allows(order, verb) and ctx.may(may, order)]


def may_replace(ctx: Context, order: Order) -> bool:
    """Whether this person may hand the order's money to another provider: this one failed before it delivered."""
    open_ = order.voucher_id is not None and order.part == 1 and ORDER.allows(order, "replace")
    return open_ and ctx.may(CONFIRM, order) and not queries.able(ctx, order)


def may_order_again(ctx: Context, order: Order) -> bool:
    """Whether this person may order the same product once more: the order went its way, the product is on offer."""
    over = order.state in (OrderState.CONFIRMED, OrderState.DECLINED, OrderState.CANCELLED)
    return over and ctx.may(PLACE, order) and catalogue.on_offer(ctx, order.listing_id)


def steps(
    ctx: Context,
    order: Order,
    *,
    contract: Contract | None,
    consents: Sequence[Consent],
    names: Mapping[UUID, str],
) -> list[Step]:
    """The stations of the order: what was, what is now, what comes."""
    provider, enterprise = names.get(order.provider_id, ""), names.get(order.enterprise_id, "")
    ways = {consent.step: WAYS[consent.way] for consent in consents}
    facts = {
        OrderState.PLACED: (order.created_at, enterprise),
        OrderState.ACCEPTED: (order.accepted_at, provider),
        OrderState.CONTRACTED: (contract.created_at if contract else None, provider),
        OrderState.DELIVERED: (order.delivered_at if _reached(order, OrderState.DELIVERED) else None, provider),
        OrderState.CONFIRMED: (order.confirmed_at, ways.get(ConsentStep.ACCEPTANCE, enterprise)),
    }
    told: list[Step] = []
    for state, (at, who) in facts.items():
        told.append(Step(_LABELS[state], "done" if at else "next", at, who if at else ""))
    if order.state in (OrderState.DECLINED, OrderState.CANCELLED, OrderState.DISPUTED):
        told = [step for step in told if step.at is not None]
        told.append(Step(ORDER.labels[order.state], "bad", order.state_since))
        return told
    ahead = next((i for i, step in enumerate(told) if step.at is None), None)
    if ahead is not None:
        told[ahead] = Step(told[ahead].label, "now")
    return told + [step for source in ctx.house.all(ORDER_STEPS) for step in source(ctx, order)]


def _reached(order: Order, state: OrderState) -> bool:
    """Whether the order stands at a station or beyond; a rejected delivery stands before it again."""
    stands = order.disputed_in or order.state
    return stands in _WAY and _WAY.index(stands) >= _WAY.index(state)
