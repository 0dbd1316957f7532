"""The pilot office buys a platform and a course by contract; parts are accepted, one contract is cut back."""

from __future__ import annotations

from marketplace.base.stage import Scene, Stage


def scenes() -> list[Scene]:
    return []


def _nothing(stage: Stage) -> None: ...
