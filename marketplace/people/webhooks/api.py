"""REST: webhooks, /api/v1/webhooks."""

from __future__ import annotations

import uuid
from operator import attrgetter
from typing import Any

from flask import Response, jsonify

from marketplace.base.context import Context
from marketplace.base.paging import Key, Page, cut, fetch
from marketplace.people.webhooks import actions, queries, topics
from marketplace.people.webhooks.models import Webhook
from marketplace.people.webhooks.permissions import MANAGE
from marketplace.people.webhooks.schemas import (
    WebhookDeliveryArgs,
    WebhookDeliverySchema,
    WebhookFormSchema,
    WebhookMadeSchema,
    WebhookMessageSchema,
    WebhookSchema,
    WebhookTopicSchema,
)
from marketplace.people.webhooks.states import DeliveryState
from marketplace.web import rest
from marketplace.web.i18n import say
from marketplace.web.rest import ApiBlueprint, ListArgs, page_of
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = ApiBlueprint("webhooks_api", __name__, url_prefix="/webhooks", description="Messages to programs of one's own")

NEWEST = [Key(Webhook.created_at, descending=True), Key(Webhook.id, descending=True)]


def _shown(ctx: Context, webhooks: list[Webhook]) -> list[dict[str, Any]]:
    wanted = queries.topics_of(ctx, [webhook.id for webhook in webhooks])
    shown = ("id", "url", "note", "state", "created_at", "delivered_at", "rotated_at")
    return [{**{name: getattr(w, name) for name in shown}, "topics": wanted[w.id]} for w in webhooks]


def _one(ctx: Context, webhook: Webhook) -> dict[str, Any]:
    return _shown(ctx, [webhook])[0]


def _with_secret(answer: Response) -> Response:
    """The secret is added to the answer, never to what is kept for a repeated request."""
    body = answer.get_json()
    ctx = reading()
    body["secret"] = actions.secret_of(ctx, queries.get(ctx, uuid.UUID(body["id"])))
    answer.set_data(jsonify(body).get_data())
    return answer


@bp.get("/topics")
@access(PUBLIC)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(WebhookTopicSchema))
def topic_names(limit: int, cursor: str | None) -> Page[Any]:
    """What may be heard of, by name, and which fields each message has."""
    known = sorted(topics.known(reading().house).values(), key=attrgetter("name"))
    page = cut(known, limit=limit, cursor=cursor, name=attrgetter("name"))
    found = [{"name": topic.name, "label": say(topic.label), "fields_": topic.shown} for topic in page.items]
    return Page(found, page.next_cursor)


@bp.get("")
@access(MANAGE)
@bp.arguments(ListArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(WebhookSchema))
def index(limit: int, cursor: str | None) -> Page[Any]:
    """The addresses of one's organisation, newest first."""
    ctx = reading()
    page = fetch(ctx.session, queries.visible(ctx), NEWEST, limit=limit, cursor=cursor)
    return Page(_shown(ctx, page.items), page.next_cursor)


@bp.post("")
@access(MANAGE)
@bp.arguments(WebhookFormSchema, as_kwargs=True)
@bp.alt_response(201, schema=WebhookMadeSchema)
def register(**data: Any) -> Any:
    """Register an address. The answer bears its secret, once."""
    return _with_secret(rest.do(WebhookSchema, lambda ctx: _one(ctx, actions.register(ctx, **data)), status=201))


@bp.get("/<uuid:webhook_id>")
@access(MANAGE)
@bp.response(200, WebhookSchema)
def show(webhook_id: uuid.UUID) -> dict[str, Any]:
    """One address."""
    ctx = reading()
    return _one(ctx, queries.get(ctx, webhook_id))


@bp.put("/<uuid:webhook_id>")
@access(MANAGE)
@bp.arguments(WebhookFormSchema, as_kwargs=True)
@bp.alt_response(200, schema=WebhookSchema)
def change(webhook_id: uuid.UUID, **data: Any) -> Any:
    """Another address, other topics."""
    return rest.do(WebhookSchema, lambda ctx: _one(ctx, actions.change(ctx, webhook_id, **data)))


@bp.delete("/<uuid:webhook_id>")
@access(MANAGE)
@bp.alt_response(204)
def remove(webhook_id: uuid.UUID) -> Any:
    """Send nothing there again, and forget what was sent."""
    return rest.do(None, lambda ctx: actions.remove(ctx, webhook_id))


@bp.post("/<uuid:webhook_id>/pause")
@access(MANAGE)
@bp.alt_response(200, schema=WebhookSchema)
def pause(webhook_id: uuid.UUID) -> Any:
    """Collect what happens and send nothing."""
    return rest.do(WebhookSchema, lambda ctx: _one(ctx, actions.pause(ctx, webhook_id)))


@bp.post("/<uuid:webhook_id>/resume")
@access(MANAGE)
@bp.alt_response(200, schema=WebhookSchema)
def resume(webhook_id: uuid.UUID) -> Any:
    """Send again, what was collected first."""
    return rest.do(WebhookSchema, lambda ctx: _one(ctx, actions.resume(ctx, webhook_id)))


@bp.post("/<uuid:webhook_id>/secret")
@access(MANAGE)
@bp.alt_response(200, schema=WebhookMadeSchema)
def rotate(webhook_id: uuid.UUID) -> Any:
    """A new secret; for 24 hours messages bear both signatures. The answer bears it, once."""
    return _with_secret(rest.do(WebhookSchema, lambda ctx: _one(ctx, actions.rotate(ctx, webhook_id))))


@bp.post("/<uuid:webhook_id>/test")
@access(MANAGE)
@bp.alt_response(201, schema=WebhookDeliverySchema)
def test(webhook_id: uuid.UUID) -> Any:
    """Send a message that says nothing."""
    return rest.do(WebhookDeliverySchema, lambda ctx: actions.test(ctx, webhook_id), status=201)


@bp.get("/<uuid:webhook_id>/deliveries")
@access(MANAGE)
@bp.arguments(WebhookDeliveryArgs, location="query", as_kwargs=True)
@bp.response(200, page_of(WebhookDeliverySchema))
def deliveries(
    webhook_id: uuid.UUID, limit: int, cursor: str | None, state: DeliveryState | None, topic: str | None
) -> Page[Any]:
    """What was or will be sent to an address in the last 30 days, newest first."""
    return queries.deliveries(reading(), webhook_id, state=state, topic=topic, limit=limit, cursor=cursor)


@bp.get("/<uuid:webhook_id>/deliveries/<uuid:delivery_id>")
@access(MANAGE)
@bp.response(200, WebhookMessageSchema)
def delivery(webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> Any:
    """One delivery with its text."""
    return queries.delivery(reading(), webhook_id, delivery_id)


@bp.post("/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/replay")
@access(MANAGE)
@bp.alt_response(200, schema=WebhookDeliverySchema)
def replay(webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> Any:
    """Send it again, under the id that it had."""
    return rest.do(WebhookDeliverySchema, lambda ctx: actions.replay(ctx, webhook_id, delivery_id))
