"""What an invoice says of itself, whichever file it came in. Nothing of it is trusted, only compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from marketplace.base.errors import Refusal
from marketplace.base.money import parse
from marketplace.base.text import N_

MAX_TEXT = 400
"""Characters of one value that are looked at; no field of an invoice is longer."""
_DAY = re.compile(r"(\d{4})\D{0,2}(\d{1,2})\D{0,2}(\d{1,2})")
RED = re.compile(r"被红冲蓝字|红字发票信息确认单|销项负数")
"""What a red-letter invoice says in its remarks."""


@dataclass(frozen=True)
class Said:
    """Values as printed; None where nothing is said. Amounts in fen, negative on a red-letter invoice.

    `guessed`: read off a page by position, so which of two codes is the seller's is a guess.
    """

    number: str | None = None
    issued_on: date | None = None
    net_fen: int | None = None
    tax_fen: int | None = None
    gross_fen: int | None = None
    seller_uscc: str | None = None
    buyer_uscc: str | None = None
    red: bool = False
    guessed: bool = False


def gather(found: Mapping[str, Iterable[str]], *, red: bool = False, guessed: bool = False) -> Said | None:
    """Values by name, as texts, the first of each counting; None without a number.

    Refuses ``invoice.several_in_file`` when there is more than one number.
    """
    texts = {name: [text.strip() for text in values if text.strip()] for name, values in found.items()}
    if not texts.get("number"):
        return None
    if len(set(texts["number"])) > 1:
        raise Refusal(
            "invoice.several_in_file", N_("文件中有多张发票，请逐张上传。"), clause="四(二)", field="document"
        )
    first = {name: values[0][:MAX_TEXT] for name, values in texts.items() if values}
    gross = fen(first.get("gross_fen"))
    return Said(
        number=first["number"],
        issued_on=day(first.get("issued_on", "")),
        net_fen=fen(first.get("net_fen")),
        tax_fen=fen(first.get("tax_fen")),
        gross_fen=gross,
        seller_uscc=first.get("seller_uscc"),
        buyer_uscc=first.get("buyer_uscc"),
        red=red or (gross is not None and gross < 0),
        guessed=guessed,
    )


def fen(text: str | None) -> int | None:
    """Fen of a printed amount, negative for a red-letter invoice; None when it is no amount."""
    if text is None:
        return None
    bare = text.replace("−", "-").replace("￥", "¥").replace("¥-", "-").strip()
    try:
        return -parse(bare[1:]) if bare.startswith("-") else parse(bare)
    except Refusal:
        return None


def day(text: str) -> date | None:
    """A printed day: 20240514, 2024-05-14, 2024年5月14日; None when it is none."""
    match = _DAY.match(text)
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None
