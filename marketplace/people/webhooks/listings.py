"""The addresses of an organisation, and what was sent to one of them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from marketplace.base.context import Context
from marketplace.base.paging import Key
from marketplace.base.text import N_
from marketplace.people.webhooks import queries
from marketplace.people.webhooks.models import Webhook, WebhookDelivery
from marketplace.people.webhooks.states import DELIVERY, PROBLEMS, WEBHOOK, DeliveryState, WebhookState
from marketplace.people.webhooks.topics import TEST, TESTED, known
from marketplace.web.i18n import say
from marketplace.web.listings import Choice, Column, Listing, Sort


@dataclass(frozen=True)
class Facts:
    """What a page of addresses needs besides."""

    topics: Mapping[uuid.UUID, Sequence[str]]
    counts: Mapping[uuid.UUID, Mapping[DeliveryState, int]]

    def number(self, webhook: Webhook, state: DeliveryState) -> int:
        return self.counts[webhook.id].get(state, 0)


def labels(ctx: Context) -> dict[str, str]:
    """What the topics are called."""
    return {name: topic.label for name, topic in known(ctx.house).items()} | {TEST: TESTED}


def _facts(ctx: Context, rows: Sequence[Webhook]) -> Facts:
    ids = [webhook.id for webhook in rows]
    return Facts(queries.topics_of(ctx, ids), queries.counts(ctx, ids))


WEBHOOKS = Listing(
    "webhooks",
    N_("事件推送"),
    statement=queries.visible,
    columns=[
        Column(
            "url",
            N_("推送地址"),
            link=lambda webhook: url_for("webhooks.show", webhook_id=webhook.id),
            under=lambda webhook, _: webhook.note,
        ),
        Column("topics", N_("推送主题"), "count", lambda webhook, facts: len(facts.topics[webhook.id])),
        Column("waiting", N_("等待送达"), "count", lambda w, facts: facts.number(w, DeliveryState.WAITING)),
        Column("given_up", N_("已放弃推送"), "count", lambda w, facts: facts.number(w, DeliveryState.GIVEN_UP)),
        Column("delivered_at", N_("最近一次送达"), "moment"),
        Column("state", N_("状态"), "state", lifecycle="webhook"),
    ],
    filters=[
        Choice(
            "state",
            N_("状态"),
            options={state: word for state, word in WEBHOOK.labels.items() if state is not WebhookState.REMOVED},
        )
    ],
    sorts=[Sort("newest", N_("最新"), [Key(Webhook.created_at, descending=True), Key(Webhook.id, descending=True)])],
    prepare=_facts,
    empty=N_("还没有推送地址。"),
)


def outcome(delivery: WebhookDelivery, _: Any = None) -> str:
    """What came of the last attempt, in words."""
    if delivery.problem is not None:
        word = say(PROBLEMS[delivery.problem])
        return f"{word} ({delivery.status})" if delivery.status else word
    return str(delivery.status or "")


DELIVERIES = Listing(
    "webhook_deliveries",
    N_("推送记录"),
    rows=queries.deliveries,
    prepare=lambda ctx, rows: labels(ctx),
    columns=[
        Column(
            "topic",
            N_("推送主题"),
            value=lambda delivery, named: say(named.get(delivery.topic, delivery.topic)),
            link=lambda d: url_for("webhooks.delivery", webhook_id=d.webhook_id, delivery_id=d.id),
            under=lambda delivery, _: delivery.topic,
        ),
        Column("created_at", N_("产生时间"), "moment"),
        Column("attempts", N_("已尝试"), "count"),
        Column("outcome", N_("最近一次结果"), value=outcome),
        Column(
            "next_try_at",
            N_("下次尝试"),
            "moment",
            lambda delivery, _: delivery.next_try_at if delivery.state is DeliveryState.WAITING else None,
        ),
        Column("message_id", N_("消息编号"), "code", hidden=True, filed=True),
        Column("state", N_("状态"), "state", lifecycle="webhook_delivery"),
    ],
    filters=[
        Choice("state", N_("状态"), options=DELIVERY.labels, tabs=True),
        Choice("topic", N_("推送主题"), options=labels),
    ],
    sorts=[Sort("newest", N_("最新"), queries.NEWEST)],
    empty=N_("还没有推送记录。"),
)
