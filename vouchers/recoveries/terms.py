"""How long a recovery takes: data, in ``terms.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("terms.toml")


@dataclass(frozen=True)
class Terms:
    """Working days to answer, and to pay back what is demanded."""

    answer_days: int
    payment_days: int


@cache
def terms() -> Terms:
    """The terms in force. Raises ValueError for a value that is no whole number above zero."""
    values = tomllib.loads(FILE.read_text(encoding="utf-8"))
    for name, value in values.items():
        if type(value) is not int or value <= 0:
            raise ValueError(f"{name} must be a whole number above zero")
    return Terms(**values)
