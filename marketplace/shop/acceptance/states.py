"""What an acceptance may conclude."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class Result(StrEnum):
    PASSED = "passed"
    RECTIFY = "rectify"
    FAILED = "failed"


RESULT = Lifecycle(
    "acceptance",
    {},
    labels={Result.PASSED: N_("通过"), Result.RECTIFY: N_("限期整改"), Result.FAILED: N_("不通过")},
    tones={Result.PASSED: "ok", Result.RECTIFY: "warn", Result.FAILED: "bad"},
    attribute="result",
)
