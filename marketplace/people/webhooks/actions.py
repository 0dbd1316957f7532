"""An organisation registers, changes, tries, pauses and removes the addresses of its programs."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import CursorResult, delete, insert, update

from marketplace.base.context import Context
from marketplace.base.errors import Forbidden, Refusal
from marketplace.base.ids import new_id
from marketplace.base.permissions import Scope
from marketplace.base.text import N_
from marketplace.base.types import canonical
from marketplace.people.accounts import throttle
from marketplace.people.organisations import queries as organisations
from marketplace.people.webhooks import queries, rules, secret, topics
from marketplace.people.webhooks.models import Webhook, WebhookDelivery, WebhookTopic
from marketplace.people.webhooks.permissions import MANAGE
from marketplace.people.webhooks.states import DELIVERY, WEBHOOK, DeliveryState, WebhookState
from marketplace.record.audit import actions as audit


def register(ctx: Context, url: str, topics: Iterable[str], note: str = "") -> Webhook:
    """Let an address of one's organisation hear of topics, from now on. Its secret is `secret_of`."""
    organisation_id = ctx.who.organisation_id
    if organisation_id is None:
        raise Forbidden(MANAGE.code)
    organisations.lock(ctx, organisation_id)  # two at once would both see room for one more
    ctx.require(MANAGE, Scope.of(organisation_id))
    if queries.how_many(ctx) >= rules.MOST:
        raise Refusal("webhook.too_many", N_("每家单位最多登记 {most} 个推送地址。"), most=rules.MOST)
    webhook = ctx.add(
        Webhook(
            organisation_id=organisation_id,
            url=rules.normal_url(url, ctx.house.settings.networks_opened),
            note=" ".join(note.split()),
            state=WebhookState.ACTIVE,
            secret_version=1,
        )
    )
    ctx.session.flush()
    wanted = _want(ctx, webhook, topics)
    audit.record(ctx, "webhook.registered", webhook, url=webhook.url, topics=wanted)
    return webhook


def secret_of(ctx: Context, webhook: Webhook) -> str:
    """The present secret, for the answer of the act that made it."""
    return secret.of(ctx.house.settings.secret_key, webhook.id, webhook.secret_version)


def change(ctx: Context, webhook_id: uuid.UUID, url: str, topics: Iterable[str], note: str = "") -> Webhook:
    """Another address, other topics. What waits goes to the new address; secret and deliveries stay."""
    webhook = queries.get(ctx, webhook_id, lock=True)
    webhook.url = rules.normal_url(url, ctx.house.settings.networks_opened)
    webhook.note = " ".join(note.split())
    ctx.session.execute(delete(WebhookTopic).where(WebhookTopic.webhook_id == webhook.id))
    wanted = _want(ctx, webhook, topics)
    ctx.session.flush()
    audit.record(ctx, "webhook.changed", webhook, url=webhook.url, topics=wanted)
    return webhook


def _want(ctx: Context, webhook: Webhook, wanted: Iterable[str]) -> list[str]:
    chosen = sorted(set(wanted))
    if not chosen or not set(topics.known(ctx.house)).issuperset(chosen):
        raise Refusal("webhook.topics", N_("请从清单中至少选择一个推送主题。"), field="topics")
    ctx.session.execute(insert(WebhookTopic), [{"webhook_id": webhook.id, "topic": topic} for topic in chosen])
    return chosen


def rotate(ctx: Context, webhook_id: uuid.UUID) -> Webhook:
    """A new secret at once; for 24 hours messages are signed with the one before as well."""
    webhook = queries.get(ctx, webhook_id, lock=True)
    webhook.secret_version += 1
    webhook.rotated_at = ctx.now
    ctx.session.flush()
    audit.record(ctx, "webhook.secret_rotated", webhook, version=webhook.secret_version)
    return webhook


