"""The judge's answer: checks in the order of the book, findings in the order of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marketplace.base.money import plain
from marketplace.policy.books.model import Book, CheckRule
from marketplace.policy.engine.facts import Facts
from marketplace.policy.engine.finding import Finding, Value, filled
from marketplace.policy.engine.pilot import Pilot

PASS, OPEN, WARN, FAIL = "pass", "open", "warn", "fail"
WHOLE = 10_000
"""Ten-thousandths in a whole."""


def yuan(fen: int) -> str:
    """An amount as sentences show it: ``1,234.50``."""
    return plain(fen, grouped=True)


def percent(bps: int) -> str:
    """A share as sentences show it: ``70.00%``."""
    sign, value = ("-", -bps) if bps < 0 else ("", bps)
    return f"{sign}{value // 100}.{value % 100:02d}%"


def cut(part: int, whole: int) -> int:
    """`part` of `whole` in ten-thousandths, cut towards zero; `whole` is positive."""
    return part * WHOLE // whole if part >= 0 else -(-part * WHOLE // whole)


@dataclass(frozen=True)
class Check:
    """One comparison. `limit` and `actual` are fen, or counts where `counts` is true; shares are ten-thousandths.

    `lack` says how far it is from being met, or while it is open from being within reach: negative with room to spare.
    It is no amount to show (shares are multiplied out), but of two verdicts on one pilot and day the greater is worse.
    """

    rule: CheckRule
    status: str
    limit: int
    actual: int
    base: str | None = None
    amount: int | None = None
    limit_share: int | None = None
    actual_share: int | None = None
    counts: bool = False
    values: Mapping[str, Value] = field(default_factory=dict)
    lack: int = 0

    @property
    def code(self) -> str:
        """The stable code: ``share.other.ceiling``."""
        return self.rule.code

    @property
    def clause(self) -> str:
        """Where the policy says it."""
        return self.rule.clause

    @property
    def message_zh(self) -> str:
        """The arithmetic and what to do, in Chinese."""
        advice = self.rule.advice_zh.get(self._advice, "")
        return filled(self.rule.message_zh + advice, self._shown(), 0)

    @property
    def message_en(self) -> str:
        """The arithmetic and what to do, in English."""
        advice = self.rule.advice_en.get(self._advice, "")
        return filled(f"{self.rule.message_en} {advice}".rstrip(), self._shown(), 1)

    @property
    def _advice(self) -> str:
        return "empty" if self.base is not None and self.actual_share is None else self.status

    def _shown(self) -> dict[str, Value]:
        gap = abs(self.limit - self.actual)
        numbers = {"limit": self.limit, "actual": self.actual, "shortfall": gap}
        shown: dict[str, Value] = dict(self.values)
        shown |= {name: number if self.counts else yuan(number) for name, number in numbers.items()}
        shown["amount"] = "-" if self.amount is None else yuan(self.amount)
        for name, share in (("limit_share", self.limit_share), ("actual_share", self.actual_share)):
            shown[name] = ("—", "n/a") if share is None else percent(share)
        return shown


@dataclass(frozen=True)
class Verdict:
    """Everything said about one pilot on one day, with what it was said of."""

    book: Book
    pilot: Pilot
    facts: Facts
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]

    @property
    def status(self) -> str:
        """``fail`` where anything fails, else ``warn`` where anything warns, else ``pass``."""
        said = {check.status for check in self.checks} | {finding.severity for finding in self.findings}
        return FAIL if FAIL in said else WARN if WARN in said else PASS

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that fail: what a hard stop shows."""
        return tuple(check for check in self.checks if check.status == FAIL)
