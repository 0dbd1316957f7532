"""Whether a code is a unified social credit code, told by length, alphabet and 18th character alone (GB 32100-2015)."""

from __future__ import annotations

from functools import lru_cache

from marketplace.policy.engine.rows import folded

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_PLACES = {character: place for place, character in enumerate(_ALPHABET)}
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


@lru_cache(maxsize=65_536)
def fits(text: str) -> bool:
    """True for 18 characters of the alphabet whose last one is the check character of the others."""
    code = folded(text).upper()
    if len(code) != len(_WEIGHTS) + 1 or any(character not in _PLACES for character in code):
        return False
    total = sum(_PLACES[character] * weight for character, weight in zip(code, _WEIGHTS, strict=False))
    return _PLACES[code[-1]] == -total % len(_ALPHABET)
