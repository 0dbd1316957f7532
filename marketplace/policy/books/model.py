"""What a rule book holds. Money is integer fen, shares are ten-thousandths (bps), clauses as the notice writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
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
    """A class of pilot: award cap in fen (四(一)) and the least number of renovated enterprises (二(二))."""

    award_cap: Fen
    minimum_enterprises: int
    minimum_clause: Clause


@dataclass(frozen=True, kw_only=True)
class Focus(Item):
    """What the members of a pilot must belong to: the one cluster a zone names, the chain a county chose."""

    kind: str = _choice("cluster", "chain")
    key_enterprises_only: bool = False
    key_clause: Clause


@dataclass(frozen=True, kw_only=True)
class PilotType(Item):
    """A kind of pilot area with its split of the money, its categories, its classes and its nomination quota."""

    renovation_floor_bps: Bps
    other_ceiling_bps: Bps
    share_clause: Clause
    quota_clause: Clause
    quota: Mapping[str, int]
    focus: Focus
    classes: Mapping[str, PilotClass]
    categories: Mapping[str, Category]

    def bucket(self, code: str) -> str | None:
        """``renovation``, ``other``, or None for a code that is no category of this type."""
        category = self.categories.get(code)
        return category.bucket if category else None


@dataclass(frozen=True, kw_only=True)
class Batch(Item, Ceiling):
    """The calendar of one batch: last days of the two years of implementation, both inclusive (四(一))."""

    year1_end: date
    year2_end: date
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
        """The place of a level from 1, written in full or by its number alone (``L6``, ``6``), or None."""
        wanted = level.strip().casefold()
        for place, step in enumerate(self.levels, start=1):
            if wanted and wanted in (step.casefold(), step.strip("Ll").casefold()):
                return place
        return None


@dataclass(frozen=True, kw_only=True)
class Targets:
    """What renovated enterprises must reach (二(二)) and how many must be key links of the chain (二(一))."""

    level_clause: Clause
    key_link_level: str
    other_level: str
    key_link_clause: Clause
    key_link_share_bps: Bps


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
    advice_zh: Mapping[str, Template] = field(default_factory=dict)
    advice_en: Mapping[str, Template] = field(default_factory=dict)
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
    checks_applied: tuple[str, ...]
    findings_applied: tuple[str, ...]
    city_classes: Mapping[str, Item]
    types: Mapping[str, PilotType]
    batches: Mapping[str, Batch]
    tranches: Mapping[str, Tranche]
    prohibited: Mapping[str, Prohibited]
    other_support: OtherSupport
    level_scale: LevelScale
    targets: Targets
    bases: Mapping[str, Base]
    checks: Mapping[str, CheckRule]
    findings: Mapping[str, FindingRule]
    application: Application
    selection: Selection
    acceptance: Acceptance
    steps: Mapping[str, Item]
    duties: Mapping[str, Item]
    reports: Mapping[str, Report]
    sanctions: Mapping[str, Sanction]
    content_hash: str = field(default="", metadata={"made": True})
