"""How often one network may ask what anybody may ask: counted in memory, because looking never writes.

A route says its own pace beside its access: ``@access(PUBLIC, pace=600)`` is 600 questions a minute from one network.
Each process counts for itself, so several together allow as many times more. Acts are counted in the database instead
(``people/accounts/throttle.py``), where all processes count together.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from math import ceil

from marketplace.base.errors import Throttled

WINDOW = 60.0
"""Seconds."""
REMEMBERED = 20_000
"""Networks that are remembered at once; the one longest unseen is forgotten first."""


class Pace:
    """Counts of one process."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, route: str, network: str, most: int) -> None:
        """Count one question; refuses the one after `most` with the seconds left of its minute (`Throttled`)."""
        now, key = time.monotonic(), (route, network)
        with self._lock:
            ends, asked = self._seen.pop(key, (now + WINDOW, 0))
            if ends <= now:
                ends, asked = now + WINDOW, 0
            self._seen[key] = (ends, asked + 1)
            if len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        if asked >= most:
            raise Throttled(max(1, ceil(ends - now)))
