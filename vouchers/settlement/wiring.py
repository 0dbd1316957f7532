"""What settlement plugs into the house."""

from __future__ import annotations

from marketplace.base.house import House
from marketplace.base.stage import SCENES
from marketplace.record.notices.outbox import OUTBOX_HANDLERS, Handler
from vouchers.settlement import messages, models, permissions, scenes, sending
from vouchers.settlement.batching import TOPIC


def wire(house: House) -> None:
    """Permissions, messages, and the payment file that follows a release."""
    house.matrix.add(permissions.MATRIX)
    for fact, listener in messages.SUBSCRIPTIONS.items():
        house.subscribe(fact, listener)
    house.add(OUTBOX_HANDLERS, Handler(TOPIC, inside=sending.deliver))
    for scene in scenes.scenes():
        house.add(SCENES, scene)


__all__ = ["models", "wire"]
