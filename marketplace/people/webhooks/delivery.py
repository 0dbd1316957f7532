"""From the outbox to each address, and from there to the program: claimed, sent with no transaction open, settled.

A delivery is claimed by moving its next attempt five minutes away, so one that was cut off in between is sent again,
under the same id. No delivery waits for another one: receivers learn the order from `timestamp`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import func, select, update

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.people.webhooks import actions, rules, secret, sending, topics
from marketplace.people.webhooks.addresses import Failed, Network
from marketplace.people.webhooks.models import Webhook, WebhookDelivery, WebhookTopic
from marketplace.people.webhooks.states import DELIVERY, WEBHOOK, DeliveryState, Problem, WebhookState
from marketplace.record.audit import actions as audit
from marketplace.record.notices import actions as notices
from marketplace.record.notices.delivery import CLAIM, pause
from marketplace.record.notices.outbox import Message

log = structlog.get_logger(__name__)
BATCH = 64
SHARE = 8
"""Of one batch, so many go to one address: a slow receiver with a long queue holds nobody up."""
HANDS = 8
ROUNDS = 20


@dataclass(frozen=True)
class Errand:
    """One attempt, with all that it needs outside a transaction."""

    delivery_id: uuid.UUID
    url: str
    body: bytes
    headers: dict[str, str]
    networks: Sequence[Network]


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    status: int | None
    problem: Problem | None
    took_ms: int


def fan_out(ctx: Context, message: Message) -> None:
    """Outbox topic `webhook`: one delivery for each address of those whom the fact concerns and that wants it."""
    topic = topics.known(ctx.house).get(message.payload["topic"])
    if topic is None:
        return
    whose = topic.whose(ctx, message.payload["data"])
    wanting = (
        select(Webhook)
        .join(WebhookTopic, WebhookTopic.webhook_id == Webhook.id)
        .where(WebhookTopic.topic == topic.name, Webhook.organisation_id.in_(whose))
        .where(Webhook.state != WebhookState.REMOVED)
        .order_by(Webhook.id)
    )
    for webhook in ctx.session.scalars(wanting):
        actions.add(ctx, webhook, message.message_id, message.payload)


def deliver(act: Callable[..., Any]) -> str:
    """Send what is due. Job `webhooks.deliver`; `act` runs one verb in its own transaction."""
    taken = failed = 0
    with ThreadPoolExecutor(HANDS) as hands:
        for _ in range(ROUNDS):
            errands: list[Errand] = act(_claim)
            for errand, outcome in zip(errands, hands.map(_run, errands), strict=True):
                act(partial(settle, errand.delivery_id, outcome))
                taken, failed = (taken, failed + 1) if outcome.problem else (taken + 1, failed)
            if len(errands) < BATCH:
                break
    return f"{taken} delivered, {failed} failed" if taken or failed else ""


def _claim(ctx: Context) -> list[Errand]:
    due = (WebhookDelivery.state == DeliveryState.WAITING, WebhookDelivery.next_try_at <= ctx.now)
    turn = func.row_number().over(
        partition_by=WebhookDelivery.webhook_id, order_by=(WebhookDelivery.next_try_at, WebhookDelivery.id)
    )
    queue = (
        select(WebhookDelivery.id, turn.label("turn"))
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(*due, Webhook.state == WebhookState.ACTIVE)
        .subquery()
    )
    fair = select(queue.c.id).where(queue.c.turn <= SHARE).order_by(queue.c.turn, queue.c.id).limit(BATCH)
    chosen = list(ctx.session.scalars(fair))
    rows = ctx.session.execute(
        select(WebhookDelivery, Webhook)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(WebhookDelivery.id.in_(chosen), *due)
        .order_by(WebhookDelivery.next_try_at, WebhookDelivery.id)
        .with_for_update(skip_locked=True, of=WebhookDelivery)
    ).all()
    errands = [_errand(ctx, delivery, webhook, ctx.now) for delivery, webhook in rows]
    if errands:
        ctx.session.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.id.in_([errand.delivery_id for errand in errands]))
            .values(next_try_at=ctx.now + CLAIM, tried_at=ctx.now, attempts=WebhookDelivery.attempts + 1)
            .execution_options(synchronize_session=False)
        )
    return errands


def _errand(ctx: Context, delivery: WebhookDelivery, webhook: Webhook, now: datetime) -> Errand:
    settings, body = ctx.house.settings, delivery.body.encode()
    secrets = secret.living(settings.secret_key, webhook, now)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "voucher-marketplace-webhooks/1",
        **secret.headers(secrets, delivery.message_id, now, body),
    }
    return Errand(delivery.id, webhook.url, body, headers, settings.networks_opened)


def _run(errand: Errand) -> Outcome:
    began, status, problem = monotonic(), None, None
    try:
        status = sending.post(errand.url, errand.body, errand.headers, errand.networks, patience=sending.PATIENCE)
    except Failed as fault:
        status, problem = fault.status, fault.problem
    except Exception:
        # Whatever a receiver thinks of, the other deliveries of the batch are settled.
        log.exception("webhook not sent", delivery_id=str(errand.delivery_id))
        problem = Problem.ANSWER
    return Outcome(status, problem, round((monotonic() - began) * 1000))


def settle(delivery_id: uuid.UUID, outcome: Outcome, ctx: Context) -> None:
    """Write down what came of an attempt: taken, tried again later, or given up."""
    row = ctx.session.execute(
        select(WebhookDelivery, Webhook)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(WebhookDelivery.id == delivery_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None or row[0].state is not DeliveryState.WAITING:
        return  # removed meanwhile
    delivery, webhook = row
    delivery.status, delivery.problem, delivery.took_ms = outcome.status, outcome.problem, outcome.took_ms
    if outcome.problem is None:
        DELIVERY.move(delivery, "deliver")
        delivery.delivered_at = webhook.delivered_at = ctx.now
        return
    wait = pause(delivery.attempts)
    gone = outcome.problem is Problem.GONE
    if gone or ctx.now + wait > delivery.until:
        DELIVERY.move(delivery, "give_up")
        _give_up(ctx, delivery, webhook, gone=gone)
    else:
        delivery.next_try_at = ctx.now + wait


def _give_up(ctx: Context, delivery: WebhookDelivery, webhook: Webhook, *, gone: bool) -> None:
    """Tell the owner; and stop sending to an address that took nothing all the time."""
    words = N_("推送地址 {url} 有一条消息三天内未能送达，已放弃推送，可以重新推送。")
    began = delivery.until - rules.PATIENCE
    silent = webhook.delivered_at is None or webhook.delivered_at < began
    if webhook.state is WebhookState.ACTIVE and (gone or silent):
        WEBHOOK.move(webhook, "stop")
        ctx.session.flush()
        audit.record(ctx, "webhook.stopped", webhook, problem=delivery.problem, status=delivery.status)
        words = N_("推送地址 {url} 连续三天没有收到任何消息，平台已停推。修好后请恢复推送。")
        if gone:
            words = N_("推送地址 {url} 答复不再接收，平台已停推。")
    elif webhook.state is not WebhookState.ACTIVE:
        return  # its owner has heard already, or paused it
    notices.tell(
        ctx,
        organisation_id=webhook.organisation_id,
        text=Text(words, {"url": webhook.url}),
        url=f"/webhooks/{webhook.id}",
    )
