"""What orders plug into the house."""

from __future__ import annotations

from typing import Any

from marketplace.base.house import House
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.people.webhooks.topics import offer
from marketplace.record.audit.words import WORDS, Words
from marketplace.record.notices.outbox import OUTBOX_HANDLERS, Handler
from marketplace.shop.catalogue.ports import LISTING_PANELS
from marketplace.shop.orders import api, messages, models, pages, permissions, topics  # noqa: F401 - models: tables
from marketplace.web import nav
from marketplace.web.nav import MenuEntry

ACTS = Words(
    kinds={
        "shop_order": N_("企业订单"),
    },
    verbs={
        "order.placed": N_("下达订单"),
        "order.accepted": N_("承接订单"),
        "order.declined": N_("谢绝订单"),
        "order.cancelled": N_("撤销订单"),
        "order.replaced": N_("更换服务商"),
        "order.contract_filed": N_("备案订单合同"),
        "order.delivered": N_("完成交付"),
        "order.delivery_rejected": N_("不接受交付"),
        "order.milestone_confirmed": N_("确认订单阶段"),
        "order.confirmed": N_("确认订单交付"),
        "order.disputed": N_("对订单提出异议"),
        "order.dispute_upheld": N_("支持订单异议"),
        "order.dispute_dismissed": N_("驳回订单异议"),
    },
)


def wire(house: House) -> None:
    """Permissions, pages, API, the order form on a product's page, messages to both sides."""
    house.matrix.add(permissions.MATRIX)
    house.add(WORDS, ACTS)
    house.add(nav.BLUEPRINTS, pages.bp)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(
        nav.MENU,
        MenuEntry(
            "orders.index",
            N_("订单"),
            permissions.READ,
            order=15,
            group="market",
            front=frozenset({Role.ENTERPRISE, Role.PROVIDER}),
        ),
    )
    house.add(nav.TASKS, pages.tasks)
    house.add(LISTING_PANELS, pages.order_panel)
    subscriptions: dict[type, Any] = {**messages.SUBSCRIPTIONS}
    for fact, listener in subscriptions.items():
        house.subscribe(fact, listener)
    house.add(
        OUTBOX_HANDLERS, Handler(messages.CONFIRMED, inside=messages.tell_confirmed, label=N_("订单确认后的通知"))
    )
    offer(house, *topics.TOPICS)
