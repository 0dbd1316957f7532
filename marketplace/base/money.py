"""Money: integer fen inside, yuan at the edges, never a float."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from marketplace.base.errors import Refusal
from marketplace.base.text import N_

CURRENCY = "CNY"
MAX_FEN = 10**15
"""Ten trillion yuan: no amount of this programme comes near, and sums still fit 64 bits."""

_AMOUNT = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d{1,2}))?")


@dataclass(frozen=True)
class Yuan:
    """An amount in a message: carries fen, is shown as yuan in the reader's language."""

    fen: int

    def __str__(self) -> str:
        return f"¥{plain(self.fen, grouped=True)}"

    def __format__(self, spec: str) -> str:
        return str(self)


def plain(fen: int, *, grouped: bool = False) -> str:
    """Fen as a decimal string of yuan with two places: 123450 gives ``1234.50``."""
    sign, value = ("-", -fen) if fen < 0 else ("", fen)
    whole = f"{value // 100:,}" if grouped else str(value // 100)
    return f"{sign}{whole}.{value % 100:02d}"


def parse(text: str, *, field: str | None = None) -> int:
    """Fen from what a person or a program wrote in yuan: ``1,234.50``, ``¥1234.5``, ``1234.5元``.

    Refuses signs, exponents, wrong grouping, more than two decimals and amounts beyond `MAX_FEN`.
    """
    bare = unicodedata.normalize("NFKC", str(text)).strip().removeprefix("¥").removesuffix("元").strip()
    match = _AMOUNT.fullmatch(bare)
    if match is None or len(bare) > 24:
        raise Refusal("money.malformed", N_("“{value}”不是有效金额，请填写如 1234.50。"), field=field, value=text[:40])
    fen = int(Decimal(bare.replace(",", "")) * 100)
    if fen > MAX_FEN:
        raise Refusal("money.too_large", N_("金额超出系统上限。"), field=field)
    return fen


def share(amount: int, bps: int) -> int:
    """`bps` ten-thousandths of an amount in fen, rounded down to the fen."""
    return amount * bps // 10_000


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` fen over lines in proportion to `weights`: largest remainder, ties to the earlier line."""
    whole = sum(weights)
    if whole <= 0:
        raise ValueError("nothing to spread over")
    parts = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def in_words(fen: int) -> str:
    """The amount in Chinese capital numerals, as on a payment order: 10050 gives 壹佰元伍角整."""
    if fen < 0:
        return "负" + in_words(-fen)
    yuan, jiao, rest = fen // 100, fen // 10 % 10, fen % 10
    words = (_whole(yuan) + "元") if yuan else ""
    if not jiao and not rest:
        return (words or "零元") + "整"
    if jiao:
        words += _DIGITS[jiao] + "角"
    elif words:
        words += "零"
    return words + (_DIGITS[rest] + "分" if rest else "整")


def _whole(number: int) -> str:
    groups = []
    while number:
        groups.append(number % 10_000)
        number //= 10_000
    words = ""
    gap = False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if group == 0:
            gap = bool(words)
            continue
        if words and (gap or group < 1000):
            words += "零"
        words += _thousand(group) + _GROUPS[index]
        gap = False
    return words


def _thousand(group: int) -> str:
    words, zero = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit == 0:
            zero = bool(words)
            continue
        words += ("零" if zero else "") + _DIGITS[digit] + _UNITS[place]
        zero = False
    return words
