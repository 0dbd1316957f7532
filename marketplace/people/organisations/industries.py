"""Industry codes: a section's letter and two digits of GB/T 4754-2017, like C39."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from marketplace.base.errors import Refusal
from marketplace.base.text import N_

INDUSTRIAL = ("B", "C", "D")
"""Sections that the notice and 工信部联企业〔2011〕300号 mean by 工业."""


@cache
def divisions() -> dict[str, tuple[str, str]]:
    """Every known division: code → (Chinese name, English name), in the order of the standard."""
    data = tomllib.loads((Path(__file__).parent / "industries.toml").read_text(encoding="utf-8"))
    return {section + number: (names[0], names[1]) for section, part in data.items() for number, names in part.items()}


def check(text: str) -> str:
    """The code in normal form, or a refusal (`industry.unknown`). ``39`` and ``C3911`` are read too."""
    bare = text.strip().upper()
    code = bare[:3] if bare[:1].isalpha() else next((c for c in divisions() if c[1:] == bare[:2]), "")
    if code not in divisions():
        raise Refusal("industry.unknown", N_("请从列表中选择行业。"), field="industry")
    return code


def is_industrial(code: str) -> bool:
    """Whether a division belongs to industry (工业)."""
    return code[:1] in INDUSTRIAL


def name_of(code: str, language: str = "zh") -> str:
    """A division's name in a language; the code itself when it is unknown."""
    names = divisions().get(code)
    return code if names is None else names[1 if language == "en" else 0]
