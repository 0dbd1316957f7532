"""What a contract must satisfy before anybody asks how much money is left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from marketplace.base.errors import Invalid, Refusal
from marketplace.base.money import MAX_FEN, Yuan
from marketplace.base.text import N_, Text
from marketplace.policy.books.model import Book
from marketplace.policy.engine.finding import Finding, find
from marketplace.policy.engine.pilot import Pilot as JudgedPilot

MAX_TEXT = 1000


def check_words(**given: str) -> dict[str, str]:
    """Texts by field, trimmed; refuses an empty or an endless one, each at its field."""
    kept = {name: text.strip() for name, text in given.items()}
    faults: dict[str, list[Text | str]] = {
        name: [N_("请填写，不超过 1000 字。")] for name, text in kept.items() if not 0 < len(text) <= MAX_TEXT
    }
    if faults:
        raise Invalid(faults)
    return kept


def check_amounts(amount_fen: int, total_fen: int) -> None:
    """What the subsidy pays is positive and not above the whole contract; both in fen."""
    if not 0 < total_fen <= MAX_FEN:
        raise Invalid({"total": [N_("合同金额应大于零。")]})
    if not 0 < amount_fen <= total_fen:
        raise Refusal(
            "contract.amount_above_total",
            N_("奖补资金承担的 {amount} 应大于零，且不超过合同金额 {total}。"),
            clause="四(二)",
            field="amount",
            amount=Yuan(amount_fen),
            total=Yuan(total_fen),
        )


def check_days(signed_on: date, last_day: date, today: date) -> None:
    """Signed by today, and not over yet."""
    if signed_on > today:
        raise Refusal(
            "contract.signed_in_future",
            N_("签订日期 {day} 晚于今天。"),
            clause="四(一)",
            field="signed_on",
            day=signed_on,
        )
    if last_day < today or last_day < signed_on:
        raise Refusal(
            "contract.over",
            N_("合同的履行截止日 {day} 应不早于今天和签订日期。"),
            clause="四(一)",
            field="last_day",
            day=last_day,
        )


def outside_period(book: Book, pilot: JudgedPilot, days: dict[str, date]) -> Iterator[tuple[str, list[Finding]]]:
    """By field what stands against days outside the pilot's implementation (四(一))."""
    start, end = pilot.approved_on.isoformat(), pilot.year2_end.isoformat()
    for field, day in days.items():
        if not pilot.covers(day):
            yield field, find(book, "date.outside_period", date=day.isoformat(), start=start, end=end)
