"""A provider's own program listens: what arrived, what did not, and a pause while it is rebuilt."""

from __future__ import annotations

import uuid
from functools import partial

from marketplace.base.context import Context
from marketplace.base.stage import Scene, Stage
from marketplace.people.webhooks import actions, delivery
from marketplace.people.webhooks.delivery import Outcome
from marketplace.people.webhooks.models import WebhookDelivery
from marketplace.people.webhooks.states import Problem
from marketplace.people.webhooks.topics import known

LISTENER = "https://erp.chuangxin.example/hooks/vouchers"
OWNER = "provider3"


def scenes() -> list[Scene]:
    """This chapter's part of the city's year."""
    return [
        Scene("a provider's program listens", 40, _listen, hour=16),
        Scene("a provider's program moves", 2, _move, hour=16),
    ]


def _listen(stage: Stage) -> None:
    """It is rebuilt on the day it is registered, so what happens is collected; and no scene speaks to the world."""

    def register(ctx: Context) -> uuid.UUID:
        return actions.register(ctx, LISTENER, list(known(ctx.house)), "ERP").id

    stage.props["webhook"] = webhook_id = stage.act(register, OWNER)
    _tried(stage, Outcome(204, None, 83))
    _tried(stage, Outcome(503, Problem.STATUS, 1204))
    stage.act(lambda ctx: actions.pause(ctx, webhook_id), OWNER)


def _move(stage: Stage) -> None:
    """The old machine is gone and the platform stops; its owner tries the new one, and pauses for the night."""
    webhook_id = stage.props["webhook"]
    stage.act(lambda ctx: actions.resume(ctx, webhook_id), OWNER)
    _tried(stage, Outcome(410, Problem.GONE, 61))
    stage.act(lambda ctx: actions.resume(ctx, webhook_id), OWNER)
    _tried(stage, Outcome(200, None, 112))
    stage.act(lambda ctx: actions.pause(ctx, webhook_id), OWNER)


def _tried(stage: Stage, outcome: Outcome) -> None:
    """A test whose outcome the story knows: the platform asked nobody."""
    sent: WebhookDelivery = stage.act(lambda ctx: actions.test(ctx, stage.props["webhook"]), OWNER)
    stage.act(partial(delivery.settle, sent.id, outcome))
