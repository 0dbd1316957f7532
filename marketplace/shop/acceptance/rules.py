"""How a judgement follows from the scores of the angles, the level and the finance check (notice 二(五), 二(二))."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_, Text
from marketplace.policy.books.model import LevelScale
from marketplace.shop.acceptance.states import Result

PASS_POINTS = 60
"""The notice names the angles, neither weights nor a pass line (二(五)): each angle counts alike, and a mean of 60 of
100 passes."""


def points_of(scores: Mapping[str, int], angles: Iterable[str]) -> int | None:
    """The mean of the angles' scores (0-100 each), rounded down; None under a book that names no angles.

    Refuses a missing, foreign or impossible score.
    """
    wanted = list(angles)
    faults: dict[str, list[Text | str]] = {}
    for angle in wanted:
        score = scores.get(angle)
        if score is None or not 0 <= score <= 100:
            faults[f"score_{angle}"] = [N_("请给出 0 至 100 的分数。")]
    if faults or set(scores) - set(wanted):
        raise Invalid(faults or {"scores": [N_("请按规则书列出的角度打分。")]})
    return sum(scores[angle] for angle in wanted) // len(wanted) if wanted else None


def rank_of(level: str, scale: LevelScale) -> int:
    """The place of a level on the scale, lowest 1; refuses one that the scale does not have."""
    rank = scale.rank(level)
    if rank is None:
        raise Invalid({"level_after": [N_("请从评价标准的级别中选择。")]})
    return rank


def check_pass(
    result: Result, *, points: int | None, level: int, target: int, scale: LevelScale, finance_clean: bool
) -> None:
    """Refuse to pass what misses the points (where there are any), the level or the finance check; the other results
    are free."""
    if result is not Result.PASSED:
        return
    if level < target:
        raise Refusal(
            "level.below_target",
            N_("改造后水平为 {level}，未达到目标 {target}，不能通过验收；可选择限期整改。"),
            clause="二(二)",
            field="level_after",
            level=scale.levels[level - 1],
            target=scale.levels[target - 1],
        )
    if points is not None and points < PASS_POINTS:
        raise Refusal(
            "acceptance.below_pass",
            N_("综合得分 {points} 分，低于合格线 {line} 分，不能通过验收。"),
            clause="二(五)",
            field="result",
            points=points,
            line=PASS_POINTS,
        )
    if not finance_clean:
        raise Refusal(
            "acceptance.finance_open", N_("财务核查尚有问题，不能通过验收。"), clause="二(五)", field="finance_clean"
        )
