"""A second, plain reading of whole subsidies, with fractions, and random cases for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Any

from hypothesis import strategies as st

from marketplace.policy.books.keys import Bps, Clause, Fen
from marketplace.policy.books.subsidy import Bonus, Cap, Cost, Minimum, Rate, Share, Slice, Subsidy
from marketplace.policy.engine.project import Expense, Grant, Project

DAY = date(2025, 6, 30)
SAID: dict[str, Any] = {"clause": Clause("一"), "name_zh": "规则", "name_en": "rule"}
TYPES = ("software", "hardware", "training")


def plainly(amount: Fraction, mode: str) -> int:
    """A fraction of a fen as the words of the mode mean it."""
    if mode == "down":
        return floor(amount)
    if mode == "up":
        return ceil(amount)
    below, rest = floor(amount), amount - floor(amount)
    if rest == Fraction(1, 2):
        return below + (1 if mode == "half_up" else below % 2)
    return below + (rest > Fraction(1, 2))


@dataclass
class Case:
    """What the paper says and what was spent; amounts in fen, shares in ten-thousandths, None for no such rule."""

    mode: str
    spent: list[tuple[str, int]]
    counts: dict[str, tuple[str, int]] = field(default_factory=dict)
    hardware: int | None = None
    spend: tuple[int, str] | None = None
    slices: list[tuple[int | None, int]] = field(default_factory=list)
    inside: tuple[int | None, int] | None = None
    subsidy: tuple[int, str] | None = None
    caps: list[int] = field(default_factory=list)
    earlier: int = 0
    outside: tuple[int | None, int] | None = None

    def plain(self) -> int | None:
        """What the project gets, None for a refusal: read from the top."""
        counted: dict[str, Fraction] = {}
        for kind in {kind for kind, _ in self.spent}:
            own = sum(amount for name, amount in self.spent if name == kind)
            how, bps = self.counts.get(kind, ("full", 0))
            shares = {"full": Fraction(1), "not": Fraction(0), "part": Fraction(bps, 10_000)}
            counted[kind] = Fraction(plainly(own * shares[how], self.mode))
        if self.hardware is not None and "hardware" in counted:
            most = floor(Fraction(sum(amount for _, amount in self.spent) * self.hardware, 10_000))
            counted["hardware"] = min(counted["hardware"], Fraction(most))
        eligible = int(sum(counted.values()))
        if self.spend and eligible < self.spend[0]:
            if self.spend[1] == "refuse" or not self.spent:
                return None
            eligible = self.spend[0]
        paid, start = Fraction(0), 0
        for end, bps in self.slices:
            top = eligible if end is None else min(eligible, end)
            paid += Fraction(max(0, top - start) * bps, 10_000)
            start = max(start, top)
        subsidy = plainly(paid, self.mode)
        subsidy += self._bonus(self.inside, eligible)
        if self.subsidy and subsidy < self.subsidy[0]:
            if self.subsidy[1] == "refuse" or not self.spent:
                return None
            subsidy = self.subsidy[0]
        for cap in self.caps:
            subsidy = min(subsidy, max(0, cap - self.earlier))
        return subsidy + self._bonus(self.outside, eligible)

    def _bonus(self, bonus: tuple[int | None, int] | None, eligible: int) -> int:
        if bonus is None or not eligible:
            return 0
        bps, amount = bonus
        return amount if bps is None else plainly(Fraction(eligible * bps, 10_000), self.mode)

    def rules(self) -> Subsidy:
        """The same as a book says it."""
        bonuses = {}
        for name, bonus in (("inside", self.inside), ("outside", self.outside)):
            if bonus is not None:
                worth = {"amount": Fen(bonus[1])} if bonus[0] is None else {"bps": Bps(bonus[0])}
                bonuses[name] = Bonus(code=name, **SAID, inside_cap=name == "inside", **worth)
        minimums = {
            of: Minimum(code=of, **SAID, of=of, amount=Fen(found[0]), otherwise=found[1])
            for of, found in (("spend", self.spend), ("subsidy", self.subsidy))
            if found
        }
        costs = {
            kind: Cost(code=kind, **SAID, counts=how, part_bps=Bps(bps) if how == "part" else None)
            for kind, (how, bps) in self.counts.items()
        }
        slices = tuple(Slice(up_to=None if end is None else Fen(end), bps=Bps(bps)) for end, bps in self.slices)
        flat = slices[0].bps if len(slices) == 1 else None
        share = Share(code="x", **SAID, cost_types=("hardware",), base="project", most_bps=Bps(self.hardware or 0))
        return Subsidy(
            clause=Clause("一"),
            rounding=self.mode,
            unlisted="full",
            costs=costs,
            shares={} if self.hardware is None else {"x": share},
            minimums=minimums,
            rates={"x": Rate(code="x", **SAID, bps=flat, slices=() if flat is not None else slices)},
            bonuses=bonuses,
            caps={str(n): Cap(code=str(n), **SAID, amount=Fen(cap)) for n, cap in enumerate(self.caps)},
        )

    def project(self) -> Project:
        expenses = tuple(Expense(type=kind, net_fen=fen, gross_fen=fen) for kind, fen in self.spent)
        before = (Grant(day=DAY, amount_fen=self.earlier, enterprise="E", claim="old"),) if self.earlier else ()
        return Project(enterprise="E", claim="C", day=DAY, expenses=expenses, earlier=before)


fen = st.sampled_from([0, 1, 2, 99, 101, 333_333, 10_000_001]) | st.integers(0, 50_000_000)
shares = st.sampled_from([1, 3333, 5000, 9999, 10_000]) | st.integers(1, 10_000)
bonuses = st.none() | st.tuples(shares, st.just(0)) | st.tuples(st.none(), fen.filter(bool))
least = st.none() | st.tuples(fen.filter(bool), st.sampled_from(["refuse", "raise"]))


@st.composite
def slices(draw: Any) -> list[tuple[int | None, int]]:
    ends = sorted(draw(st.sets(st.integers(1, 20_000_000), max_size=3)))
    return [(end, draw(shares)) for end in [*ends, None]]


cases = st.builds(
    Case,
    mode=st.sampled_from(["down", "up", "half_up", "half_even"]),
    spent=st.lists(st.tuples(st.sampled_from(TYPES), fen), max_size=5),
    counts=st.dictionaries(
        st.sampled_from(TYPES), st.tuples(st.sampled_from(["full", "part", "not"]), shares), max_size=3
    ),
    hardware=st.none() | shares,
    spend=least,
    slices=slices(),
    inside=bonuses,
    subsidy=least,
    caps=st.lists(fen.filter(bool), max_size=3),
    earlier=st.sampled_from([0, 0, 1, 5_000_000]),
    outside=bonuses,
)
