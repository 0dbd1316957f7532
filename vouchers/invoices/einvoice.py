"""An e-invoice as XML. Four families of tags are known; none of them is confirmed by a schema of the tax authority.

- `EInvoice` of the tax bureau's platform, whose day of invoice is RequestTime (IssueTime is when the file was made);
- Chinese tags; pinyin tags (FPHM, KPRQ …), in whichever case;
- `fp:eInvoice` of an OFD (InvoiceNo, TaxInclusiveTotalAmount …).

What holds against hostile files: no document type, so no entity of any kind; bounds on bytes, elements and depth;
the tree is thrown away while it is read.
"""

from __future__ import annotations

from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from vouchers.invoices.said import MAX_TEXT, RED, Said, gather

MAX_BYTES = 8 * 1024 * 1024
MAX_ELEMENTS = 100_000
MAX_DEPTH = 50
_TAGS = {
    "number": ("InvoiceNumber", "FPHM", "发票号码", "数电发票号码", "InvoiceNo"),
    "net_fen": ("TotalAmWithoutTax", "HJJE", "合计金额", "不含税金额", "TaxExclusiveTotalAmount", "AmountWithoutTax"),
    "tax_fen": ("TotalTaxAm", "HJSE", "合计税额", "TaxTotalAmount", "TotalTaxAmount"),
    "gross_fen": ("TotalTax-includedAmount", "JSHJ", "价税合计", "价税合计小写", "TaxInclusiveTotalAmount"),
    "seller_uscc": ("SellerIdNum", "XSFNSRSBH", "销售方纳税人识别号", "销售方统一社会信用代码", "SellerTaxID"),
    "buyer_uscc": ("BuyerIdNum", "GMFNSRSBH", "购买方纳税人识别号", "购买方统一社会信用代码", "BuyerTaxID"),
    "issued_on": ("RequestTime", "KPRQ", "开票日期", "IssueDate", "InvoiceDate"),
    "made_on": ("IssueTime",),
    "remark": ("Remark", "BZ", "备注", "Note"),
}
FIELDS = {tag.casefold(): name for name, tags in _TAGS.items() for tag in tags}
"""Tag without its namespace, in lower case → what it says. TotaltaxIncludedAmount is of a line, and is not here."""


class _Bounded:
    """A stream that ends with an error behind so many bytes: what a ZIP says of a member's size may be a lie."""

    def __init__(self, content: Any):
        self.content, self.left = content, MAX_BYTES

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.content.read(min(65_536, size) if size > 0 else 65_536)
        self.left -= len(data)
        if self.left < 0:
            raise ValueError("too long for an invoice")
        return data


def read(content: Any) -> Said | None:
    """The values of an invoice's XML; None when it is no invoice, damaged, or beyond a bound.

    Refuses ``invoice.several_in_file``.
    """
    found: dict[str, list[str]] = {name: [] for name in _TAGS}
    depth = count = 0
    try:
        for event, element in iterparse(_Bounded(content), events=("start", "end"), forbid_dtd=True):
            if event == "start":
                depth, count = depth + 1, count + 1
                if depth > MAX_DEPTH or count > MAX_ELEMENTS:
                    return None
                continue
            depth -= 1
            name = FIELDS.get(element.tag.rpartition("}")[2].casefold())
            if name is not None and element.text and element.text.strip() and len(found[name]) < 100:
                found[name].append(element.text.strip()[:MAX_TEXT])
            element.clear()
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    made, remarks = found.pop("made_on"), found.pop("remark")
    found["issued_on"] = found["issued_on"] or made
    return gather(found, red=any(RED.search(text) for text in remarks))
