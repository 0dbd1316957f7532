"""An uploaded invoice read: XML, OFD, PDF, a photograph of its QR code, or the payload of the code itself.

Nothing is trusted, only compared. Read before the act: opening a stranger's file takes time, and an act holds locks.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, replace
from typing import BinaryIO

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.record.documents import actions as documents
from vouchers.invoices import apart, einvoice, ofd, page
from vouchers.invoices.said import Said, day, fen

_NUMBER = re.compile(r"[0-9]{20}")


@dataclass(frozen=True)
class Read:
    """A file with what it says of itself; None: nothing, or nothing that could be read."""

    sha256: str
    said: Said | None


def qr(payload: str) -> Said:
    """The QR of a fully digitalised invoice: ``01,32,,<number>,<gross>,<YYYYMMDD>,,<crc>``. Refuses `invoice.qr`."""
    parts = [part.strip() for part in payload.strip().rstrip(",").split(",")]
    number = parts[3] if len(parts) >= 6 else ""
    if parts[0] != "01" or not _NUMBER.fullmatch(number):
        raise Refusal("invoice.qr", N_("二维码内容不是数电发票的格式。"), clause="四(二)", field="qr")
    gross = fen(parts[4])
    return Said(number=number, gross_fen=gross, issued_on=day(parts[5]), red=gross is not None and gross < 0)


def document(ctx: Context, document_id: uuid.UUID) -> Read:
    """An uploaded file that this person may read. Refuses `invoice.several_in_file`."""
    row, content = documents.open_file(ctx, document_id, N_("识读发票文件"))
    with content:
        return Read(row.sha256, file(content, row.media_type))


def photograph(content: BinaryIO) -> str | None:
    """The payload of the invoice's QR code on a PNG or JPEG; None for any other file. Refuses ``invoice.no_code``."""
    content.seek(0)
    if not content.read(8).startswith((b"\x89PNG", b"\xff\xd8\xff")):
        content.seek(0)
        return None
    content.seek(0)
    for code in apart.look(content.read(apart.MAX_BYTES + 1)).codes:
        try:
            qr(code)
        except Refusal:
            continue
        return code
    raise Refusal(
        "invoice.no_code", N_("图片中没有读到数电发票的二维码，请重拍，或直接填写。"), clause="四(二)", field="document"
    )


def file(content: BinaryIO, media_type: str) -> Said | None:
    """What a file says; None for one that says nothing. Refuses `invoice.several_in_file`."""
    content.seek(0)
    if media_type == "application/xml":
        return einvoice.read(content)
    if media_type == "application/ofd":
        return ofd.read(content)
    if media_type in ("application/pdf", "image/png", "image/jpeg"):
        return _seen(apart.look(content.read(apart.MAX_BYTES + 1)))
    return None


def _seen(seen: apart.Seen) -> Said | None:
    """A page with its QR code: the code goes before the words, which are read by position."""
    said = page.read(seen.text, seen.info)
    for code in seen.codes:
        try:
            printed = qr(code)
        except Refusal:  # another code than the invoice's
            continue
        if said is None:
            return printed
        known = {name: value for name, value in vars(printed).items() if value is not None and name != "guessed"}
        return replace(said, **known | {"red": said.red or printed.red})
    return said
