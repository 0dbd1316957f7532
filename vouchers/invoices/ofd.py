"""An e-invoice as OFD: a ZIP of XML. Either an invoice's XML is attached, or the package names its values itself.

Bounds hold on members and on bytes that are really unpacked, whatever the archive says of them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import BinaryIO
from zlib import error as ZlibError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from vouchers.invoices import einvoice
from vouchers.invoices.said import Said, gather

MAX_MEMBERS = 1_000
MAX_ATTACHED = 8
"""Attachments that are tried; an invoice has one."""
MAX_INDEX = 1024 * 1024
_ATTACHED = ("/attach", "/attachs", "/attachments", "/other")


def read(content: BinaryIO) -> Said | None:
    """The values of an OFD invoice; None when there are none to be read. Refuses ``invoice.several_in_file``."""
    try:
        with zipfile.ZipFile(content) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS or any(member.flag_bits & 1 for member in members):
                return None
            for member in _attached(members):
                with archive.open(member) as inner:
                    said = einvoice.read(inner)
                if said is not None:
                    return said
            return _named(archive)
    except (zipfile.BadZipFile, ZlibError, OSError, ValueError, EOFError, NotImplementedError, KeyError):
        return None


def _attached(members: list[zipfile.ZipInfo]) -> Iterator[zipfile.ZipInfo]:
    """The XML files in a folder of attachments, the one that is usually called so first."""
    wanted = [
        member
        for member in members
        if member.filename.lower().endswith(".xml")
        and (
            member.filename.endswith("original_invoice.xml")
            or any(folder in f"/{member.filename.lower()}".rpartition("/")[0] for folder in _ATTACHED)
        )
        and member.file_size <= einvoice.MAX_BYTES
    ]
    wanted.sort(key=lambda member: not member.filename.endswith("original_invoice.xml"))
    return iter(wanted[:MAX_ATTACHED])


def _named(archive: zipfile.ZipFile) -> Said | None:
    """`OFD.xml` names values itself: ``<ofd:CustomData Name="发票号码">…``."""
    with archive.open("OFD.xml") as index:
        data = index.read(MAX_INDEX + 1)
    if len(data) > MAX_INDEX:
        return None
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError):
        return None
    found: dict[str, list[str]] = {}
    for element in root.iter():
        name = einvoice.FIELDS.get((element.get("Name") or "").casefold())
        if name is not None and element.tag.rpartition("}")[2] == "CustomData" and element.text:
            found.setdefault(name, []).append(element.text)
    found.pop("remark", None)
    return gather(found)
