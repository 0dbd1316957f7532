"""Shapes of webhooks for pages and API."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from marketplace.people.webhooks.states import DeliveryState, Problem, WebhookState
from marketplace.web.fields import Member, Moment
from marketplace.web.rest import ListArgs, Shape

_URL = validate.Length(min=1, max=500)


class WebhookFormSchema(Shape):
    url = fields.String(required=True, validate=_URL)
    note = fields.String(load_default="", validate=validate.Length(max=80))
    topics = fields.List(fields.String(), load_default=list)


class WebhookSchema(Shape):
    id = fields.UUID()
    url = fields.String()
    note = fields.String()
    topics = fields.List(fields.String())
    state = Member(WebhookState)
    created_at = Moment()
    delivered_at = Moment(allow_none=True)
    rotated_at = Moment(allow_none=True)


class WebhookMadeSchema(WebhookSchema):
    """With the secret, which is told here and nowhere else."""

    secret = fields.String()


class WebhookDeliverySchema(Shape):
    id = fields.UUID()
    message_id = fields.UUID(metadata={"description": "the header `webhook-id`"})
    topic = fields.String()
    state = Member(DeliveryState)
    created_at = Moment()
    attempts = fields.Integer()
    tried_at = Moment(allow_none=True)
    next_try_at = fields.Method("_next", metadata={"type": "string", "format": "date-time", "nullable": True})
    delivered_at = Moment(allow_none=True)
    status = fields.Integer(allow_none=True)
    problem = Member(Problem, allow_none=True)
    took_ms = fields.Integer(allow_none=True)

    def _next(self, delivery: Any) -> Any:
        waits = delivery.state is DeliveryState.WAITING
        return Moment()._serialize(delivery.next_try_at, "next_try_at", delivery) if waits else None


class WebhookMessageSchema(WebhookDeliverySchema):
    """With the text that is signed and sent."""

    body = fields.String()


class WebhookDeliveryArgs(ListArgs):
    state = Member(DeliveryState, load_default=None)
    topic = fields.String(load_default=None, validate=validate.Length(max=80))


class WebhookTopicSchema(Shape):
    name = fields.String()
    label = fields.String()
    fields_ = fields.List(fields.String(), data_key="fields")
