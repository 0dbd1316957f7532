"""The verdict as the answer that other programs read: keys and forms are a promise, none is ever left out."""

from __future__ import annotations

from typing import Any

from marketplace.base.money import plain
from marketplace.policy.engine.facts import UNKNOWN, Sums
from marketplace.policy.engine.finding import Finding
from marketplace.policy.engine.pilot import Pilot
from marketplace.policy.engine.verdict import WHOLE, Check, Verdict

ENGLISH = "en"


def to_json(verdict: Verdict, language: str = "zh", *, findings: bool = True) -> dict[str, Any]:
    """The answer as a table ready for `json.dumps`; messages in Chinese, or in English for ``en``.

    Without `findings` their list is left empty, for a caller that writes them out one by one.
    """
    return {
        "book": verdict.book.code,
        "book_version": verdict.book.version,
        "pilot": pilot_row(verdict.pilot),
        "as_of": verdict.pilot.as_of.isoformat(),
        "verdict": verdict.status,
        "totals": totals(verdict),
        "checks": [check_row(check, language) for check in verdict.checks],
        "findings": [finding_row(finding, language) for finding in verdict.findings if findings],
    }


def check_row(check: Check, language: str = "zh") -> dict[str, Any]:
    """One check: amounts as decimal strings of yuan or counts as integers, shares as strings of four decimals."""
    return {
        "code": check.code,
        "clause": check.clause,
        "base": check.base,
        "amount": None if check.amount is None else plain(check.amount),
        "limit": check.limit if check.counts else plain(check.limit),
        "actual": check.actual if check.counts else plain(check.actual),
        "limit_share": share(check.limit_share),
        "actual_share": share(check.actual_share),
        "status": check.status,
        "message": check.message_en if language == ENGLISH else check.message_zh,
    }


def finding_row(finding: Finding, language: str = "zh") -> dict[str, Any]:
    """One finding; `row` is null where it is about no row."""
    return {
        "row": finding.row,
        "code": finding.code,
        "severity": finding.severity,
        "clause": finding.clause,
        "message": finding.message_en if language == ENGLISH else finding.message_zh,
    }


def share(bps: int | None) -> str | None:
    """Ten-thousandths as a decimal string: 7000 gives ``0.7000``."""
    if bps is None:
        return None
    sign, value = ("-", -bps) if bps < 0 else ("", bps)
    return f"{sign}{value // WHOLE}.{value % WHOLE:04d}"


def totals(verdict: Verdict) -> dict[str, Any]:
    """Money of the pilot in yuan, in all, by bucket and by category, and the counts of enterprises and rows."""
    facts, kind = verdict.facts, verdict.pilot.kind_in(verdict.book)
    counts, total = facts.enterprises, facts.total
    return {
        "award": plain(verdict.pilot.award),
        "received": plain(verdict.pilot.received),
        "arranged": plain(total.arranged),
        "paid": plain(total.paid),
        "refunded": plain(facts.refunded),
        "renovation": _sums(facts.bucket(kind, "renovation")),
        "other": _sums(facts.bucket(kind, "other")),
        "by_category": {code: _sums(facts.by_category.get(code, Sums())) for code in shown_categories(verdict)},
        "enterprises": {"selected": counts.selected, "renovated": counts.renovated, "key_link": counts.key_link},
        "rows": facts.rows,
        "skipped_rows": facts.skipped_rows,
    }


def shown_categories(verdict: Verdict) -> list[str]:
    """All codes of the type, then the foreign, prohibited and unrecognised ones that occur, in the book's order."""
    book, seen = verdict.book, verdict.facts.by_category
    codes = list(verdict.pilot.kind_in(book).categories)
    foreign = [code for kind in book.types.values() for code in kind.categories]
    order = dict.fromkeys([*foreign, *book.prohibited, *seen])
    order.pop(UNKNOWN, None)
    rest = [code for code in [*order, UNKNOWN] if code in seen and code not in codes]
    return codes + rest


def _sums(sums: Sums) -> dict[str, str]:
    return {"arranged": plain(sums.arranged), "paid": plain(sums.paid)}


def pilot_row(pilot: Pilot) -> dict[str, str]:
    """The values that were used of a pilot, under the keys of a PILOT.toml."""
    return {
        "name": pilot.name,
        "type": pilot.type,
        "class": pilot.pilot_class,
        "award": plain(pilot.award),
        "received": plain(pilot.received),
        "batch": pilot.batch,
        "approved_on": pilot.approved_on.isoformat(),
        "as_of": pilot.as_of.isoformat(),
        "year1_end": pilot.year1_end.isoformat(),
        "year2_end": pilot.year2_end.isoformat(),
    }
