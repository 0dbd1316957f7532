"""Names of things: UUIDv7 for rows that people see, Crockford base32 with a check symbol for spoken numbers."""

from __future__ import annotations

import secrets
import uuid

import uuid_utils

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
_DOUBLED = [value << 1 ^ 0b100101 * (value >> 4) for value in range(32)]
"""Each value times the primitive element of GF(32), x^5 = x^2 + 1."""
_CONFUSED = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def new_id() -> uuid.UUID:
    """A UUIDv7: unique, and ordered by the time of its making."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)


def random_number(symbols: int = 15) -> str:
    """`symbols` random Crockford characters and one check character: 75 random bits by default."""
    bits = secrets.randbits(5 * symbols)
    body = "".join([ALPHABET[bits >> 5 * place & 31] for place in range(symbols)])
    return body + check_symbol(body)


def check_symbol(body: str) -> str:
    """A check from the same 32 symbols, so that every keypad has it.

    The body is a polynomial over GF(32), evaluated at a primitive element: any single wrong symbol and any two
    swapped symbols of a number shorter than 31 are found.
    """
    value = 0
    for symbol in body:
        value = _DOUBLED[value ^ _VALUES[symbol]]
    return ALPHABET[value]


def normal_number(text: str) -> str | None:
    """The bare number typed by a person, or None when its check symbol does not fit."""
    bare = text.strip().upper().translate(_CONFUSED)
    if len(bare) < 2 or any(symbol not in ALPHABET for symbol in bare) or check_symbol(bare[:-1]) != bare[-1]:
        return None
    return bare


def spoken(number: str, group: int = 4) -> str:
    """The number in groups of four, as printed on a voucher."""
    return "-".join(number[i : i + group] for i in range(0, len(number), group))
