"""From what stands against an act to the refusal of it, in the book's own words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from marketplace.base.errors import ReasonNeeded, Refusal
from marketplace.base.text import Bilingual
from marketplace.policy.engine.change import Change, Turn
from marketplace.policy.engine.finding import Finding
from marketplace.policy.engine.render import check_row
from marketplace.policy.engine.verdict import Check


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


def refuse_change(change: Change, *, reason: str, field: str | None = None) -> None:
    """Refuse an act that breaks something, in the numbers of what it breaks; else one that warns without a `reason`.

    The code is that of the finding or check, the sentence its arithmetic; `values` holds base, limit and actual.
    `warning.reason_required` brings the warnings along (`ReasonNeeded`).
    """
    refuse(change.uses, field=field)
    if change.broken:
        raise _broken(change.broken, field)
    if change.warnings and not reason.strip():
        raise ReasonNeeded([warned(turn) for turn in change.warnings])


def _broken(checks: Sequence[Check], field: str | None) -> Refusal:
    first = checks[0]
    refusal = Refusal(first.code, first.message_zh, clause=first.clause, field=field)
    row = check_row(first)
    values = {name: row[name] for name in ("base", "amount", "limit", "actual", "limit_share", "actual_share")}
    refusal.text = Bilingual(
        "".join(check.message_zh for check in checks),
        {name: value for name, value in values.items() if value is not None},
        " ".join(check.message_en for check in checks),
    )
    return refusal


def warned(turn: Turn) -> dict[str, Any]:
    """An early warning as answers show it and the record keeps it: the check after the act, its share before it."""
    row = check_row(turn.after)
    kept = {name: row[name] for name in ("code", "clause", "base", "amount", "limit", "actual", "limit_share")}
    kept |= {"actual_share": row["actual_share"], "share_before": check_row(turn.before)["actual_share"]}
    return kept | {"message": Bilingual(turn.after.message_zh, {}, turn.after.message_en)}
