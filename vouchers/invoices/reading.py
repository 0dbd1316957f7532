"""What an e-invoice says of itself: its QR payload, its XML, the XML inside an OFD. Nothing is trusted, only compared.

Three dialects of XML are known (tax bureau, Chinese tags, pinyin tags). A PDF is kept, not read.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from marketplace.base.errors import Refusal
from marketplace.base.money import parse
from marketplace.base.text import N_

MAX_XML = 8 * 1024 * 1024
_TAGS = {
    "number": ("InvoiceNumber", "FPHM", "发票号码"),
    "net_fen": ("TotalAmWithoutTax", "HJJE", "合计金额"),
    "tax_fen": ("TotalTaxAm", "HJSE", "合计税额"),
    "gross_fen": ("TotalTax-includedAmount", "JSHJ", "价税合计"),
    "seller_uscc": ("SellerIdNum", "XSFNSRSBH", "销售方纳税人识别号", "销售方统一社会信用代码"),
    "buyer_uscc": ("BuyerIdNum", "GMFNSRSBH", "购买方纳税人识别号", "购买方统一社会信用代码"),
    "issued_on": ("RequestTime", "KPRQ", "开票日期"),
}
_FIELDS = {tag: name for name, tags in _TAGS.items() for tag in tags}
_DAY = re.compile(r"(\d{4})\D?(\d{2})\D?(\d{2})")


@dataclass(frozen=True)
class Said:
    """What an invoice says of itself; None where it says nothing. Amounts in fen."""

    number: str | None = None
    issued_on: date | None = None
    net_fen: int | None = None
    tax_fen: int | None = None
    gross_fen: int | None = None
    seller_uscc: str | None = None
    buyer_uscc: str | None = None


def qr(payload: str) -> Said:
    """The QR of a fully digitalised invoice: ``01,32,,<number>,<gross>,<YYYYMMDD>,,<crc>``. Refuses `invoice.qr`."""
    parts = [part.strip() for part in payload.strip().rstrip(",").split(",")]
    number = parts[3] if len(parts) >= 6 else ""
    if parts[0] != "01" or not re.fullmatch(r"[0-9]{20}", number):
        raise Refusal("invoice.qr", N_("二维码内容不是数电发票的格式。"), clause="四(二)", field="qr")
    return Said(number=number, gross_fen=_fen(parts[4]), issued_on=_day(parts[5]))


def file(content: BinaryIO, media_type: str) -> Said | None:
    """An uploaded invoice read: XML or OFD; None for a picture, a PDF, or an XML of another kind.

    Refuses `invoice.several_in_file` when one file holds several invoices.
    """
    content.seek(0)
    if media_type == "application/xml":
        return xml(content)
    if media_type == "application/ofd":
        return _ofd(content)
    return None


def _ofd(content: BinaryIO) -> Said | None:
    try:
        with zipfile.ZipFile(content) as archive:
            for member in archive.infolist():
                if member.filename.endswith("original_invoice.xml") and member.file_size <= MAX_XML:
                    with archive.open(member) as inner:
                        return xml(inner)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    return None


def xml(content: Any) -> Said | None:
    """The values of an invoice's XML, whichever of the dialects it is written in."""
    found: dict[str, list[str]] = {name: [] for name in _TAGS}
    try:
        for _, element in iterparse(content, events=("end",), forbid_dtd=True):
            name = _FIELDS.get(element.tag.rpartition("}")[2])
            if name is not None and element.text and element.text.strip():
                found[name].append(element.text.strip())
            element.clear()
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    if not found["number"]:
        return None
    if len(set(found["number"])) > 1:
        raise Refusal(
            "invoice.several_in_file", N_("文件中有多张发票，请逐张上传。"), clause="四(二)", field="document"
        )
    return Said(
        number=_first(found["number"]),
        issued_on=_day(_first(found["issued_on"]) or ""),
        net_fen=_fen(_first(found["net_fen"])),
        tax_fen=_fen(_first(found["tax_fen"])),
        gross_fen=_fen(_first(found["gross_fen"])),
        seller_uscc=_first(found["seller_uscc"]),
        buyer_uscc=_first(found["buyer_uscc"]),
    )


def _first(texts: Iterable[str]) -> str | None:
    return next(iter(texts), None)


def _fen(text: str | None) -> int | None:
    """Fen of a printed amount, negative for a red-letter invoice; None when it is no amount."""
    if text is None:
        return None
    try:
        return -parse(text[1:]) if text.startswith("-") else parse(text)
    except Refusal:
        return None


def _day(text: str) -> date | None:
    match = _DAY.match(text)
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None
