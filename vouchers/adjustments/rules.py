"""What an adjustment must satisfy before anybody looks at the ledger."""

from __future__ import annotations

from datetime import date

from marketplace.base.errors import Invalid, Refusal
from marketplace.base.money import MAX_FEN, Yuan
from marketplace.base.text import N_, Text

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


def check_amount(amount_fen: int) -> None:
    if not 0 < amount_fen <= MAX_FEN:
        raise Invalid({"amount": [N_("金额应大于零。")]})


def check_day(happened_on: date, today: date) -> None:
    """The day on the bank's paper is not in the future."""
    if happened_on > today:
        raise Refusal("adjustment.future_day", N_("日期不能晚于今天（{today}）。"), field="happened_on", today=today)


def check_over(closes_on: date, today: date) -> None:
    """A line is closed or carried over when its last day is over, not before (四(一))."""
    if closes_on >= today:
        raise Refusal(
            "adjustment.line_open",
            N_("该用途的期限到 {day}，过了期限才能收回或结转。"),
            clause="四(一)",
            field="line_id",
            day=closes_on,
        )


def check_new_period(closes_on: date, today: date) -> None:
    """A new period ends in this or the next calendar year: what is carried over is spent in the year that follows."""
    last = date(today.year + 1, 12, 31)
    if not today <= closes_on <= last:
        raise Refusal(
            "adjustment.new_period",
            N_("新的截止日期应在 {first} 至 {last} 之间：结转的额度应在下一年度内用完。"),
            clause="四(一)",
            field="closes_on",
            first=today,
            last=last,
        )


def check_spare(amount_fen: int, cash_fen: int, owed_fen: int) -> None:
    """Only money that nobody was promised goes back: `cash_fen` on the account less `owed_fen` still to be paid."""
    spare = max(0, cash_fen - owed_fen)
    if amount_fen > spare:
        raise Refusal(
            "adjustment.promised",
            N_("账上 {cash}，已承诺尚未支付 {owed}，最多可交回 {spare}，本次 {asked}。"),
            clause="四(一)",
            field="amount",
            cash=Yuan(cash_fen),
            owed=Yuan(owed_fen),
            spare=Yuan(spare),
            asked=Yuan(amount_fen),
        )
