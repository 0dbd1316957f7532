"""What may be heard of: each chapter offers the facts it announces, under a name that is promised to programs.

A chapter's wiring says::

    topics.offer(house, Topic("order.placed", N_("企业下达订单"), OrderPlaced, ("order_id", "enterprise_id", …)))

The fact is written into the outbox by the act that announces it, and only when some address wants the topic; whose
addresses these are is asked after the commit.
"""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.house import House, Port
from marketplace.base.text import N_
from marketplace.base.types import canonical
from marketplace.people.webhooks.models import WebhookTopic
from marketplace.record.notices import outbox

Parties = Callable[[Context, Mapping[str, Any]], Iterable[uuid.UUID | None]]
CHANNEL = "webhook"
"""Topic of the outbox under which facts wait for being fanned out."""
TEST = "webhook.test"
"""What the button "send a test" sends; nobody needs to ask for it."""
TESTED = N_("测试消息")
_ORGANISATIONS = ("organisation_id", "enterprise_id", "provider_id")


@dataclass(frozen=True)
class Topic:
    """One kind of message. `fields` are those of the fact that programs get; `..._fen` becomes an amount of money.

    It goes to the organisations which the fields name (`organisation_id`, `enterprise_id`, `provider_id`), or to those
    that `parties(ctx, data)` finds, after the act.
    """

    name: str
    label: str
    fact: type
    fields: tuple[str, ...]
    parties: Parties | None = None

    def __post_init__(self) -> None:
        known = {f.name for f in dataclasses.fields(self.fact)}
        if not known.issuperset(self.fields):
            raise ValueError(f"topic {self.name}: {self.fact.__name__} has no {set(self.fields) - known}")
        if self.parties is None and not set(_ORGANISATIONS).intersection(self.fields):
            raise ValueError(f"topic {self.name}: whose is it?")

    @property
    def shown(self) -> list[str]:
        """The fields as programs see them."""
        return [name.removesuffix("_fen") for name in self.fields]

    def data(self, fact: Any) -> dict[str, Any]:
        """What programs get of a fact: ids, days and words as text, money as the API writes it."""
        found = {}
        for name in self.fields:
            value = getattr(fact, name)
            if name.endswith("_fen"):
                name, value = name.removesuffix("_fen"), {"amount": money.plain(value), "currency": money.CURRENCY}
            found[name] = value
        plain: dict[str, Any] = json.loads(canonical(found))
        return plain

    def whose(self, ctx: Context, data: Mapping[str, Any]) -> set[uuid.UUID]:
        """The organisations that a message concerns."""
        if self.parties is not None:
            return {found for found in self.parties(ctx, data) if found}
        return {uuid.UUID(data[name]) for name in _ORGANISATIONS if data.get(name)}


TOPICS: Port[Topic] = Port("topics of webhooks")


def offer(house: House, *topics: Topic) -> None:
    """Let programs hear of facts; a name given twice is a fault."""
    taken = {topic.name for topic in house.all(TOPICS)} | {TEST}
    for topic in topics:
        if topic.name in taken:
            raise ValueError(f"topic {topic.name} is offered twice")
        taken.add(topic.name)
        house.add(TOPICS, topic)
        house.subscribe(topic.fact, partial(_hear, topic))


def known(house: House) -> dict[str, Topic]:
    """Every topic by name, in the order of the story."""
    return {topic.name: topic for topic in house.all(TOPICS)}


def _hear(topic: Topic, ctx: Context, fact: Any) -> None:
    """Write the fact down for those who listen: one statement, and no row when nobody does."""
    payload = {"topic": topic.name, "at": ctx.now, "data": topic.data(fact)}
    wanted = select(WebhookTopic.topic).where(WebhookTopic.topic == topic.name).exists()
    outbox.send(ctx, CHANNEL, payload, only_if=wanted)
