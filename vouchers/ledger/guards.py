"""The triggers of the ledger for each database, as `marketplace db check` compares them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from marketplace.base.db import named_statements

_FILES = Path(__file__).parent / "triggers"


@cache
def triggers(dialect: str) -> dict[str, str]:
    """Functions and triggers of a dialect, in the order of their creation: name → CREATE statement."""
    return named_statements((_FILES / f"{dialect}.sql").read_text(encoding="utf-8"))


@cache
def openings(dialect: str) -> dict[str, str]:
    """The same for what pilots bring along, whose tables came later."""
    return named_statements((_FILES / f"openings_{dialect}.sql").read_text(encoding="utf-8"))
