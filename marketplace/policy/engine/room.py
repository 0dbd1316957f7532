"""How much more may be arranged in a category before a check fails, with the clause and the arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from marketplace.policy.books.model import Book
from marketplace.policy.books.vocabulary import SHARE_CHECKS
from marketplace.policy.engine.facts import Facts
from marketplace.policy.engine.finding import Finding, find
from marketplace.policy.engine.judge import Case, ceiling_limit, floor_limit
from marketplace.policy.engine.pilot import Pilot
from marketplace.policy.engine.verdict import FAIL, yuan


@dataclass(frozen=True)
class Room:
    """`fen` may still be arranged; `code`, `clause` and the reason name the check that would fail first."""

    fen: int
    code: str
    clause: str
    reason_zh: str
    reason_en: str


def room(book: Book, pilot: Pilot, facts: Facts, category: str) -> Room:
    """The room of a category in fen, never below 0; 0 for a category that is not the pilot type's (四(二)).

    One fen more, and `judge` of the projected facts has a failing check that it would not have had.
    """
    case = Case(book, pilot, facts)
    bucket = case.kind.bucket(category)
    if bucket is None:
        refused = refused_category(book, pilot.type, category)
        finding = refused[0] if refused else None
        return Room(0, *_named(finding)) if finding else Room(0, "category.unknown", "", category, category)
    limits = [limit for limit in _limits(case, bucket) if _stops(book, limit.code)]
    if not limits:
        raise ValueError(f"the book {book.code} applies no check that limits what is arranged")
    return min(limits, key=lambda limit: limit.fen)


def allot(book: Book, pilot: Pilot, facts: Facts, category: str, amount: int) -> list[Finding]:
    """Whether `amount` fen more may be arranged in a category; the finding shows the room and why it ends there."""
    left = room(book, pilot, facts, category)
    if amount <= left.fen:
        return []
    entry = pilot.kind_in(book).categories.get(category)
    name = (entry.name_zh, entry.name_en) if entry else category
    reason = (left.reason_zh, left.reason_en)
    shown = {"amount": yuan(amount), "limit": yuan(left.fen)}
    return find(book, "allotment.exceeds_room", category=name, reason=reason, **shown)


def refused_category(book: Book, type_code: str, code: str) -> list[Finding]:
    """The finding against a category code that is not the type's: prohibited, of another type, or unknown (四(二))."""
    kind = book.types[type_code]
    if code in kind.categories:
        return []
    if code in book.prohibited:
        use = book.prohibited[code]
        return find(book, "use.prohibited", category=(use.name_zh, use.name_en), type=(kind.name_zh, kind.name_en))
    for other in book.types.values():
        if code in other.categories:
            entry = other.categories[code]
            names = {"category": (entry.name_zh, entry.name_en), "type": (kind.name_zh, kind.name_en)}
            return find(book, "category.not_for_pilot_type", **names)
    return find(book, "category.unknown", category=code)


def _limits(case: Case, bucket: str) -> Iterator[Room]:
    """What each hard check leaves; the more specific stand first and win where two leave the same."""
    award, kind = case.pilot.award, case.kind
    if bucket == "other":
        ceiling = ceiling_limit(award, kind.other_ceiling_bps)
        yield _left(case, "share.other.ceiling", ceiling, case.other.arranged)
        outside = award - floor_limit(award, kind.renovation_floor_bps)
        yield _left(case, "share.renovation.floor", outside, case.total.arranged - case.renovation.arranged)
    yield _left(case, "committed.total", award, case.total.arranged)


def _stops(book: Book, code: str) -> bool:
    """Whether the book applies this check so that missing it against the award fails."""
    if code not in book.checks_applied:
        return False
    return code not in SHARE_CHECKS or ("award" in book.checks[code].bases and book.bases["award"].miss == FAIL)


def _left(case: Case, code: str, limit: int, used: int) -> Room:
    rule = case.book.checks.get(code)
    left = max(0, limit - used)
    clause, name_zh, name_en = (rule.clause, rule.name_zh, rule.name_en) if rule else ("", code, code)
    arithmetic = f"{yuan(limit)} − {yuan(used)} = {yuan(limit - used)}"
    return Room(
        left, code, clause, f"{name_zh}：{arithmetic} 元（{clause}）。", f"{name_en}: {arithmetic} yuan ({clause})."
    )


def _named(finding: Finding) -> tuple[str, str, str, str]:
    return finding.code, finding.clause, finding.message_zh, finding.message_en
