"""The house: what the chapters registered, so that an earlier chapter can reach a later one without importing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from marketplace.base.clock import Clock, SystemClock
from marketplace.base.events import Announcements, Subscriber
from marketplace.base.permissions import Matrix

T = TypeVar("T")


@dataclass(frozen=True)
class Port(Generic[T]):
    """A named place where later chapters put entries of one kind."""

    name: str


@dataclass(frozen=True)
class Job:
    """Scheduled work: `run(ctx)` is one act in its own transaction; it returns a short account for the log, empty when
    there was nothing to do.

    `every` is an interval in seconds; `at` is "HH:MM" in Asia/Shanghai. `run` may be called again at any time.
    A job that speaks to the world outside sets `outside`: it gets `act` instead of a context, and does its short
    transactions with it, so that none is open while it waits for an answer.
    """

    name: str
    label: str
    run: Callable[[Any], str]
    every: int | None = None
    at: str | None = None
    outside: bool = False


JOBS: Port[Job] = Port("jobs")
REFERENCE: Port[Callable[[Any], None]] = Port("reference data")
"""Loads a chapter's reference data, idempotently, after each upgrade of the database."""


class House:
    """One running platform: its permission matrix, subscribers, ports, clock and settings."""

    def __init__(self, settings: Any = None, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.matrix = Matrix()
        self.announcements = Announcements()
        self._entries: dict[str, list[Any]] = {}

    def subscribe(self, fact: type, subscriber: Subscriber) -> None:
        """Hear a fact inside the act that announces it."""
        self.announcements.subscribe(fact, subscriber)

    def add(self, port: Port[T], entry: T) -> None:
        """Put an entry into a port."""
        self._entries.setdefault(port.name, []).append(entry)

    def all(self, port: Port[T]) -> list[T]:
        """The entries of a port, in the order of the story."""
        return self._entries.get(port.name, [])
