"""What programs of both sides may hear of an acceptance."""

from __future__ import annotations

from marketplace.base.text import N_
from marketplace.people.webhooks.topics import Topic
from marketplace.shop.acceptance import events

_SIDES = ("acceptance_id", "order_id", "enterprise_id", "provider_id")

TOPICS = (
    Topic("renovation.accepted", N_("改造通过验收"), events.RenovationAccepted, (*_SIDES, "accepted_on", "level")),
    Topic("renovation.not_accepted", N_("改造未通过验收"), events.RenovationNotAccepted, (*_SIDES, "final", "reason")),
)
