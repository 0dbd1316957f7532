"""Looking webhooks and their deliveries up; `get` and `visible` authorise."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from marketplace.base import permissions as ground
from marketplace.base.context import Context
from marketplace.base.errors import NotFound
from marketplace.base.paging import Key, Page, fetch
from marketplace.people.webhooks.models import Webhook, WebhookDelivery, WebhookTopic
from marketplace.people.webhooks.permissions import MANAGE
from marketplace.people.webhooks.states import DeliveryState, WebhookState

NEWEST = (Key(WebhookDelivery.created_at, descending=True), Key(WebhookDelivery.id, descending=True))


def visible(ctx: Context, state: WebhookState | None = None) -> Select[Any]:
    """The addresses of the organisation acted for that were not removed."""
    statement = select(Webhook).where(Webhook.state != WebhookState.REMOVED)
    if state is not None:
        statement = statement.where(Webhook.state == state)
    return ground.visible(ctx, MANAGE, statement, own=[Webhook.organisation_id])


def get(ctx: Context, webhook_id: uuid.UUID, *, lock: bool = False) -> Webhook:
    """One of them; a foreign or a removed one is not found."""
    statement = visible(ctx).where(Webhook.id == webhook_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found: Webhook | None = ctx.session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound("webhook")
    return found


def how_many(ctx: Context) -> int:
    """How many addresses the organisation has."""
    return ctx.session.execute(select(func.count()).select_from(visible(ctx).subquery())).scalar_one()


def topics_of(ctx: Context, webhook_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """The topics of several addresses, in even order."""
    found: dict[uuid.UUID, list[str]] = {key: [] for key in webhook_ids}
    rows = ctx.session.execute(
        select(WebhookTopic.webhook_id, WebhookTopic.topic)
        .where(WebhookTopic.webhook_id.in_(list(found)))
        .order_by(WebhookTopic.topic)
    )
    for webhook_id, topic in rows:
        found[webhook_id].append(topic)
    return found


def counts(ctx: Context, webhook_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[DeliveryState, int]]:
    """How many deliveries of each state several addresses have."""
    found: dict[uuid.UUID, dict[DeliveryState, int]] = {key: {} for key in webhook_ids}
    rows = ctx.session.execute(
        select(WebhookDelivery.webhook_id, WebhookDelivery.state, func.count())
        .where(WebhookDelivery.webhook_id.in_(list(found)))
        .group_by(WebhookDelivery.webhook_id, WebhookDelivery.state)
    )
    for webhook_id, state, number in rows:
        found[webhook_id][state] = number
    return found


def deliveries(
    ctx: Context,
    webhook_id: uuid.UUID,
    *,
    state: DeliveryState | None = None,
    topic: str | None = None,
    order: Sequence[Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[WebhookDelivery]:
    """What was or will be delivered to one address, newest first."""
    statement = select(WebhookDelivery).where(WebhookDelivery.webhook_id == get(ctx, webhook_id).id)
    if state is not None:
        statement = statement.where(WebhookDelivery.state == state)
    if topic is not None:
        statement = statement.where(WebhookDelivery.topic == topic)
    return fetch(ctx.session, statement, order, limit=limit, cursor=cursor)


def delivery(ctx: Context, webhook_id: uuid.UUID, delivery_id: uuid.UUID, *, lock: bool = False) -> WebhookDelivery:
    """One delivery to an address of one's own."""
    get(ctx, webhook_id, lock=lock)
    statement = select(WebhookDelivery).where(
        WebhookDelivery.id == delivery_id, WebhookDelivery.webhook_id == webhook_id
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = ctx.session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound("webhook_delivery")
    return found
