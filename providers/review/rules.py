"""The ranking: pure arithmetic on integer hundredths."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketplace.procedure.panels.scoring import HUNDRED
from marketplace.shop.roster.states import ServiceClass


@dataclass(frozen=True)
class Scored:
    """A qualified application with its result; `means` per criterion, all in hundredths."""

    application_id: uuid.UUID
    klass: ServiceClass
    score: int
    means: Mapping[str, int]


@dataclass(frozen=True)
class Ranked:
    """A place in one class."""

    application_id: uuid.UUID
    klass: ServiceClass
    place: int
    score: int
    passed: bool
    proposed: bool


def rank(
    scored: Sequence[Scored], *, seats: Mapping[str, int], pass_line: int, tie_break: Sequence[str]
) -> list[Ranked]:
    """Places by class: the total, then the criteria of `tie_break` in order; who is still equal shares the place.

    Proposed is who reaches `pass_line` (points) and whose place is within the seats of the class; equals at the last
    seat are all proposed, because nothing in the call's terms could part them.
    """
    found: list[Ranked] = []
    for klass in ServiceClass:
        of_class = [s for s in scored if s.klass is klass]
        keyed = sorted(((_key(s, tie_break), s) for s in of_class), key=lambda pair: pair[0], reverse=True)
        place, last = 0, None
        for position, (key, one) in enumerate(keyed, start=1):
            if key != last:
                place, last = position, key
            passed = one.score >= pass_line * HUNDRED
            proposed = passed and place <= seats.get(klass.value, 0)
            found.append(Ranked(one.application_id, klass, place, one.score, passed, proposed))
    return found


def _key(scored: Scored, tie_break: Sequence[str]) -> tuple[int, ...]:
    return (scored.score, *(scored.means.get(code, 0) for code in tie_break))
