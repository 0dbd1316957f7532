"""The arithmetic of scores, in integer hundredths of a point."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketplace.base.errors import Invalid
from marketplace.base.text import N_, Text
from marketplace.procedure.panels.events import Result

ENOUGH_TO_DROP = 5
"""With at least so many sheets the highest and the lowest are left out."""
HUNDRED = 100


@dataclass(frozen=True)
class Criterion:
    """One line of the scoring table; `max` in hundredths of a point."""

    code: str
    label: str
    max: int


@dataclass(frozen=True)
class Given:
    """What an expert gives for one criterion: points in hundredths, and why."""

    points: int
    reason: str


def check_sheet(criteria: Sequence[Criterion], given: Mapping[str, Given]) -> None:
    """Refuse a sheet that misses a criterion, exceeds a maximum, or gives no reason; every fault beside its field."""
    errors: dict[str, list[Text | str]] = {}
    for criterion in criteria:
        found = given.get(criterion.code)
        if found is None:
            errors[criterion.code] = [N_("每一项都要打分。")]
        elif not 0 <= found.points <= criterion.max:
            values = {"max": plain(criterion.max)}
            errors[criterion.code] = [Text(N_("分值应在 0 到 {max} 之间。"), values)]
        elif len(found.reason.strip()) < 2:
            errors[f"{criterion.code}_reason"] = [N_("请写明打分理由。")]
    for code in given.keys() - {c.code for c in criteria}:
        errors[code] = [N_("评分表中没有此项。")]
    if errors:
        raise Invalid(errors, "score.invalid")


def result(candidate_id: uuid.UUID, sheets: Sequence[Mapping[str, int]]) -> Result:
    """The result from complete sheets (criterion → hundredths): one highest and one lowest left out when five or more.

    Means are rounded half up to a hundredth of a point.
    """
    if not sheets:
        return Result(candidate_id, 0, 0, 0, {})
    ordered = sorted(sheets, key=lambda sheet: sum(sheet.values()))
    totals = [sum(sheet.values()) for sheet in ordered]
    counted = ordered[1:-1] if len(ordered) >= ENOUGH_TO_DROP else ordered
    means = {code: mean([sheet[code] for sheet in counted]) for code in counted[0]}
    total = mean([sum(sheet.values()) for sheet in counted])
    return Result(candidate_id, total, totals[-1] - totals[0], len(sheets), means)


def mean(values: Sequence[int]) -> int:
    """The mean of non-negative whole numbers, rounded half up."""
    return (2 * sum(values) + len(values)) // (2 * len(values))


def plain(hundredths: int) -> str:
    """Hundredths as people write points: 1250 is 12.5."""
    whole, rest = divmod(hundredths, HUNDRED)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".")
