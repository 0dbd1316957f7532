"""What looks for suspicions: later chapters register detectors, a job runs those that look each night."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from marketplace.base.context import Context
from marketplace.base.house import Port
from marketplace.base.roles import Role
from marketplace.policy.findings.states import Severity


@dataclass(frozen=True)
class Suspicion:
    """One thing seen. `template` is a Chinese source text, `evidence` its values (texts and whole numbers;
    a list holds words to be translated).

    `fingerprint` tells two suspicions of one detector about the same subject apart; the same one opens no second case.
    """

    subject_kind: str
    subject_id: str
    city: str
    template: str
    evidence: dict[str, Any] = field(default_factory=dict)
    pilot_id: uuid.UUID | None = None
    fingerprint: str = ""
    url: str | None = None


@dataclass(frozen=True)
class Detector:
    """A rule that looks for suspicions: `find(ctx)` gives them, each time all that it sees; without it, acts open cases
    of this code themselves. `evidence` says in words what each value of its suspicions is, `limits` what each of its
    thresholds in ``limits.toml`` is."""

    code: str
    label: str
    clause: str
    severity: Severity
    find: Callable[[Context], Iterable[Suspicion]] | None = None
    owner: Role = Role.CITY
    working_days: int = 10
    evidence: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)


DETECTORS: Port[Detector] = Port("detectors")
"""Detectors of findings, in the order of the story."""
