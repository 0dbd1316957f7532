"""One reading of the time per act. Everything else gets it handed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    def now(self, session: Session | None = None) -> datetime:
        """The present moment, with zone UTC."""


class SystemClock:
    """The database's clock, so that two web servers never disagree; SQLite has none but the machine's."""

    def now(self, session: Session | None = None) -> datetime:
        if session is not None and session.get_bind().dialect.name == "postgresql":
            return session.execute(text("SELECT statement_timestamp()")).scalar_one().astimezone(UTC)
        return datetime.now(UTC)


class SetClock:
    """A clock that stands until it is moved: tests, the demo, and training."""

    def __init__(self, moment: datetime):
        self.moment = moment

    def now(self, session: Session | None = None) -> datetime:
        return self.moment

    def set(self, moment: datetime) -> None:
        self.moment = moment

    def advance(self, **delta: float) -> None:
        self.moment += timedelta(**delta)


def day_of(moment: datetime) -> date:
    """The calendar day in Asia/Shanghai on which a moment falls."""
    return moment.astimezone(SHANGHAI).date()


def midnight(day: date) -> datetime:
    """When a calendar day begins in Asia/Shanghai."""
    return datetime.combine(day, time.min, SHANGHAI)