def pause(ctx: Context, webhook_id: uuid.UUID) -> Webhook:
    """Send nothing until it is resumed; what happens meanwhile is collected."""
    webhook = queries.get(ctx, webhook_id, lock=True)
    WEBHOOK.move(webhook, "pause")
    ctx.session.flush()
    audit.record(ctx, "webhook.paused", webhook)
    return webhook


def resume(ctx: Context, webhook_id: uuid.UUID) -> Webhook:
    """Send again; what was collected leaves at once, with three days of its own."""
    webhook = queries.get(ctx, webhook_id, lock=True)
    WEBHOOK.move(webhook, "resume")
    waiting = update(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.state == DeliveryState.WAITING
    )
    ctx.session.execute(waiting.values(attempts=0, next_try_at=ctx.now, until=ctx.now + rules.PATIENCE))
    ctx.session.flush()
    audit.record(ctx, "webhook.resumed", webhook)
    return webhook


def remove(ctx: Context, webhook_id: uuid.UUID) -> Webhook:
    """Never send to it again; its messages are forgotten."""
    webhook = queries.get(ctx, webhook_id, lock=True)
    WEBHOOK.move(webhook, "remove")
    ctx.session.execute(delete(WebhookTopic).where(WebhookTopic.webhook_id == webhook.id))
    ctx.session.execute(delete(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id))
    ctx.session.flush()
    audit.record(ctx, "webhook.removed", webhook, url=webhook.url)
    return webhook


def test(ctx: Context, webhook_id: uuid.UUID) -> WebhookDelivery:
    """Send a message that says nothing, to see whether it arrives."""
    webhook = queries.get(ctx, webhook_id, lock=True)
    _must_send(webhook)
    throttle.count(ctx, "webhook", str(webhook.organisation_id), rules.TESTS)
    made = add(ctx, webhook, new_id(), {"topic": topics.TEST, "at": ctx.now, "data": {"webhook_id": webhook.id}})
    ctx.session.flush()
    audit.record(ctx, "webhook.tested", webhook, delivery=made.id)
    return made


def replay(ctx: Context, webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> WebhookDelivery:
    """Send a message again, under the id that it had: a receiver that took it drops it."""
    webhook = queries.get(ctx, webhook_id, lock=True)
    found = queries.delivery(ctx, webhook_id, delivery_id, lock=True)
    _must_send(webhook)
    throttle.count(ctx, "webhook", str(webhook.organisation_id), rules.TESTS)
    DELIVERY.move(found, "replay")
    found.delivered_at, found.problem, found.status = None, None, None
    found.attempts, found.next_try_at, found.until = 0, ctx.now, ctx.now + rules.PATIENCE
    ctx.session.flush()
    audit.record(ctx, "webhook.replayed", webhook, delivery=found.id)
    return found


def _must_send(webhook: Webhook) -> None:
    if webhook.state is not WebhookState.ACTIVE:
        raise Refusal("webhook.not_active", N_("推送已停，请先恢复推送。"))


def add(ctx: Context, webhook: Webhook, message_id: uuid.UUID, payload: dict[str, Any]) -> WebhookDelivery:
    """Put one message before an address: `type`, `timestamp` and `data`, as the specification advises."""
    body = {"type": payload["topic"], "timestamp": payload["at"], "data": payload["data"]}
    return ctx.add(
        WebhookDelivery(
            webhook_id=webhook.id,
            message_id=message_id,
            topic=payload["topic"],
            body=canonical(body),
            state=DeliveryState.WAITING,
            attempts=0,
            next_try_at=ctx.now,
            until=ctx.now + rules.PATIENCE,
        )
    )


def tidy(ctx: Context) -> str:
    """Forget deliveries older than 30 days, whatever came of them. Job `webhooks.tidy`."""
    gone = ctx.session.execute(delete(WebhookDelivery).where(WebhookDelivery.created_at < ctx.now - rules.KEPT))
    number = cast("CursorResult[Any]", gone).rowcount
    return f"{number} deliveries forgotten" if number else ""
