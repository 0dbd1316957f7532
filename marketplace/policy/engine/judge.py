"""The one judge: compares facts with a book and says pass, open, warn or fail, with clause and arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from marketplace.policy.books.keys import Bps
from marketplace.policy.books.model import Book, CheckRule, PilotClass, PilotType
from marketplace.policy.engine.facts import Facts, Sums
from marketplace.policy.engine.finding import Value
from marketplace.policy.engine.pilot import Pilot
from marketplace.policy.engine.verdict import FAIL, OPEN, PASS, WHOLE, Check, Verdict, cut, percent, yuan


def judge(book: Book, pilot: Pilot, facts: Facts) -> Verdict:
    """The verdict on a pilot under a book. Pure: the day is `pilot.as_of`, money is fen.

    Makes the checks that the book applies, in its order, and takes over the findings of the facts by row, then code.
    """
    case = Case(book, pilot, facts)
    checks = [check for code in book.checks_applied for check in _CHECKS[code](case, book.checks[code])]
    findings = sorted(facts.findings, key=lambda finding: (finding.row or 0, finding.code))
    return Verdict(book, pilot, facts, tuple(checks), tuple(findings))


@dataclass(frozen=True)
class Case:
    """One pilot under one book, with the sums that several checks share."""

    book: Book
    pilot: Pilot
    facts: Facts

    @cached_property
    def kind(self) -> PilotType:
        """The pilot's type in the book."""
        return self.pilot.kind_in(self.book)

    @cached_property
    def pilot_class(self) -> PilotClass:
        """The pilot's class in the book."""
        return self.pilot.class_in(self.book)

    @cached_property
    def total(self) -> Sums:
        """Over all categories."""
        return self.facts.total

    @cached_property
    def renovation(self) -> Sums:
        """The bucket with the floor."""
        return self.facts.bucket(self.kind, "renovation")

    @cached_property
    def other(self) -> Sums:
        """The bucket with the ceiling."""
        return self.facts.bucket(self.kind, "other")

    def base(self, code: str) -> int:
        """A denominator of the split, in fen."""
        amounts = {"award": self.pilot.award, "received": self.pilot.received}
        return amounts[code] if code in amounts else self.total.arranged if code == "committed" else self.total.paid

    def tranche_share(self) -> int:
        """The share of the award that may have come by the day of the judgement, in ten-thousandths (四(一))."""
        over = {"approval": True, "year1_end": self.pilot.year1_over, "year2_end": self.pilot.period_over}
        return sum(tranche.share_bps for tranche in self.book.tranches.values() if over[tranche.available])

    def values(self) -> dict[str, Value]:
        """What any check's sentence may show."""
        counts = self.facts.enterprises
        return {
            "award": yuan(self.pilot.award),
            "received": yuan(self.pilot.received),
            "pilot_class": (self.pilot_class.name_zh, self.pilot_class.name_en),
            "tranche_share": percent(self.tranche_share()),
            "selected": counts.selected,
            "renovated": counts.renovated,
            "key_link": counts.key_link,
            "at_level": counts.at_level,
            "unknown": counts.unknown_level,
            "below": counts.below_level,
            "key_link_level": self.book.targets.key_link_level,
            "other_level": self.book.targets.other_level,
            "year1_end": self.pilot.year1_end.isoformat(),
            "year2_end": self.pilot.year2_end.isoformat(),
            "as_of": self.pilot.as_of.isoformat(),
            "base": "",
            "numerator": "",
        }


