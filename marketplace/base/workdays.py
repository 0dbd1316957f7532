"""Working days: State Council holidays and make-up days where they are known, Monday to Friday beyond."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar
from chinese_calendar.constants import holidays, workdays

FIRST_YEAR = min(d.year for d in holidays)
LAST_YEAR = max(d.year for d in holidays)
"""The last year whose holidays are published; days after it are provisional (暂定)."""


@dataclass(frozen=True)
class Deadline:
    """A last day, inclusive; `provisional` when it was counted through a year without published holidays."""

    day: date
    provisional: bool


def is_known(day: date) -> bool:
    """Whether the holidays of the day's year are published."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def is_workday(day: date) -> bool:
    """Whether offices work on this day: by the published calendar, else Monday to Friday."""
    if is_known(day):
        return chinese_calendar.is_workday(day)
    return day in workdays or (day.weekday() < 5 and day not in holidays)


def add_workdays(start: date, days: int) -> Deadline:
    """The `days`-th working day after `start`, which itself never counts."""
    if days < 1:
        raise ValueError("a period has at least one working day")
    day, left, provisional = start, days, False
    while left:
        day += timedelta(days=1)
        provisional = provisional or not is_known(day)
        left -= is_workday(day)
    return Deadline(day, provisional)


def workdays_between(start: date, end: date) -> int:
    """Working days after `start` up to and including `end`; negative when `end` is earlier."""
    if end < start:
        return -workdays_between(end, start)
    return sum(is_workday(start + timedelta(days=i)) for i in range(1, (end - start).days + 1))
