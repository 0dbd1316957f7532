"""The thresholds of the rules: data, in ``limits.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

FILE = Path(__file__).with_name("limits.toml")


@cache
def every() -> Mapping[str, Mapping[str, int]]:
    """The thresholds by rule and name. Raises ValueError for a value that is no whole number above zero."""
    found: dict[str, Mapping[str, int]] = {}
    for rule, values in tomllib.loads(FILE.read_text(encoding="utf-8")).items():
        for name, value in values.items():
            if type(value) is not int or value <= 0:
                raise ValueError(f"{rule}.{name} must be a whole number above zero")
        found[rule] = MappingProxyType(values)
    return MappingProxyType(found)


def of(rule: str) -> Mapping[str, int]:
    """The thresholds of one rule by name; nothing for a rule without."""
    return every().get(rule, MappingProxyType({}))
