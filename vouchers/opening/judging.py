"""What the one engine says of a sheet as if it were imported: together with all that the live books already hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.base.context import Context
from marketplace.base.text import N_, Bilingual, Text
from marketplace.pilots.programmes import queries as pilots
from marketplace.policy.books.model import Book
from marketplace.policy.engine.detect import derive
from marketplace.policy.engine.facts import Addition, project
from marketplace.policy.engine.finding import Finding
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.room import allot as judge_allotment
from marketplace.policy.engine.rows import Row, folded
from marketplace.policy.engine.verdict import Check, Verdict
from vouchers.funds import queries as funds
from vouchers.ledger.models.openings import Opening
from vouchers.opening import rules
from vouchers.opening.rules import Fault, Group
from vouchers.reports import rows as sheet

SHOWN = 200
"""Findings that are listed one by one; the rest are counted by code."""
CONFLICT = Text(N_("与平台账上已有的记录冲突，请核对。"))


@dataclass(frozen=True)
class Found:
    """A finding on a row of the sheet; `live` says that the other side of it stands in the books already."""

    finding: Finding
    live: bool

    @property
    def text(self) -> Text:
        """Its sentence; a number of a row that is not of this sheet would mean nothing."""
        if self.live:
            return CONFLICT
        return Bilingual(self.finding.message_zh, {}, self.finding.message_en)


@dataclass(frozen=True)
class Line:
    """What a category gains, in fen: arranged and paid by the sheet, unissued on its line, to be allotted to it."""

    category: str
    arranged: int
    paid: int
    unissued: int
    short: int


@dataclass(frozen=True)
class Judged:
    """A sheet under the rules: the verdict as if imported, its rows' findings, and what stands against importing it."""

    verdict: Verdict
    findings: Sequence[Found]
    faults: Sequence[Fault]
    lines: Sequence[Line]
    groups: Sequence[Group]

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """Code, severity and number of the findings, the failing first."""
        found = Counter((f.finding.code, f.finding.severity) for f in self.findings)
        return sorted(((c, s, n) for (c, s), n in found.items()), key=lambda entry: (entry[1], entry[0]))

    @property
    def failing(self) -> dict[str, list[Finding]]:
        """The findings that fail, by code."""
        found: dict[str, list[Finding]] = {}
        for entry in self.findings:
            if entry.finding.severity == "fail":
                found.setdefault(entry.finding.code, []).append(entry.finding)
        return found

    def kept(self) -> dict[str, Any]:
        """What is written down with a release: status, checks, and how many findings of each code."""
        return {
            "status": self.verdict.status,
            "checks": [
                {"code": c.code, "base": c.base, "clause": c.clause, "status": c.status} | _words(c)
                for c in self.verdict.checks
            ],
            "findings": [{"code": code, "severity": severity, "count": n} for code, severity, n in self.counts],
            "rows": [
                {"row": f.finding.row, "code": f.finding.code, "severity": f.finding.severity, "live": f.live}
                | {"clause": f.finding.clause}
                | _words(f.finding)
                for f in self.findings[:SHOWN]
            ],
        }


def _words(item: Check | Finding) -> dict[str, str]:
    return {"zh": item.message_zh, "en": item.message_en}


def judged(ctx: Context, opening: Opening, rows: list[Row]) -> Judged:
    """Judge the rows of an opening that is not released yet, with the rows of the pilot's books, as of today."""
    book, pilot = pilots.book(ctx, opening.pilot_id), funds.judged_pilot(ctx, opening.pilot_id)
    live = list(sheet.live(ctx, opening.pilot_id, ctx.today, book))
    before = judge(book, pilot, derive(book, pilot, live))
    after = judge(book, pilot, derive(book, pilot, live + rows))
    findings = [Found(f, _first(f) < 0) for f in after.findings if f.row is not None and f.row > 0]
    found = rules.groups(rows)
    lines = _lines(ctx, opening, found)
    known = {folded(row.contract): row.contract for row in live if row.contract}
    faults = [
        *rules.faults_of_rows(rows),
        *_blocking(findings),
        *rules.faults_of_groups(found, known),
        *_broken(before, after),
    ]
    if not faults:
        faults += _rooms(ctx, opening, book, lines)
    return Judged(after, findings, faults, lines, found)


def _first(finding: Finding) -> int:
    """The other row that a finding names: those of the books have numbers below zero."""
    first = finding.values.get("first", 1)
    return first if isinstance(first, int) else 1


def _blocking(findings: Sequence[Found]) -> list[Fault]:
    """Rows that no line can take, one fault for each code, in the words of its first row."""
    by_code: dict[str, list[Finding]] = {}
    for entry in findings:
        if entry.finding.code in rules.BLOCKING:
            by_code.setdefault(entry.finding.code, []).append(entry.finding)
    return [
        Fault(
            code,
            found[0].clause,
            Bilingual(found[0].message_zh, {}, found[0].message_en),
            tuple(f.row for f in found if f.row is not None),
        )
        for code, found in by_code.items()
    ]


def _broken(before: Verdict, after: Verdict) -> list[Fault]:
    """Limits of money that hold now and would not with the sheet: award, receipts, ceiling, floor (四(一), 四(二))."""
    held = {(check.code, check.base) for check in before.checks if check.status != "fail"}
    return [
        Fault(check.code, check.clause, Bilingual(check.message_zh, {}, check.message_en))
        for check in after.failed
        if not check.counts and (check.code, check.base) in held
    ]


def _lines(ctx: Context, opening: Opening, found: Sequence[Group]) -> list[Line]:
    unissued = {
        state.line.category: state.available for state in funds.by_fund(ctx, funds.governed(ctx, opening.pilot_id))
    }
    sums: dict[str, list[int]] = {}
    for group in found:
        entry = sums.setdefault(group.category, [0, 0])
        entry[0] += max(group.arranged, 0)
        entry[1] += group.paid
    return [
        Line(category, arranged, paid, unissued.get(category, 0), max(0, arranged - unissued.get(category, 0)))
        for category, (arranged, paid) in sums.items()
    ]


def _rooms(ctx: Context, opening: Opening, book: Book, lines: Sequence[Line]) -> list[Fault]:
    """Whether what the lines lack may be allotted to them, one after the other (四(二))."""
    pilot, facts = funds.judged_pilot(ctx, opening.pilot_id), funds.allotted(ctx, opening.pilot_id)
    found = []
    for line in lines:
        if not line.short:
            continue
        for finding in judge_allotment(book, pilot, facts, line.category, line.short):
            found.append(Fault(finding.code, finding.clause, Bilingual(finding.message_zh, {}, finding.message_en)))
        facts = project(facts, [Addition(line.category, arranged=line.short)])
    return found
