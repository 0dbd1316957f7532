"""Marking texts for translation below the web, where no locale is known yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def N_(text: str) -> str:
    """Mark a Chinese source text for extraction; it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class Text:
    """A translatable sentence with its values: translated and filled only where somebody reads it."""

    template: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.values) if self.values else self.template


@dataclass(frozen=True)
class Bilingual(Text):
    """A finished sentence that data bring along in both languages (a rule book's words): no catalogue translates it."""

    en: str = ""

    def __str__(self) -> str:
        return self.template
