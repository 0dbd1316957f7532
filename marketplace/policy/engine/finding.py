"""What was found: one case against one provision, on a row of a sheet or about a single act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marketplace.policy.books.model import Book, FindingRule

Value = str | int | tuple[str, str]
"""A value in a sentence; a pair is its Chinese and its English form."""


def filled(template: str, values: Mapping[str, Value], place: int) -> str:
    """The sentence with its values; `place` picks from pairs: 0 Chinese, 1 English."""
    chosen = {name: value[place] if isinstance(value, tuple) else value for name, value in values.items()}
    return template.format(**chosen)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `row` counts as the spreadsheet shows it, and is None for an act; sentences are made when read."""

    rule: FindingRule
    values: Mapping[str, Value] = field(default_factory=dict)
    row: int | None = None

    @property
    def code(self) -> str:
        """The stable code: ``use.prohibited``."""
        return self.rule.code

    @property
    def severity(self) -> str:
        """``fail`` or ``warn``."""
        return self.rule.severity

    @property
    def clause(self) -> str:
        """Where the policy says it."""
        return self.rule.clause

    @property
    def message_zh(self) -> str:
        """The sentence in Chinese."""
        return filled(self.rule.zh, self.values, 0)

    @property
    def message_en(self) -> str:
        """The sentence in English."""
        return filled(self.rule.en, self.values, 1)


def find(book: Book, code: str, row: int | None = None, /, **values: Any) -> list[Finding]:
    """The finding in a list, or an empty list where the book has no such rule."""
    rule = book.findings.get(code)
    return [] if rule is None else [Finding(rule, values, row)]
