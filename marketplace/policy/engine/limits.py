"""Sums that rows break together: returns above payments, releases above commitments, help for one enterprise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from marketplace.policy.books.model import Book
from marketplace.policy.engine.finding import Finding, Value, find
from marketplace.policy.engine.pilot import Pilot
from marketplace.policy.engine.rows import Contract, Kind, Line, Sheet
from marketplace.policy.engine.verdict import WHOLE, percent, yuan

_EMPTY = ("（未填）", "(empty)")


def exceeded(sheet: Sheet, applied: frozenset[str]) -> Iterator[Finding]:
    """Findings on the first row, in order, with which a sum is exceeded; one per contract or enterprise."""
    if "refund.exceeds_paid" in applied:
        yield from _more_than(sheet, "refund.exceeds_paid", Kind.REFUND)
    if "release.exceeds_committed" in applied:
        yield from _more_than(sheet, "release.exceeds_committed", Kind.RELEASED)
    yield from _enterprises(sheet)


def _more_than(sheet: Sheet, code: str, kind: Kind) -> Iterator[Finding]:
    """Per category and contract, against all that the sheet pays or commits there, whatever the order of rows."""
    running: dict[tuple[str, str], int] = defaultdict(int)
    for line in sheet.lines:
        if line.row.kind is not kind:
            continue
        key = (line.category, line.contract)
        entry = sheet.contracts[key]
        limit, whole = (entry.paid, entry.refunded) if kind is Kind.REFUND else (entry.committed, entry.released)
        before = running[key]
        running[key] += line.row.amount
        if before <= limit < running[key]:
            shown = {"category": line.row.category or _EMPTY, "contract": line.row.contract or _EMPTY}
            yield from find(sheet.book, code, line.row.number, amount=yuan(whole), limit=yuan(limit), **shown)


@dataclass(frozen=True)
class Help:
    """The most that one enterprise may have: a share of its contracts, and an amount in fen; None is no limit.

    The clauses are those of the findings that would be made.
    """

    rate_bps: int | None
    cap: int | None
    rate_clause: str = ""
    cap_clause: str = ""


def of_enterprise(book: Book, pilot: Pilot) -> Help:
    """What the pilot's batch, or else its class, says of one enterprise; only what the book applies."""
    batch, own = book.batches.get(pilot.batch), pilot.class_in(book)
    rate, cap = own.enterprise_rate_bps, own.enterprise_cap
    if batch is not None:  # a batch speaks before a class
        rate = rate if batch.enterprise_rate_bps is None else batch.enterprise_rate_bps
        cap = cap if batch.enterprise_cap is None else batch.enterprise_cap
    clauses = {code: rule.clause for code, rule in book.findings.items() if code in book.findings_applied}
    return Help(
        rate if "enterprise.rate" in clauses else None,
        cap if "enterprise.cap" in clauses else None,
        clauses.get("enterprise.rate", ""),
        clauses.get("enterprise.cap", ""),
    )


def help_for(book: Book, pilot: Pilot, enterprise: str, arranged: int) -> list[Finding]:
    """Whether so many fen in all may be arranged for one enterprise; `enterprise` is what the sentence calls it."""
    cap = of_enterprise(book, pilot).cap
    if cap is None or arranged <= cap:
        return []
    return find(book, "enterprise.cap", enterprise=enterprise, amount=yuan(arranged), limit=yuan(cap))


def _enterprises(sheet: Sheet) -> Iterator[Finding]:
    limits = of_enterprise(sheet.book, sheet.pilot)
    rate, cap = limits.rate_bps, limits.cap
    if rate is None and cap is None:
        return
    lines: dict[str, list[Line]] = defaultdict(list)
    for line in sheet.lines:
        if line.enterprise:
            lines[line.enterprise].append(line)
    for own_lines in lines.values():
        if rate is not None:
            total = _contract_totals(own_lines)
            shown: dict[str, Value] = {"rate": percent(rate), "total": yuan(total)}
            yield from _broken(sheet, "enterprise.rate", own_lines, total * rate // WHOLE, shown)
        if cap is not None:
            yield from _broken(sheet, "enterprise.cap", own_lines, cap, {})


def _contract_totals(lines: list[Line]) -> int:
    """Whole amounts of the contracts in fen: each contract once, the largest where rows differ; unnamed ones by row."""
    named: dict[str, int] = {}
    unnamed = 0
    for line in lines:
        if line.contract:
            named[line.contract] = max(named.get(line.contract, 0), line.row.total or 0)
        else:
            unnamed += line.row.total or 0
    return sum(named.values()) + unnamed


def _broken(sheet: Sheet, code: str, lines: list[Line], limit: int, shown: dict[str, Value]) -> list[Finding]:
    contracts: dict[tuple[str, str], Contract] = {}
    running, first = 0, None
    for line in lines:
        key = (line.category, line.contract)
        entry = contracts.setdefault(key, Contract())
        before = entry.sums(bool(line.contract)).arranged
        entry.add(line.row.kind, line.row.amount)
        running += entry.sums(bool(line.contract)).arranged - before
        if running > limit and first is None:
            first = line
    if first is None or running <= limit:
        return []
    amounts = {"amount": yuan(running), "limit": yuan(limit)}
    return find(sheet.book, code, first.row.number, enterprise=first.row.enterprise, **amounts, **shown)
