"""Facts that an act announces inside its transaction. Subscribers run at once, in order, and may refuse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

Subscriber = Callable[[Any, Any], None]
"""``subscriber(ctx, fact)``; the context stands above this module, so its type is not named here."""


class Announcements:
    """Who listens to which fact. The order of subscription is the order of hearing."""

    def __init__(self) -> None:
        self._subscribers: dict[type, list[Subscriber]] = defaultdict(list)

    def subscribe(self, fact: type, subscriber: Subscriber) -> None:
        self._subscribers[fact].append(subscriber)

    def tell(self, ctx: Any, fact: Any) -> None:
        for subscriber in self._subscribers.get(type(fact), ()):
            subscriber(ctx, fact)
