"""An e-invoice as a page: the words of a PDF's text layer, and the values in its description.

A page has no structure; what is read by position fills the form, and is compared with that in mind (`Said.guessed`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from marketplace.base import uscc
from vouchers.invoices import einvoice
from vouchers.invoices.said import RED, Said, gather

_NUMBER = re.compile(r"(?<!\d)\d{20}(?!\d)")
_LABELLED = re.compile(r"发票号码\s*[:：]?\s*(\d{20})(?!\d)")
_DATE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_GROSS = re.compile(r"小写\s*\)?\s*[:：]?\s*¥?\s*(-?[\d,]+\.\d{2})")
_SUM = re.compile(r"合\s*计\s*¥?\s*(-?[\d,]+\.\d{2})\s*¥?\s*(-?[\d,]+\.\d{2})")
_CODE = re.compile(r"(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Z])")


def read(text: str, info: Mapping[str, str]) -> Said | None:
    """The values of a page; `info` are the named values of the PDF's description, which go before its words."""
    found: dict[str, list[str]] = {}
    for key, value in info.items():
        name = einvoice.FIELDS.get(key.lstrip("/").casefold())
        if name is not None:
            found.setdefault(name, []).append(value)
    words = unicodedata.normalize("NFKC", text).replace("￥", "¥")
    read_off = _words(words)
    made, remarks = found.pop("made_on", []), found.pop("remark", [])
    if made and "issued_on" not in found:
        found["issued_on"] = made
    for name, values in read_off.items():
        if not found.get(name):
            found[name] = values
    red = RED.search(words) is not None or any(RED.search(remark) for remark in remarks)
    return gather(found, red=red, guessed=True)


def _words(words: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"number": _numbers(words)}
    if match := _DATE.search(words):
        found["issued_on"] = ["-".join(match.groups())]
    if match := _GROSS.search(words):
        found["gross_fen"] = [match[1]]
    if match := _SUM.search(words):
        found["net_fen"], found["tax_fen"] = [match[1]], [match[2]]
    codes = [code for code in dict.fromkeys(_CODE.findall(words)) if uscc.is_valid(code)]
    if len(codes) == 2:  # the buyer stands on the left
        found["buyer_uscc"], found["seller_uscc"] = [codes[0]], [codes[1]]
    return found


def _numbers(words: str) -> list[str]:
    """What stands behind the label; without a label the one number of twenty digits, which an account may have too."""
    labelled, bare = (list(dict.fromkeys(pattern.findall(words))) for pattern in (_LABELLED, _NUMBER))
    if RED.search(words):
        return (labelled or bare)[:1]  # a red-letter invoice names the blue one too
    return labelled or (bare if len(bare) == 1 else [])
