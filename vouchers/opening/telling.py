"""What a page or a program is told of an opening: the same for one under judgement and one that was released."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from marketplace.base.context import Context
from marketplace.base.text import Bilingual, Text
from vouchers.ledger.models.openings import Opening
from vouchers.ledger.states import OpeningState
from vouchers.opening import judging, queries
from vouchers.opening.judging import SHOWN, Judged


@dataclass(frozen=True)
class Said:
    """A check, a finding or a fault in words."""

    code: str
    clause: str
    status: str
    text: Text
    base: str | None = None
    row: int | None = None
    rows: tuple[int, ...] = ()

    @property
    def severity(self) -> str:
        return self.status


@dataclass(frozen=True)
class Told:
    """Everything said of an opening; `judged` is None once it is released or withdrawn."""

    opening: Opening
    status: str | None = None
    checks: list[Said] = field(default_factory=list)
    findings: list[Said] = field(default_factory=list)
    counts: list[tuple[str, str, int]] = field(default_factory=list)
    faults: list[Said] = field(default_factory=list)
    judged: Judged | None = None

    @property
    def more(self) -> int:
        """Findings that are not listed one by one."""
        return sum(number for _, _, number in self.counts) - len(self.findings)


def tell(ctx: Context, opening: Opening) -> Told:
    """What the engine says of an opening as if it were imported today, or said when it was released."""
    if opening.state is OpeningState.RELEASED:
        return _kept(opening)
    if opening.state is OpeningState.WITHDRAWN:
        return Told(opening)
    found = judging.judged(ctx, opening, queries.engine_rows(ctx, opening.id))
    return Told(
        opening,
        found.verdict.status,
        [
            Said(c.code, c.clause, c.status, Bilingual(c.message_zh, {}, c.message_en), base=c.base)
            for c in found.verdict.checks
        ],
        [
            Said(f.finding.code, f.finding.clause, f.finding.severity, f.text, row=f.finding.row)
            for f in found.findings[:SHOWN]
        ],
        found.counts,
        [Said(fault.code, fault.clause, "fail", fault.text, rows=fault.rows) for fault in found.faults],
        found,
    )


def _kept(opening: Opening) -> Told:
    kept: dict[str, Any] = opening.judged or {}
    return Told(
        opening,
        kept.get("status"),
        [Said(c["code"], c["clause"], c["status"], _words(c), base=c["base"]) for c in kept.get("checks", ())],
        [
            Said(f["code"], f["clause"], f["severity"], judging.CONFLICT if f["live"] else _words(f), row=f["row"])
            for f in kept.get("rows", ())
        ],
        [(f["code"], f["severity"], f["count"]) for f in kept.get("findings", ())],
    )


def _words(kept: dict[str, str]) -> Text:
    return Bilingual(kept["zh"], {}, kept["en"])
