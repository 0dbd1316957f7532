"""How a key of a rule book is declared: its kind by annotation, its meaning in both languages beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NewType

Fen = NewType("Fen", int)
"""An amount; a book writes it as a string of yuan: ``"10000000.00"``."""
Bps = NewType("Bps", int)
"""A share in ten-thousandths: 7000 is 70 %."""
Clause = NewType("Clause", str)
"""Where the policy says it: ``四(二)``."""
Template = NewType("Template", str)
"""A sentence with named places: ``{actual}``."""
Moment = date | datetime
"""A day, or a day with the time of day as the clock on the wall shows it."""

NONE: Mapping[str, Any] = MappingProxyType({})
"""What a policy has no entries of."""


def key(
    zh: str,
    en: str,
    *,
    default: Any = MISSING,
    choice: tuple[str, ...] = (),
    code: bool = False,
    made: bool = False,
    ground: str = "clause",
) -> Any:
    """A key: what it is called in Chinese, what it means in English.

    `default` stands where a book does not have it; `choice` are the words it may be; `code` says that it is the name of
    its own table; `made` that no book writes it; `ground` is the key beside it that holds its clause.
    """
    metadata = {"zh": zh, "en": en, "choice": choice, "key": code, "made": made, "ground": ground}
    if default is NONE:  # a mapping cannot be a default itself
        return field(default_factory=lambda: NONE, metadata=metadata)
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


def meaning(entry: Field[Any]) -> tuple[str, str]:
    """What a key is called in Chinese, and what it means in English."""
    return entry.metadata["zh"], entry.metadata["en"]
