"""The made-up city: dated scenes that chapters contribute, played in order of time by the real actions."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar, TypeVar

from marketplace.base.actor import Actor
from marketplace.base.clock import SHANGHAI, SetClock, day_of
from marketplace.base.house import Port

T = TypeVar("T")


@dataclass
class Stage:
    """What scenes share: the moving clock, a way to act as somebody, and what earlier scenes left behind.

    `today` is the last day of the story; scenes are dated by days before it. `cast` holds people by a short name,
    `props` whatever later scenes need ("pilot", "listings", …).
    """

    STEP: ClassVar[timedelta] = timedelta(minutes=7)
    """What an act takes of the story's time."""

    clock: SetClock
    today: date
    run: Callable[..., Any]
    cast: dict[str, Actor] = field(default_factory=dict)
    props: dict[str, Any] = field(default_factory=dict)

    def act(self, verb: Callable[..., T], who: str | Actor | None = None) -> T:
        """Do one act in its own transaction, as a member of the cast or (None) as the platform itself."""
        actor = self.cast[who] if isinstance(who, str) else who
        result: T = self.run(verb, actor)
        self.clock.set(self.clock.moment + self.STEP)
        return result

    def day(self, before: int) -> date:
        """The calendar day that lies `before` days before the story's last."""
        return self.today - timedelta(days=before)

    @property
    def now_day(self) -> date:
        """The calendar day on which the clock stands."""
        return day_of(self.clock.moment)

    def go_to(self, day: date, hour: int = 9) -> None:
        """Move the clock to an hour of a day in Shanghai; it never goes back."""
        moment = datetime.combine(day, time(hour), SHANGHAI).astimezone(UTC)
        self.clock.set(max(moment, self.clock.moment))

    def person(self, name: str) -> uuid.UUID:
        """The id of a member of the cast."""
        return self.cast[name].person_id


@dataclass(frozen=True)
class Scene:
    """Something that happens `before` days before the last; scenes of one day are played by `hour`, then in order."""

    name: str
    before: int
    play: Callable[[Stage], None]
    hour: int = 9


SCENES: Port[Scene] = Port("scenes")
