"""From what stands against an act to the refusal of it, in the book's own words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marketplace.base.errors import Refusal
from marketplace.base.text import Bilingual
from marketplace.policy.engine.finding import Finding


def refuse(findings: Iterable[Finding], *, field: str | None = None) -> None:
    """Raise one `Refusal` for the findings that fail; nothing where none does.

    Code and clause are those of the first, the values too where two say the same name; the sentence holds all of
    them, already filled. `field` names the input at fault.
    """
    failing = [finding for finding in findings if finding.severity == "fail"]
    if not failing:
        return
    refusal = Refusal(failing[0].code, failing[0].message_zh, clause=failing[0].clause, field=field)
    values: dict[str, Any] = {}
    for finding in reversed(failing):
        values |= {k: Bilingual(v[0], {}, v[1]) if isinstance(v, tuple) else v for k, v in finding.values.items()}
    refusal.text = Bilingual(
        "".join(finding.message_zh for finding in failing), values, " ".join(finding.message_en for finding in failing)
    )
    raise refusal
