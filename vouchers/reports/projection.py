"""Where a pilot would stand at the end of its period, under two plain assumptions. A projection, never a check.

*At the pace so far*: what was committed and paid in each category since the approval, and the enterprises that ordered
and were accepted, go on growing by the same amount a day until the last day; together no more is committed than was
awarded, and no more paid than committed. *All that is granted is spent*: every voucher in hand becomes an order, and
everything committed is paid; nothing new is granted. In both the whole award has arrived by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from marketplace.policy.engine.facts import Enterprises, Facts, Sums
from marketplace.policy.engine.judge import judge
from marketplace.policy.engine.verdict import PASS, Check, Verdict

PACE, SPENT = "pace", "spent"


@dataclass(frozen=True)
class Expected:
    """One assumption worked out: sums in fen and counts on the last day, and what the book's shares would be then."""

    assumption: str
    arranged: int
    paid: int
    enterprises: Enterprises
    checks: tuple[Check, ...]


def kept(check: Check) -> bool | None:
    """Whether a limit would be kept on the last day; None where there would be nothing to take a share of.

    The early warnings never fail a pilot, but what they would warn of then is a limit that was not kept.
    """
    return None if check.actual_share is None and not check.counts else check.status == PASS


@dataclass(frozen=True)
class Projection:
    """Both assumptions beside what is: `days` since the approval (with that day) and `left` until the last day."""

    until: date
    days: int
    left: int
    today: tuple[Check, ...]
    pace: Expected
    spent: Expected


def project(verdict: Verdict, granted: Mapping[str, int]) -> Projection | None:
    """The projection of a pilot from its verdict and what is granted and unused by category (fen); None at the end."""
    pilot = verdict.pilot
    days, left = (pilot.as_of - pilot.approved_on).days + 1, (pilot.year2_end - pilot.as_of).days
    if days < 1 or left < 1:
        return None
    paced = _paced(verdict.facts, pilot.award, days, left)
    return Projection(
        pilot.year2_end,
        days,
        left,
        _shown(verdict),
        _expected(PACE, verdict, paced),
        _expected(SPENT, verdict, _spent(verdict.facts, granted)),
    )


def _expected(assumption: str, verdict: Verdict, facts: Facts) -> Expected:
    over = replace(
        verdict.pilot,
        received=verdict.pilot.award,
        as_of=verdict.pilot.year2_end + timedelta(days=1),  # what is not met on the last day is not met
    )
    found = _shown(judge(verdict.book, over, facts))
    return Expected(assumption, facts.total.arranged, facts.total.paid, facts.enterprises, found)


def _shown(verdict: Verdict) -> tuple[Check, ...]:
    """The shares on each base, and the number of enterprises: what a projection can say anything of."""
    return tuple(c for c in verdict.checks if c.base is not None or c.code == "targets.enterprises")


def _paced(facts: Facts, award: int, days: int, left: int) -> Facts:
    grown = {code: sums.arranged * left // days if sums.arranged > 0 else 0 for code, sums in facts.by_category.items()}
    room, wanted = max(award - facts.total.arranged, 0), sum(grown.values())
    if wanted > room:
        grown = {code: more * room // wanted for code, more in grown.items()}
    later = {}
    for code, sums in facts.by_category.items():
        arranged = sums.arranged + grown[code]
        later[code] = Sums(arranged, min(arranged, sums.paid + max(sums.paid, 0) * left // days))
    counts = facts.enterprises
    renovated = counts.at_level + counts.at_level * left // days
    more = Enterprises(
        selected=counts.selected + counts.selected * left // days,
        key_link=counts.key_link + counts.key_link * left // days,
        at_level=renovated,
        below_level=counts.below_level,
        unknown_level=counts.unknown_level,
    )
    return replace(facts, by_category=later, enterprises=more, findings=())


def _spent(facts: Facts, granted: Mapping[str, int]) -> Facts:
    later = {}
    for code in dict.fromkeys([*facts.by_category, *granted]):
        arranged = facts.by_category.get(code, Sums()).arranged + granted.get(code, 0)
        later[code] = Sums(arranged, arranged)
    return replace(facts, by_category=later, findings=())