def floor_limit(base: int, bps: Bps) -> int:
    """The least amount that is `bps` of a base, rounded up to the fen; 0 for a base that is not positive."""
    return max(0, -(-base * bps // WHOLE))


def ceiling_limit(base: int, bps: Bps) -> int:
    """The greatest amount that is `bps` of a base, rounded down to the fen; 0 for a base that is not positive."""
    return max(0, base * bps // WHOLE)


def _at_most(case: Case, rule: CheckRule, actual: int, limit: int) -> list[Check]:
    lack = actual - limit
    return [Check(rule, PASS if lack <= 0 else FAIL, limit, actual, values=case.values(), lack=lack)]


def _award_cap(case: Case, rule: CheckRule) -> list[Check]:
    return _at_most(case, rule, case.pilot.award, case.pilot_class.award_cap)


def _received_tranche(case: Case, rule: CheckRule) -> list[Check]:
    return _at_most(case, rule, case.pilot.received, case.pilot.award * case.tranche_share() // WHOLE)


def _committed_total(case: Case, rule: CheckRule) -> list[Check]:
    return _at_most(case, rule, case.total.arranged, case.pilot.award)


def _paid_total(case: Case, rule: CheckRule) -> list[Check]:
    return _at_most(case, rule, case.total.paid, case.pilot.received)


def _share(case: Case, rule: CheckRule, code: str, actual: int, bps: Bps, limit: int, lack: int, open_: bool) -> Check:
    base, amount = case.book.bases[code], case.base(code)
    status = OPEN if amount <= 0 else PASS if lack <= 0 else OPEN if open_ else base.miss
    values = case.values()
    values |= {"base": (base.name_zh, base.name_en), "numerator": (base.numerator_zh, base.numerator_en)}
    share = cut(actual, amount) if amount > 0 else None
    return Check(rule, status, limit, actual, code, amount, bps, share, values=values, lack=lack)


def _renovation_floor(case: Case, rule: CheckRule) -> list[Check]:
    bps, checks = case.kind.renovation_floor_bps, []
    for code in rule.bases:
        base, amount = case.book.bases[code], case.base(code)
        actual, total = getattr(case.renovation, base.numerator), getattr(case.total, base.numerator)
        short = bps * amount - actual * WHOLE
        out_of_reach = bps * amount - (amount - (total - actual)) * WHOLE
        open_ = base.reachable and out_of_reach <= 0 and not case.pilot.period_over
        check = _share(case, rule, code, actual, bps, floor_limit(amount, bps), short, open_)
        hangs_on_the_rest = base.reachable and not case.pilot.period_over and check.status != PASS
        checks.append(replace(check, lack=out_of_reach) if hangs_on_the_rest else check)
    return checks


def _other_ceiling(case: Case, rule: CheckRule) -> list[Check]:
    bps, checks = case.kind.other_ceiling_bps, []
    for code in rule.bases:
        amount, actual = case.base(code), getattr(case.other, case.book.bases[code].numerator)
        lack = actual * WHOLE - bps * amount
        checks.append(_share(case, rule, code, actual, bps, ceiling_limit(amount, bps), lack, False))
    return checks


def _target(case: Case, rule: CheckRule, limit: int, actual: int, met: bool) -> Check:
    status = PASS if met else FAIL if case.pilot.period_over else OPEN
    return Check(rule, status, limit, actual, counts=True, values=case.values(), lack=limit - actual)


def _enterprises(case: Case, rule: CheckRule) -> list[Check]:
    limit, actual = case.pilot_class.minimum_enterprises, case.facts.enterprises.renovated
    return [_target(case, rule, limit, actual, actual >= limit and actual > 0)]


def _key_links(case: Case, rule: CheckRule) -> list[Check]:
    counts, bps = case.facts.enterprises, case.book.targets.key_link_share_bps
    limit = floor_limit(counts.selected, bps)
    check = _target(case, rule, limit, counts.key_link, counts.selected > 0 and counts.key_link >= limit)
    share = cut(counts.key_link, counts.selected) if counts.selected else None
    return [replace(check, limit_share=bps, actual_share=share)]


def _levels(case: Case, rule: CheckRule) -> list[Check]:
    counts = case.facts.enterprises
    met = 0 < counts.renovated == counts.at_level
    check = _target(case, rule, counts.renovated, counts.at_level, met)
    status = FAIL if counts.below_level else check.status
    return [replace(check, status=status)]


_CHECKS: dict[str, Callable[[Case, CheckRule], list[Check]]] = {
    "award.cap": _award_cap,
    "received.tranche": _received_tranche,
    "committed.total": _committed_total,
    "paid.total": _paid_total,
    "share.renovation.floor": _renovation_floor,
    "share.other.ceiling": _other_ceiling,
    "targets.enterprises": _enterprises,
    "targets.key_link_share": _key_links,
    "targets.levels": _levels,
}
