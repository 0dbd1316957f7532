"""What a rule book holds. Money is integer fen, shares are ten-thousandths (bps), clauses as the notice writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from os.path import commonprefix
from types import MappingProxyType
from typing import Any, NewType

Fen = NewType("Fen", int)
"""An amount; a book writes it as a string of yuan: ``"10000000.00"``."""
Bps = NewType("Bps", int)
"""A share in ten-thousandths: 7000 is 70 %."""
Clause = NewType("Clause", str)
"""Where the policy says it: ``四(二)``."""
Template = NewType("Template", str)
"""A sentence with named places: ``{actual}``."""


def _key() -> Any:
    return field(metadata={"key": True})


def _choice(*allowed: str) -> Any:
    return field(metadata={"choice": allowed})


NONE: Mapping[str, Any] = MappingProxyType({})
"""What a policy has no entries of."""


def _none() -> Any:
    return field(default_factory=lambda: NONE)


@dataclass(frozen=True, kw_only=True)
class Named:
    """Something with a Chinese and an English name."""

    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class Item(Named):
    """One provision: its code (the table's own key), clause, name and explanation."""

    code: str = _key()
    clause: Clause
    text_zh: str = ""
    text_en: str = ""


@dataclass(frozen=True, kw_only=True)
class Category(Item):
    """A use of the money; `bucket` decides on which side of the split it stands (四(二))."""

    bucket: str = _choice("renovation", "other")


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """Limits of the help for one enterprise, where a policy has them: a share of its contracts, an amount in fen."""

    enterprise_rate_bps: Bps | None = None
    enterprise_cap: Fen | None = None


@dataclass(frozen=True, kw_only=True)
class PilotClass(Item, Ceiling):
    """A class of pilot: award cap in fen (四(一)), least number of renovated enterprises (二(二)), 0 for none."""

    award_cap: Fen
    minimum_enterprises: int = 0
    minimum_clause: Clause = Clause("")


@dataclass(frozen=True, kw_only=True)
class Focus(Item):
    """What the members of a pilot must belong to: the one cluster a zone names, the chain a county chose."""

    kind: str = _choice("cluster", "chain")
    key_enterprises_only: bool = False
    key_clause: Clause


NO_FOCUS = Focus(code="", clause=Clause(""), name_zh="", name_en="", kind="", key_clause=Clause(""))
"""Where a policy does not ask that the members belong together."""


@dataclass(frozen=True, kw_only=True)
class PilotType(Item):
    """A kind of pilot area with its split of the money, its categories, its classes and its nomination quota."""

    renovation_floor_bps: Bps
    other_ceiling_bps: Bps
    share_clause: Clause
    quota_clause: Clause = Clause("")
    quota: Mapping[str, int] = _none()
    focus: Focus = NO_FOCUS
    classes: Mapping[str, PilotClass]
    categories: Mapping[str, Category]

    def bucket(self, code: str) -> str | None:
        """``renovation``, ``other``, or None for a code that is no category of this type."""
        category = self.categories.get(code)
        return category.bucket if category else None


@dataclass(frozen=True, kw_only=True)
class Batch(Item, Ceiling):
    """One batch: last days of the two years of implementation, both inclusive (四(一)); a pilot of a batch without
    them brings its own."""

    year1_end: date | None = None
    year2_end: date | None = None
    applications_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Tranche(Item):
    """A part of the award, from when it may be there, and whether an evaluation comes first (四(一))."""

    share_bps: Bps
    available: str = _choice("approval", "year1_end", "year2_end")
    evaluation: bool = False


@dataclass(frozen=True, kw_only=True)
class Prohibited(Item):
    """A use that the policy forbids, with the further names by which it is recognised."""

    aliases_zh: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OtherSupport:
    """Which other public money excludes support, and which does not (四(二))."""

    clause: Clause
    excluding_zh: tuple[str, ...]
    excluding_en: tuple[str, ...]
    permitted: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LevelScale(Named):
    """The scale of digital levels, lowest first; targets name its steps (二(二))."""

    code: str
    clause: Clause
    edition_zh: str
    edition_en: str
    levels: tuple[str, ...]

    def rank(self, level: str) -> int | None:
        """The place of a level from 1, or None: written in full (``L6``, ``二级``), without what all steps share
        (``6``, ``二``), or by its place (``2级``)."""
        return self._places.get(level.strip().casefold())

    @cached_property
    def _places(self) -> dict[str, int]:
        steps = [step.casefold() for step in self.levels]
        before = commonprefix(steps) if len(steps) > 1 else ""
        after = commonprefix([step[::-1] for step in steps])[::-1] if len(steps) > 1 else ""
        bare = [step[len(before) : len(step) - len(after)] for step in steps]
        numbers = [str(place) for place in range(1, len(steps) + 1)]
        forms = [steps, bare]
        if not any(name.isdecimal() for name in bare):
            forms += [numbers, [f"{before}{number}{after}" for number in numbers]]
        places: dict[str, int] = {}
        for names in forms:
            for place, name in enumerate(names, start=1):
                if name:
                    places.setdefault(name, place)
        return places


@dataclass(frozen=True, kw_only=True)
class Targets:
    """What renovated enterprises must reach (二(二)) and how many must be key links of the chain (二(一)).

    A level that is not given is no target; a key link without one of its own must reach the level of the others.
    """

    level_clause: Clause = Clause("")
    key_link_level: str = ""
    other_level: str = ""
    key_link_clause: Clause = Clause("")
    key_link_share_bps: Bps = Bps(0)


@dataclass(frozen=True, kw_only=True)
class Base(Named):
    """One denominator of the split: what is measured against it, and how a miss is told.

    `reachable`: a floor that is missed stays open while the rest of the base can still reach it.
    """

    code: str = _key()
    numerator: str = _choice("arranged", "paid")
    numerator_zh: str
    numerator_en: str
    miss: str = _choice("fail", "warn")
    reachable: bool


@dataclass(frozen=True, kw_only=True)
class CheckRule(Item):
    """A check: its arithmetic as a sentence, and what to do, by status."""

    message_zh: Template
    message_en: Template
    advice_zh: Mapping[str, Template] = _none()
    advice_en: Mapping[str, Template] = _none()
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FindingRule:
    """A finding: how severe, by which clause, in which words."""

    code: str = _key()
    clause: Clause
    severity: str = _choice("fail", "warn")
    zh: Template
    en: Template


@dataclass(frozen=True, kw_only=True)
class Condition(Item):
    """A condition of application, declared by the area and shown by evidence (三(一))."""

    types: tuple[str, ...]
    evidence_zh: tuple[str, ...]
    evidence_en: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Application:
    """How an area is put forward (五(一))."""

    clause: Clause
    departments_zh: tuple[str, ...]
    departments_en: tuple[str, ...]
    joint: bool
    once_clause: Clause
    once: bool
    conditions: Mapping[str, Condition]
    documents: Mapping[str, Item]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """How a city finds its providers (二(四))."""

    clause: Clause
    run_by: str = _choice("city", "pilot", "province")
    public: bool
    free_choice: bool
    qualities: Mapping[str, Item]
    deposits: Mapping[str, Item]


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """Who judges a renovation, and from which angles (二(五))."""

    clause: Clause
    led_by: str = _choice("city", "pilot", "province")
    angles: Mapping[str, Item]


@dataclass(frozen=True, kw_only=True)
class Report(Item):
    """A report that a pilot owes; `every_months` is absent where the policy only says "regularly"."""

    every_months: int | None = None


@dataclass(frozen=True, kw_only=True)
class Sanction(Item):
    """What follows from falsification or from a poor evaluation; `years` only for a ban."""

    cause: str = _choice("falsification", "evaluation")
    effect: str = _choice("veto", "ban", "rectify", "suspend", "recover")
    years: int | None = None


NO_SUPPORT_RULE = OtherSupport(clause=Clause(""), excluding_zh=(), excluding_en=())
NO_SCALE = LevelScale(
    code="", clause=Clause(""), name_zh="", name_en="", edition_zh="", edition_en="", levels=()
)  # fmt: skip
NO_APPLICATION = Application(
    clause=Clause(""), departments_zh=(), departments_en=(), joint=False, once_clause=Clause(""), once=False,
    conditions=NONE, documents=NONE,
)  # fmt: skip
NO_ACCEPTANCE = Acceptance(clause=Clause(""), led_by="", angles=NONE)
"""What stands for a part that a policy does not have: it demands nothing."""


@dataclass(frozen=True, kw_only=True)
class Silent:
    """What the text does not say: the question, and who decides it. It reaches a person, the engine never guesses."""

    code: str = _key()
    clause: Clause
    question_zh: str
    question_en: str
    decides_zh: str
    decides_en: str


@dataclass(frozen=True, kw_only=True)
class Book(Named):
    """One policy. `version` and `content_hash` are what a pilot, a scheme or a call keeps of it."""

    code: str
    version: str
    issuers_zh: tuple[str, ...]
    issuers_en: tuple[str, ...]
    effective_from: date
    effective_until: date | None = None
    pilot_years: int
    extends: str | None = None
    removes: tuple[str, ...] = ()
    checks_applied: tuple[str, ...]
    findings_applied: tuple[str, ...]
    city_classes: Mapping[str, Item] = _none()
    types: Mapping[str, PilotType]
    batches: Mapping[str, Batch] = _none()
    tranches: Mapping[str, Tranche] = _none()
    prohibited: Mapping[str, Prohibited] = _none()
    other_support: OtherSupport = NO_SUPPORT_RULE
    level_scale: LevelScale = NO_SCALE
    targets: Targets = Targets()
    bases: Mapping[str, Base] = _none()
    checks: Mapping[str, CheckRule] = _none()
    findings: Mapping[str, FindingRule] = _none()
    application: Application = NO_APPLICATION
    selection: Selection | None = None
    acceptance: Acceptance = NO_ACCEPTANCE
    steps: Mapping[str, Item] = _none()
    duties: Mapping[str, Item] = _none()
    reports: Mapping[str, Report] = _none()
    sanctions: Mapping[str, Sanction] = _none()
    silent: Mapping[str, Silent] = _none()
    content_hash: str = field(default="", metadata={"made": True})
